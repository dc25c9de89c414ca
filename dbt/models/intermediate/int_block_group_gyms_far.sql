{#
    The nearest gym of block groups that have none nearby. Both sides are gathered into coarse
    cells; a pair of cells is searched only if it could hold a nearer pair of points than the best
    pair of cells surely does. So the result is exact, and the work grows with the number of cells.
#}
{{ config(materialized='table') }}

{% set cell = var('far_cell_degrees') %}

with

block_groups as (
    select * from {{ ref('int_block_group_cells') }}
),

nearby as (
    select * from {{ ref('int_block_group_gyms_nearby') }}
),

sites as (
    select * from {{ ref('int_gym_sites') }}
),

remote as (
    select
        block_groups.census_block_group,
        block_groups.latitude,
        block_groups.longitude,
        floor((block_groups.latitude + 90) / {{ cell }}) as cell_row,
        floor((block_groups.longitude + 180) / {{ cell }}) as cell_column
    from block_groups
    left join nearby on block_groups.census_block_group = nearby.census_block_group
    where nearby.census_block_group is null
),

located_sites as (
    select
        gym_id,
        latitude,
        longitude,
        floor((latitude + 90) / {{ cell }}) as cell_row,
        floor((longitude + 180) / {{ cell }}) as cell_column
    from sites
),

remote_centres as (
    select
        cell_row,
        cell_column,
        avg(latitude) as latitude,
        avg(longitude) as longitude
    from remote
    group by cell_row, cell_column
),

site_centres as (
    select
        cell_row,
        cell_column,
        avg(latitude) as latitude,
        avg(longitude) as longitude
    from located_sites
    group by cell_row, cell_column
),

remote_cells as (
    select
        centres.cell_row,
        centres.cell_column,
        centres.latitude,
        centres.longitude,
        max({{ distance_miles(
            'centres.latitude', 'centres.longitude', 'remote.latitude', 'remote.longitude'
        ) }}) as radius_miles
    from remote_centres as centres
    inner join remote
        on centres.cell_row = remote.cell_row
        and centres.cell_column = remote.cell_column
    group by centres.cell_row, centres.cell_column, centres.latitude, centres.longitude
),

site_cells as (
    select
        centres.cell_row,
        centres.cell_column,
        centres.latitude,
        centres.longitude,
        max({{ distance_miles(
            'centres.latitude', 'centres.longitude', 'sites.latitude', 'sites.longitude'
        ) }}) as radius_miles
    from site_centres as centres
    inner join located_sites as sites
        on centres.cell_row = sites.cell_row
        and centres.cell_column = sites.cell_column
    group by centres.cell_row, centres.cell_column, centres.latitude, centres.longitude
),

cell_pairs as (
    select
        remote_cells.cell_row,
        remote_cells.cell_column,
        site_cells.cell_row as site_row,
        site_cells.cell_column as site_column,
        remote_cells.radius_miles + site_cells.radius_miles as slack_miles,
        {{ distance_miles(
            'remote_cells.latitude', 'remote_cells.longitude',
            'site_cells.latitude', 'site_cells.longitude'
        ) }} as distance_miles
    from remote_cells
    cross join site_cells
),

best_pairs as (
    select
        cell_row,
        cell_column,
        min(distance_miles + slack_miles) as surely_within_miles
    from cell_pairs
    group by cell_row, cell_column
),

candidates as (
    select
        cell_pairs.cell_row,
        cell_pairs.cell_column,
        cell_pairs.site_row,
        cell_pairs.site_column
    from cell_pairs
    inner join best_pairs
        on cell_pairs.cell_row = best_pairs.cell_row
        and cell_pairs.cell_column = best_pairs.cell_column
    where cell_pairs.distance_miles - cell_pairs.slack_miles <= best_pairs.surely_within_miles + 0.001
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
    inner join located_sites as sites
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
