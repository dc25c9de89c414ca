{# Great-circle distance in miles; HAVERSINE answers in kilometres. #}
{% macro distance_miles(latitude_a, longitude_a, latitude_b, longitude_b) -%}
    haversine({{ latitude_a }}, {{ longitude_a }}, {{ latitude_b }}, {{ longitude_b }}) / 1.609344
{%- endmacro %}
