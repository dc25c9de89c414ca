{{ config(materialized='view') }}
select id, customer, amount, ordered_at::timestamp_ntz as ordered_at from {{ ref('raw_orders') }}
