{{ config(materialized='table') }}

with

remote as (
    select * from {{ ref('int_remote_block_groups') }}
),

candidates as (
    select * from {{ ref('int_remote_cell_pairs') }}
),

sites as (
    select * from {{ ref('int_gym_sites') }}
),

distances as (
    select
        remote.census_block_group,
        sites.gym_id,
        {{ distance_miles(
            'remote.latitude', 'remote.longitude', 'sites.latitude', 'sites.longitude'
        ) }} as distance_miles
    from remote
    inner join candidates
        on remote.cell_row = candidates.cell_row
        and remote.cell_column = candidates.cell_column
    inner join sites
        on candidates.site_row = sites.cell_row
        and candidates.site_column = sites.cell_column
),

final as (
    select
        census_block_group,
        min_by(gym_id, distance_miles) as nearest_gym_id,
        min(distance_miles) as nearest_gym_distance_miles
    from distances
    group by census_block_group
)

select * from final
