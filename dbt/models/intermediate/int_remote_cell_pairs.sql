{#
    Which coarse cells could hold the nearest gym of the block groups in another. A pair of cells
    stays only if it could hold a nearer pair of points than the best pair of cells surely does. So
    nothing is lost, and the work grows with the number of cells and not with that of the points.
    A thousandth of a mile is added, so that rounding never loses a pair.
#}
{{ config(materialized='table') }}

with

remote as (
    select * from {{ ref('int_remote_block_groups') }}
),

sites as (
    select * from {{ ref('int_gym_sites') }}
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
    from sites
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
    inner join sites
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

final as (
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
)

select * from final
