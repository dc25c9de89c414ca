{{ config(materialized='table', transient=false, copy_grants=true, secure=false, contract={'enforced': true}, query_tag='hello') }}
select id::int as id, customer::varchar as customer from {{ ref('eph') }}
