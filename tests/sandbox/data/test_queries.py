"""Queries, pair by pair, and what the answer tells besides its rows."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client

_TEXT = Path(__file__).with_name("pairs").joinpath("queries.sql").read_text("utf-8")
_LINES = [line for line in _TEXT.splitlines() if line and not line.startswith("--")]
_PAIRS = [
    pytest.param(sql, ast.literal_eval(rows.removeprefix("=> ")), id=sql)
    for sql, rows in zip(_LINES[::2], _LINES[1::2], strict=True)
]


@pytest.mark.parametrize(("sql", "rows"), _PAIRS)
def test_a_query_answers_snowflakes_rows(
    shared: Client, sql: str, rows: list[tuple[Any, ...]]
) -> None:
    assert shared(sql) == rows


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("count(*)", "COUNT(*)"),
        ("current_role()", "CURRENT_ROLE()"),
        ("Current_Account() as CURRENT_ACCOUNT", "CURRENT_ACCOUNT"),
        ("1+1", "1+1"),
        ("'a'", "'A'"),
        ("x.a", "A"),
        ('a as "MiXed"', "MiXed"),
        ("nvl(a, 2)", "NVL(A, 2)"),
        ("a::int", "A::INT"),
        ("(select max(a) from x)", "(SELECT MAX(A) FROM X)"),
    ],
)
def test_a_column_is_named_as_snowflake_names_it(shared: Client, column: str, name: str) -> None:
    (row,) = shared.dicts(f"with x as (select 1 as a) select {column} from x")

    assert list(row) == [name]


def test_two_columns_may_share_a_name(shared: Client) -> None:
    assert shared("select 1 as a, 2 as a from (select 1)") == [(1, 2)]


def test_the_result_of_the_last_query_can_be_scanned(ask: Client) -> None:
    ask("select 5 as n, 'x' as t from (values (1)) v")

    assert ask("select n + 1, t from table(result_scan(last_query_id()))") == [(6, "x")]


def test_a_result_that_is_not_kept_is_an_error(ask: Client) -> None:
    with pytest.raises(SnowflakeError, match="Statement nope not found"):
        ask("select * from table(result_scan('nope'))")


def test_a_session_variable_stands_for_its_value(ask: Client) -> None:
    ask("set (low, name) = (1 + 1, 'x')")

    assert ask("select $low + 1, $name") == [(3, "x")]


def test_an_unset_variable_is_an_error(ask: Client) -> None:
    ask("set low = 1")
    ask("unset low")

    with pytest.raises(SnowflakeError, match="Session variable '\\$LOW' does not exist"):
        ask("select $low")


def test_a_describe_only_request_runs_nothing(ask: Client) -> None:
    outcome = ask.outcome("select ? as a, 'x' as b", describe_only=True)

    wire = outcome.result.to_wire()
    assert [(c["name"], c["type"]) for c in wire["rowtype"]] == [("A", "text"), ("B", "text")]
    assert wire["total"] == 0


def test_an_insert_can_be_described(ask: Client) -> None:
    ask("create table t (a int)")

    outcome = ask.outcome("insert into t values (?)", describe_only=True)

    assert outcome.result.to_wire()["rowtype"][0]["name"] == "number of rows inserted"
    assert ask("select * from t") == []


def test_explain_answers_a_plan(ask: Client) -> None:
    assert ask("explain using text select 1 from (values (1)) v")


def test_a_large_result_is_whole(ask: Client) -> None:
    outcome = ask.outcome("select seq4() n from table(generator(rowcount => 120000))")

    assert outcome.result.row_count == 120_000


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from table(read_text('/etc/passwd'))",
        "attach 'x.db'",
        "pragma version",
        "install httpfs",
        "call p()",
        "select 1 into x",
        "create macro m(x) as x",
        "copy into @s from t",
        "create dynamic table d target_lag = '1 minute' warehouse = w as select 1",
        "undrop table t",
        "execute immediate 'select 1'",
    ],
)
def test_what_is_not_on_the_list_is_refused(shared: Client, sql: str) -> None:
    with pytest.raises(SnowflakeError):
        shared(sql)
