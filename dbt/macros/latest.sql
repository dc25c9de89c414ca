{# Keeps the newest version of each key: by the source's own clock, then by the order of loading. #}
{% macro latest_by(key, changed_at) -%}
    row_number() over (
        partition by {{ key }}
        order by {{ changed_at }} desc, _loaded_at desc, _file_name desc, _file_row desc
    ) = 1
{%- endmacro %}
