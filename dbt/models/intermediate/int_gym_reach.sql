{% set cell = var('near_cell_degrees') %}
{% set radius = var('search_radius_miles') %}

with

sites as (
    select * from {{ ref('int_gym_sites') }}
),

shifts as (
    select column1 as shift from values (0), (1), (2), (3)
),

bands as (
    select
        sites.gym_id,
        sites.latitude,
        sites.longitude,
        sites.gyms,
        sites.grid_row + shifts.shift - 1 as grid_row
    from sites
    inner join shifts on shifts.shift < 3
),

measured as (
    select
        *,
        {{ grid_columns('grid_row', cell) }} as row_columns,
        {{ longitude_reach(
            radius, 'greatest(abs(latitude), ' ~ grid_poleward_latitude('grid_row', cell) ~ ')'
        ) }} as reach_degrees
    from bands
),

spans as (
    select
        *,
        {{ grid_column('(longitude - reach_degrees)', 'row_columns') }} as first_column,
        {{ grid_column('(longitude + reach_degrees)', 'row_columns') }} as last_column
    from measured
),

final as (
    select
        spans.gym_id,
        spans.latitude,
        spans.longitude,
        spans.gyms,
        spans.grid_row,
        {{ grid_wrapped('(spans.first_column + shifts.shift)', 'spans.row_columns') }} as grid_column
    from spans
    inner join shifts
        on spans.last_column >= spans.first_column + shifts.shift
        and spans.row_columns > shifts.shift
)

select * from final
