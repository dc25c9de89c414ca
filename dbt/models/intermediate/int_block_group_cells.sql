{{ config(materialized='table') }}

{% set cell = var('near_cell_degrees') %}

with

block_groups as (
    select * from {{ ref('stg_census_demographics') }}
),

banded as (
    select
        census_block_group,
        latitude,
        longitude,
        {{ grid_row('latitude', cell) }} as grid_row
    from block_groups
    where latitude is not null and longitude is not null
),

measured as (
    select
        *,
        {{ grid_columns('grid_row', cell) }} as row_columns
    from banded
),

final as (
    select
        census_block_group,
        latitude,
        longitude,
        grid_row,
        {{ grid_wrapped(grid_column('longitude', 'row_columns'), 'row_columns') }} as grid_column
    from measured
)

select * from final
