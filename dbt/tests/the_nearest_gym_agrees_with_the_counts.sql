{{ config(tags=['critical']) }}

select
    census_block_group,
    nearest_gym_distance_miles,
    gyms_within_1_mile,
    gyms_within_5_miles,
    gyms_within_10_miles
from {{ ref('mart_gym_accessibility') }}
where
    (gyms_within_1_mile > 0 and nearest_gym_distance_miles > 1)
    or (gyms_within_1_mile = 0 and nearest_gym_distance_miles < 0.9999)
    or (gyms_within_5_miles = 0 and nearest_gym_distance_miles < 4.9999)
    or (gyms_within_10_miles = 0 and nearest_gym_distance_miles < 9.9999)
