{{ config(materialized='incremental', unique_key='id', incremental_strategy='append', on_schema_change='append_new_columns', cluster_by=['id']) }}
select id, customer, amount, ordered_at {% if var('more', false) %}, 1 as extra{% endif %} from {{ ref('stg') }}
{% if is_incremental() %} where ordered_at >= (select max(ordered_at) from {{ this }}) {% endif %}
