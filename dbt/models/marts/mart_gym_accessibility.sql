{{ config(
    materialized='table',
    cluster_by=['state', 'county', 'opportunity_tier'],
    row_access_policy=rows_by('BY_STATE', 'state')
) }}

with

block_groups as (
    select * from {{ ref('stg_census_demographics') }}
),

access as (
    select * from {{ ref('int_block_group_gym_access') }}
),

demand as (
    select * from {{ ref('int_block_group_demand') }}
),

gyms as (
    select * from {{ ref('stg_gyms') }}
),

activity as (
    select * from {{ ref('int_gym_activity') }}
),

scored as (
    select
        block_groups.census_block_group,
        coalesce(access.gyms_within_1_mile, 0) as gyms_within_1_mile,
        coalesce(access.gyms_within_5_miles, 0) as gyms_within_5_miles,
        coalesce(access.gyms_within_10_miles, 0) as gyms_within_10_miles,
        coalesce(demand.demand_score, 0) as demand_score,
        round(
            50 * least(coalesce(access.gyms_within_1_mile, 0) / 3, 1)
            + 30 * least(coalesce(access.gyms_within_5_miles, 0) / 15, 1)
            + 20 * least(coalesce(access.gyms_within_10_miles, 0) / 40, 1), 1
        ) as access_score
    from block_groups
    left join access on block_groups.census_block_group = access.census_block_group
    left join demand on block_groups.census_block_group = demand.census_block_group
),

weighed as (
    select
        *,
        round(demand_score * (1 - access_score / 100), 1) as opportunity_score
    from scored
),

final as (
    select
        block_groups.census_block_group,
        block_groups.state,
        block_groups.county,
        block_groups.county_fips,
        block_groups.latitude,
        block_groups.longitude,
        block_groups.population,
        block_groups.households,
        coalesce(demand.adults_18_to_54, 0) as adults_18_to_54,
        round(demand.residents_per_sq_mile, 1) as residents_per_sq_mile,
        block_groups.median_age,
        block_groups.median_household_income_usd,
        access.nearest_gym_id,
        gyms.gym_name as nearest_gym_name,
        gyms.brand as nearest_gym_brand,
        gyms.monthly_price_usd as nearest_gym_monthly_price_usd,
        coalesce(activity.check_ins, 0) as nearest_gym_check_ins,
        round(access.nearest_gym_distance_miles, 4) as nearest_gym_distance_miles,
        weighed.gyms_within_1_mile,
        weighed.gyms_within_5_miles,
        weighed.gyms_within_10_miles,
        weighed.demand_score,
        weighed.access_score,
        weighed.opportunity_score,
        case
            when block_groups.population = 0 then 'none'
            when weighed.opportunity_score >= 40 then 'high'
            when weighed.opportunity_score >= 20 then 'medium'
            else 'low'
        end as opportunity_tier,
        block_groups.survey_year,
        block_groups.updated_at
    from block_groups
    inner join weighed on block_groups.census_block_group = weighed.census_block_group
    left join access on block_groups.census_block_group = access.census_block_group
    left join demand on block_groups.census_block_group = demand.census_block_group
    left join gyms on access.nearest_gym_id = gyms.gym_id
    left join activity on access.nearest_gym_id = activity.gym_id
)

select * from final
