{#
    A grid over the globe whose cells are at least `cell` degrees of latitude high and, at their
    narrower edge, as many miles wide as they are high. Rows count from the south pole; the
    number of columns of a row falls towards the poles, and the last column is beside the first.
    Two points that are no further apart than a cell is high are in neighbouring cells.
#}
{% macro grid_row(latitude, cell) -%}
    floor(({{ latitude }} + 90) / {{ cell }})::integer
{%- endmacro %}

{# The latitude, without its sign, of the edge of a row that is nearer to a pole. #}
{% macro grid_poleward_latitude(row, cell) -%}
    least(
        greatest(abs({{ row }} * {{ cell }} - 90), abs(({{ row }} + 1) * {{ cell }} - 90)), 90
    )
{%- endmacro %}

{% macro grid_columns(row, cell) -%}
    greatest(floor(360 * cos(radians({{ grid_poleward_latitude(row, cell) }})) / {{ cell }}), 1)::integer
{%- endmacro %}

{# Not yet wrapped: below 0 or above the last column beyond the date line. #}
{% macro grid_column(longitude, columns) -%}
    floor(({{ longitude }} + 180) / 360 * {{ columns }})::integer
{%- endmacro %}

{% macro grid_wrapped(column, columns) -%}
    mod(mod({{ column }}, {{ columns }}) + {{ columns }}, {{ columns }})
{%- endmacro %}

{#
    By how many degrees of longitude two points at most differ that are within `miles` of each
    other, when neither is further from the equator than `latitude`. A hundredth is added, so that
    rounding never loses a neighbour.
#}
{% macro longitude_reach(miles, latitude) -%}
    degrees(
        2 * asin(least(
            sin({{ miles }} * 1.01 / (2 * 3958.7613)) / greatest(cos(radians({{ latitude }})), 0.000001), 1
        ))
    )
{%- endmacro %}
