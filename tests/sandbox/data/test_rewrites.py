"""Each rewrite by itself: what it makes of a node, and that it leaves others alone."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from sandbox.snowflake.data.rewrite import (
    context,
    dates,
    functions,
    merge,
    queries,
    rules,
    semistructured,
    types,
    variables,
)
from sandbox.snowflake.errors import SnowflakeError

REWRITES: tuple[tuple[rules.Rule, str, str], ...] = (
    (
        context.context_function,
        "CURRENT_ROLE()",
        "STRUCT_EXTRACT(GETVARIABLE('leap'), 'role')",
    ),
    (
        context.context_function,
        "LAST_QUERY_ID()",
        "STRUCT_EXTRACT(GETVARIABLE('leap_call'), 'last_query_id')",
    ),
    (context.clock_function, "CURRENT_TIMESTAMP()", "GETVARIABLE('leap_now')"),
    (context.clock_function, "CURRENT_DATE", "CAST(GETVARIABLE('leap_now') AS DATE)"),
    (context.clock_function, "SYSDATE()", "TIMEZONE('UTC', GETVARIABLE('leap_now'))"),
    (types.cast_to_text, "x::VARCHAR", "LEAP_TEXT(x)"),
    (types.cast_to_text, "x::VARCHAR(3)", "LEAP_SIZED_TEXT(LEAP_TEXT(x), 3)"),
    (types.cast_of_path, "v:a::INT", "CAST((v ->> '$.a') AS INT)"),
    (types.cast_to_special, "x::VARIANT", "TO_JSON(x)"),
    (types.cast_to_special, "'41'::BINARY", "UNHEX('41')"),
    (types.cast_to_special, "TO_GEOGRAPHY('POINT(1 2)')", "LEAP_GEOGRAPHY('POINT(1 2)')"),
    (functions.renamed_function, "HAVERSINE(a, b, c, d)", "LEAP_HAVERSINE(a, b, c, d)"),
    (functions.renamed_function, "ST_DISTANCE(a, b)", "LEAP_ST_DISTANCE(a, b)"),
    (functions.variant_predicate, "IS_OBJECT(x)", "LEAP_IS_TYPE(x, LIST_VALUE('OBJECT'))"),
    (
        functions.variant_predicate,
        "OBJECT_DELETE(x, 'a')",
        "LEAP_OBJECT_DELETE(x, LIST_VALUE('a'))",
    ),
    (functions.object_insert, "OBJECT_INSERT(o, 'k', 1)", "LEAP_OBJECT_INSERT(o, 'k', 1)"),
    (
        functions.object_construct,
        "OBJECT_CONSTRUCT('a', 1)",
        "LEAP_OBJECT_OF(LIST_VALUE('a'), LIST_VALUE(TO_JSON(1)), FALSE)",
    ),
    (functions.array_literal, "ARRAY_CONSTRUCT(1, 2)", "JSON_ARRAY(1, 2)"),
    (functions.division, "a / b", "LEAP_DIVIDE(a, b)"),
    (functions.division, "a / 2", "a / 2"),
    (functions.division, "a / NULLIF(b, 0)", "a / NULLIF(b, 0)"),
    (functions.logical_pair, "BOOLAND(a, b)", "(CAST(a AS BOOLEAN) AND CAST(b AS BOOLEAN))"),
    (
        functions.ratio_to_report,
        "RATIO_TO_REPORT(x) OVER (PARTITION BY k)",
        "(CAST(x AS DOUBLE) / NULLIF(SUM(x) OVER (PARTITION BY k), 0))",
    ),
    (
        functions.conditional_event,
        "CONDITIONAL_TRUE_EVENT(c) OVER (ORDER BY k NULLS LAST)",
        "COUNT_IF(c) OVER (ORDER BY k)",
    ),
    (functions.regexp_instr, "REGEXP_INSTR(x, 'a')", "LEAP_REGEXP_INSTR(x, 'a')"),
    (functions.substring_from_zero, "SUBSTR(x, 0, 2)", "SUBSTRING(x, 1, 2)"),
    (dates.date_add, "DATEADD(day, 1, d)", "LEAP_DATEADD(d, INTERVAL 1 DAY)"),
    (dates.date_add, "DATEADD(hour, n, d)", "d + INTERVAL (n) HOUR"),
    (dates.date_trunc, "DATE_TRUNC(month, d)", "LEAP_DATE_TRUNC('MONTH', d)"),
    (dates.to_timestamp, "TO_TIMESTAMP(x)", "LEAP_TIMESTAMP(x, 0)"),
    (semistructured.bracket_of_variant, "v['a']", "LEAP_GET(v, 'a')"),
    (semistructured.compared_path, "v:a = 'x'", "(v ->> '$.a') = 'x'"),
    (semistructured.compared_path, "v:a > 3", "CAST((v ->> '$.a') AS DOUBLE) > 3"),
    (semistructured.compared_value, "VALUE = 'x'", "LEAP_TEXT(VALUE) = 'x'"),
    (semistructured.compared_value, "OTHER = 'x'", "OTHER = 'x'"),
    (queries.position_column, "$2", "#2"),
)


@pytest.mark.parametrize(
    ("rule", "snowflake", "duckdb"),
    REWRITES,
    ids=[f"{rule.__name__}: {text}" for rule, text, _ in REWRITES],
)
def test_a_rule_rewrites_its_node(rule: rules.Rule, snowflake: str, duckdb: str) -> None:
    tree = sqlglot.parse_one(f"SELECT {snowflake}", read="snowflake")

    rewritten = rules.applied(tree, (rule,))

    assert rules.generate(rewritten) == f"SELECT {duckdb}"


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_a_rule_leaves_plain_sql_alone(rule: rules.Rule) -> None:
    text = "SELECT a, COUNT(*) FROM t AS x WHERE b = 1 GROUP BY a"
    tree = sqlglot.parse_one(text, read="snowflake")

    assert rules.generate(rules.applied(tree, (rule,))) == text


def test_nested_calls_are_all_rewritten() -> None:
    tree = sqlglot.parse_one("SELECT (a / b) / (c / d)", read="snowflake")

    text = rules.generate(rules.rewrite(tree))

    assert text.count("LEAP_DIVIDE") == 3


def test_the_whole_order_maps_types_last() -> None:
    tree = sqlglot.parse_one("SELECT a::NUMBER, b::NUMBER(9, 2), c::TIMESTAMP", read="snowflake")

    assert rules.generate(rules.rewrite(tree)) == (
        "SELECT CAST(a AS BIGINT), CAST(b AS DECIMAL(9,2)), CAST(c AS TIMESTAMP)"
    )


@pytest.mark.parametrize(
    ("text", "recursive"),
    [
        ("WITH r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r", True),
        ("WITH r AS (SELECT * FROM r) SELECT * FROM r", False),
        ("WITH r AS (SELECT 1 UNION ALL SELECT 2) SELECT * FROM r", False),
    ],
)
def test_recursion_is_said(text: str, recursive: bool) -> None:
    tree = sqlglot.parse_one(text, read="snowflake").transform(queries.implied_recursion)

    assert bool(tree.args["with_"].args.get("recursive")) is recursive


def test_an_asof_join_keeps_left_rows() -> None:
    tree = sqlglot.parse_one(
        "SELECT * FROM a ASOF JOIN b MATCH_CONDITION (a.t >= b.t) ON a.k = b.k", read="snowflake"
    )

    assert rules.generate(rules.applied(tree, (queries.asof_join,))) == (
        "SELECT * FROM a ASOF LEFT JOIN b ON a.t >= b.t AND a.k = b.k"
    )


def test_flatten_becomes_an_unnested_list() -> None:
    tree = sqlglot.parse_one(
        "SELECT f.value FROM t, LATERAL FLATTEN(INPUT => t.v, OUTER => TRUE) AS f",
        read="snowflake",
    )

    text = rules.generate(rules.applied(tree, (semistructured.table_function,)))

    assert "UNNEST(LEAP_FLATTEN(t.v, TRUE), max_depth := 2)" in text


def test_merge_takes_bare_inserted_columns_from_the_source() -> None:
    tree = sqlglot.parse_one(
        "MERGE INTO t AS d USING u AS s ON d.k = s.k WHEN MATCHED THEN UPDATE SET d.v = v2 "
        'WHEN NOT MATCHED THEN INSERT ("K") VALUES ("K")',
        read="snowflake",
    )
    assert isinstance(tree, exp.Merge)

    assert merge.actions(tree) == {"INSERT", "UPDATE"}
    merge.adapt(tree)

    text = rules.generate(tree)
    assert 'INSERT ("K") VALUES (s."K")' in text
    assert "UPDATE SET v = v2" in text
    assert text.endswith("RETURNING merge_action")


def test_a_variable_is_inlined_and_a_missing_one_told() -> None:
    tree = sqlglot.parse_one("SELECT $x, $1", read="snowflake")

    assert variables.inline_variables(tree, {"X": exp.Literal.number(5)})
    assert tree.sql("snowflake") == "SELECT 5, $1"
    with pytest.raises(SnowflakeError, match="does not exist"):
        variables.inline_variables(sqlglot.parse_one("SELECT $y", read="snowflake"), {})
