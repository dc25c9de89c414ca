{{ config(materialized='view', secure=true, copy_grants=true) }}
select customer, count(*) as n, sum(amount) as total from {{ ref('inc_merge') }} group by all
