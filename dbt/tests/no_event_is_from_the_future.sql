{{ config(tags=['warning'], severity='warn') }}

select
    event_id,
    occurred_at
from {{ ref('stg_gym_events') }}
where occurred_at > dateadd(day, 1, loaded_at)
