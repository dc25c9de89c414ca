with

block_groups as (
    select * from {{ ref('int_block_group_cells') }}
),

nearby as (
    select * from {{ ref('int_block_group_gyms_nearby') }}
),

far as (
    select * from {{ ref('int_block_group_gyms_far') }}
),

final as (
    select
        block_groups.census_block_group,
        coalesce(nearby.nearest_gym_id, far.nearest_gym_id) as nearest_gym_id,
        coalesce(
            nearby.nearest_gym_distance_miles, far.nearest_gym_distance_miles
        ) as nearest_gym_distance_miles,
        coalesce(nearby.gyms_within_1_mile, 0) as gyms_within_1_mile,
        coalesce(nearby.gyms_within_5_miles, 0) as gyms_within_5_miles,
        coalesce(nearby.gyms_within_10_miles, 0) as gyms_within_10_miles
    from block_groups
    left join nearby on block_groups.census_block_group = nearby.census_block_group
    left join far on block_groups.census_block_group = far.census_block_group
)

select * from final
