{#
    Where a model is built. On the platform (target `prod`) each layer has its schema; a personal
    target and a pull request's write everything into the one schema that is theirs.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if target.name != 'prod' or custom_schema_name is none -%}
        {{ target.schema | trim | upper }}
    {%- else -%}
        {{ custom_schema_name | trim | upper }}
    {%- endif -%}
{%- endmacro %}
