with

events as (
    select * from {{ ref('stg_gym_events') }}
),

final as (
    select
        gym_id,
        count(case when event_type = 'check_in' then 1 end) as check_ins,
        count(case when event_type = 'class_booking' then 1 end) as class_bookings,
        count(distinct member_hash) as members_seen,
        avg(visit_minutes) as average_visit_minutes,
        max(occurred_at) as last_event_at
    from events
    group by gym_id
)

select * from final
