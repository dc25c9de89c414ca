with

source as (
    select * from {{ source('raw', 'census_demographics') }}
),

final as (
    select
        census_block_group,
        left(census_block_group, 2) as state_fips,
        left(census_block_group, 5) as county_fips,
        state,
        county,
        latitude,
        longitude,
        land_area_sq_miles,
        population,
        households,
        age_under_18,
        age_18_to_34,
        age_35_to_54,
        age_55_and_over,
        median_age,
        median_household_income_usd,
        survey_year,
        updated_at,
        _loaded_at as loaded_at
    from source
    qualify {{ latest_by('census_block_group', 'updated_at') }}
)

select * from final
