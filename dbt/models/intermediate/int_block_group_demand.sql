{#
    How much a block group would use a gym, from 0 to 100: its rank in the country by the number of
    people of 18 to 54 (half), by density (three tenths) and by income (two tenths). A block
    group without an income gets the middle of the ranks.
#}
with

block_groups as (
    select * from {{ ref('stg_census_demographics') }}
),

populated as (
    select
        census_block_group,
        age_18_to_34 + age_35_to_54 as adults_18_to_54,
        population / nullif(land_area_sq_miles, 0) as residents_per_sq_mile,
        median_household_income_usd
    from block_groups
    where population > 0
),

ranked as (
    select
        census_block_group,
        adults_18_to_54,
        residents_per_sq_mile,
        percent_rank() over (order by adults_18_to_54) as adults_rank,
        percent_rank() over (order by coalesce(residents_per_sq_mile, 0)) as density_rank,
        case
            when median_household_income_usd is null then 0.5
            else percent_rank() over (order by coalesce(median_household_income_usd, 0))
        end as income_rank
    from populated
),

final as (
    select
        census_block_group,
        adults_18_to_54,
        residents_per_sq_mile,
        round(100 * (0.5 * adults_rank + 0.3 * density_rank + 0.2 * income_rank), 1) as demand_score
    from ranked
)

select * from final
