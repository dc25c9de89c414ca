{{ config(tags=['warning'], severity='warn') }}

select
    census_block_group,
    population
from {{ ref('stg_census_demographics') }}
where age_under_18 + age_18_to_34 + age_35_to_54 + age_55_and_over != population
