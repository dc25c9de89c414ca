with

source as (
    select * from {{ source('raw', 'gyms') }}
),

final as (
    select
        gym_id,
        gym_name,
        brand,
        street,
        city,
        state,
        zip_code,
        latitude,
        longitude,
        opened_on,
        closed_on,
        closed_on is null as is_open,
        monthly_price_usd,
        amenities,
        updated_at,
        _loaded_at as loaded_at
    from source
    qualify {{ latest_by('gym_id', 'updated_at') }}
)

select * from final
