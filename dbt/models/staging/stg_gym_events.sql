{{ config(materialized='table') }}

with

source as (
    select * from {{ source('raw', 'gym_events') }}
),

flattened as (
    select
        event:event_id::varchar as event_id,
        event:event_type::varchar as event_type,
        event:occurred_at::timestamp_ntz as occurred_at,
        event:gym.id::varchar as gym_id,
        event:gym.geo.lat::float as latitude,
        event:gym.geo.lon::float as longitude,
        event:member.hash::varchar as member_hash,
        event:member.plan::varchar as member_plan,
        event:member.home_zip::varchar as member_home_zip,
        event:device.type::varchar as device_type,
        event:device.os::varchar as device_os,
        event:device.version::varchar as device_version,
        event:class.name::varchar as class_name,
        event:class.capacity::integer as class_capacity,
        event:visit.minutes::integer as visit_minutes,
        _file_name,
        _file_row,
        _loaded_at
    from source
),

final as (
    select
        event_id,
        event_type,
        occurred_at,
        gym_id,
        latitude,
        longitude,
        member_hash,
        member_plan,
        member_home_zip,
        device_type,
        device_os,
        device_version,
        class_name,
        class_capacity,
        visit_minutes,
        _loaded_at as loaded_at
    from flattened
    qualify {{ latest_by('event_id', 'occurred_at') }}
)

select * from final
