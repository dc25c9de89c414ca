{#
    What a run did, for alerts and reports to read: one row in JOB_RUNS, one in TEST_RESULTS for
    each test, and what each model read in LINEAGE, all in schema OPERATIONS. Only on the platform
    (target `prod`): a personal target and a pull request's keep nothing, nor does an account
    without these tables. A run that dbt ends before its models start (a model that does not parse)
    writes nothing: whoever started it sees that.
#}
{% macro record_results(results) %}
    {%- if execute and target.name == 'prod' and results -%}
        {%- set place = api.Relation.create(target.database, 'OPERATIONS', 'JOB_RUNS') -%}
        {%- if adapter.get_relation(place.database, place.schema, place.identifier) is none -%}
            {{ log('no ' ~ place ~ ': the results are not kept', info=true) }}
        {%- else -%}
            {{ leap_insert('TEST_RESULTS', leap_test_rows(results)) }}
            {{ leap_insert('LINEAGE', leap_lineage_rows(results)) }}
            {{ leap_insert('JOB_RUNS', [leap_job_row(results) | trim]) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{% macro leap_insert(table, rows) %}
    {%- set into = api.Relation.create(target.database, 'OPERATIONS', table) -%}
    {%- for batch in rows | batch(500) -%}
        {%- do run_query('insert into ' ~ into ~ ' ' ~ batch | join(' union all ')) -%}
    {%- endfor -%}
    {%- if rows -%}{%- do run_query('commit') -%}{%- endif -%}
{% endmacro %}


{% macro leap_text(value) -%}
    '{{ (value or '') | string | replace('\\', '\\\\') | replace("'", "''") | truncate(2000, true, '…') }}'
{%- endmacro %}


{# The columns of a row are in the table's order; times are UTC, and the same for a whole run. #}
{% macro leap_now() -%}
    convert_timezone('UTC', current_timestamp())::timestamp_ntz
{%- endmacro %}


{% macro leap_severity(node) -%}
    {{ 'critical' if 'critical' in node.tags else ('warning' if 'warning' in node.tags else '') }}
{%- endmacro %}


{% macro leap_test_rows(results) %}
    {%- set rows = [] -%}
    {%- for result in results if result.node.resource_type == 'test' -%}
        {%- do rows.append(
            'select ' ~ leap_text(invocation_id) ~ ', ' ~ leap_text(result.node.name)
            ~ ', ' ~ leap_text(leap_severity(result.node) | trim) ~ ', ' ~ leap_text(result.status)
            ~ ', ' ~ (result.failures or 0) ~ ', ' ~ leap_text(result.message) ~ ', ' ~ leap_now()
        ) -%}
    {%- endfor -%}
    {{ return(rows) }}
{% endmacro %}


{% macro leap_lineage_rows(results) %}
    {%- set rows = [] -%}
    {%- set built = results | selectattr('node.resource_type', 'equalto', 'model') | list -%}
    {%- if built -%}
        {%- set started = run_started_at.strftime('%Y-%m-%d %H:%M:%S') -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- for read in node.depends_on.nodes -%}
                {%- do rows.append(
                    'select ' ~ leap_text(invocation_id) ~ ', ' ~ leap_text(node.name) ~ ', '
                    ~ leap_text(read.split('.')[2:] | join('.')) ~ ", '" ~ started
                    ~ "'::timestamp_ntz"
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(rows) }}
{% endmacro %}


{% macro leap_job_row(results) -%}
    {%- set bad = results | selectattr('status', 'in', ['error', 'fail', 'runtime error']) | list -%}
    {%- set names = bad | map(attribute='node') | map(attribute='name') | list -%}
    {%- set chosen = invocation_args_dict.get('select') or [] -%}
    {%- set job = ('dbt ' ~ invocation_args_dict.get('which', 'run') ~ ' ' ~ chosen | join(' ')) | trim -%}
    {%- set message = (bad | length) ~ ' of ' ~ (results | length) ~ ' steps failed: '
        ~ (names[:5] | join(', ')) if bad else (results | length) ~ ' steps' -%}
    select {{ leap_text(job) }}, {{ leap_text(invocation_id) }},
        '{{ 'failed' if bad else 'success' }}',
        '{{ run_started_at.strftime('%Y-%m-%d %H:%M:%S') }}'::timestamp_ntz,
        {{ leap_now() }}, {{ leap_text(message) }}
{%- endmacro %}
