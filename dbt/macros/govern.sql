{#
    Tags the columns of what was just built, by what the project says of them: the tag `pii` with
    `meta.pii` (a person, if nothing is said) and `meta.retention_days`. dbt replaces its tables, and a
    tag goes with its column, so this follows every build. The tags are the platform's
    (`environments/base.yaml`); a masking policy hangs on PII. A personal target or a pull request's
    is not tagged: what it reads is masked already.
#}
{% macro govern() -%}
    {%- if target.name == 'prod' -%}
        {%- set kind = 'view' if model.config.materialized == 'view' else 'table' -%}
        {%- for column in model.columns.values() -%}
            {%- set tags = [] -%}
            {%- if 'pii' in column.tags -%}
                {%- do tags.append(governed('PII') ~ " = '" ~ column.meta.get('pii', 'person') ~ "'") -%}
            {%- endif -%}
            {%- if column.meta.get('retention_days') -%}
                {%- do tags.append(governed('RETENTION_DAYS') ~ " = '" ~ column.meta.retention_days ~ "'") -%}
            {%- endif -%}
            {%- if tags %}
alter {{ kind }} {{ this }} modify column {{ column.name }} set tag {{ tags | join(', ') }};
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{# The full name of one of the platform's tags or policies. #}
{% macro governed(name) -%}
    {{ target.database }}.GOVERNANCE.{{ name }}
{%- endmacro %}


{# For `row_access_policy` of a model: rows by a column, on the platform only. #}
{% macro rows_by(policy, column) -%}
    {%- if target.name == 'prod' -%}{{ governed(policy) }} on ({{ column }}){%- endif -%}
{%- endmacro %}
