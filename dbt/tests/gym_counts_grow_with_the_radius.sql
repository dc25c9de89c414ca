{{ config(tags=['critical']) }}

select
    census_block_group,
    gyms_within_1_mile,
    gyms_within_5_miles,
    gyms_within_10_miles
from {{ ref('mart_gym_accessibility') }}
where
    gyms_within_1_mile < 0
    or gyms_within_1_mile > gyms_within_5_miles
    or gyms_within_5_miles > gyms_within_10_miles
