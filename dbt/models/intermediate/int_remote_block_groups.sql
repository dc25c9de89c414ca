{{ config(materialized='table') }}

{% set cell = var('far_cell_degrees') %}

with

block_groups as (
    select * from {{ ref('int_block_group_cells') }}
),

nearby as (
    select * from {{ ref('int_block_group_gyms_nearby') }}
),

final as (
    select
        block_groups.census_block_group,
        block_groups.latitude,
        block_groups.longitude,
        floor((block_groups.latitude + 90) / {{ cell }})::integer as cell_row,
        floor((block_groups.longitude + 180) / {{ cell }})::integer as cell_column
    from block_groups
    left join nearby on block_groups.census_block_group = nearby.census_block_group
    where nearby.census_block_group is null
)

select * from final
