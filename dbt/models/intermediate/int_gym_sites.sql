{{ config(materialized='table') }}

with

gyms as (
    select * from {{ ref('stg_gyms') }}
),

sites as (
    select
        latitude,
        longitude,
        min(gym_id) as gym_id,
        count(*) as gyms
    from gyms
    where is_open and latitude is not null and longitude is not null
    group by latitude, longitude
),

final as (
    select
        gym_id,
        latitude,
        longitude,
        gyms,
        {{ grid_row('latitude', var('near_cell_degrees')) }} as grid_row,
        floor((latitude + 90) / {{ var('far_cell_degrees') }})::integer as cell_row,
        floor((longitude + 180) / {{ var('far_cell_degrees') }})::integer as cell_column
    from sites
)

select * from final
