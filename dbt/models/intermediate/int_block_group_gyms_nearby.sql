{{ config(materialized='table') }}

with

block_groups as (
    select * from {{ ref('int_block_group_cells') }}
),

reach as (
    select * from {{ ref('int_gym_reach') }}
),

distances as (
    select
        block_groups.census_block_group,
        reach.gym_id,
        reach.gyms,
        {{ distance_miles(
            'block_groups.latitude', 'block_groups.longitude', 'reach.latitude', 'reach.longitude'
        ) }} as distance_miles
    from block_groups
    inner join reach
        on block_groups.grid_row = reach.grid_row
        and block_groups.grid_column = reach.grid_column
),

final as (
    select
        census_block_group,
        min_by(gym_id, distance_miles) as nearest_gym_id,
        min(distance_miles) as nearest_gym_distance_miles,
        sum(case when distance_miles <= 1 then gyms else 0 end) as gyms_within_1_mile,
        sum(case when distance_miles <= 5 then gyms else 0 end) as gyms_within_5_miles,
        sum(gyms) as gyms_within_10_miles
    from distances
    where distance_miles <= {{ var('search_radius_miles') }}
    group by census_block_group
)

select * from final
