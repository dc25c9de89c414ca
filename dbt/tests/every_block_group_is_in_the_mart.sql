{{ config(tags=['critical']) }}

select block_groups.census_block_group
from {{ ref('stg_census_demographics') }} as block_groups
left join {{ ref('mart_gym_accessibility') }} as mart
    on block_groups.census_block_group = mart.census_block_group
where mart.census_block_group is null
