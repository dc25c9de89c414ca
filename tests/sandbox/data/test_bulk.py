"""INSERT of many rows: literal rows and lists of bind values arrive as one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.snowflake.data.bulk import literal_rows
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client

MANY = 500


def test_literal_rows_arrive_whole(ask: Client) -> None:
    ask("create table t (i int, v varchar, d date, b boolean, f float)")
    row = "(-1, 'it''s \\\\ (a), b', '2020-01-01', TRUE, 1.5e1)"
    rows = ", ".join([*[row] * MANY, "(NULL,'',null,false,.5)"])
    sql = f"insert into t (i, v, d, b, f) values\n {rows};"

    assert literal_rows(sql) is not None
    assert ask(sql) == [(MANY + 1,)]
    assert ask("select distinct * from t order by i") == [
        (-1, "it's \\ (a), b", "2020-01-01", True, 15),
        (None, "", None, False, 0.5),
    ]


def test_what_is_written_is_told_beforehand(ask: Client) -> None:
    sql = f"insert into raw.t values {', '.join(['(1, null)'] * MANY)}"

    analysis = ask.plane.analyse(sql, ask.context)

    assert analysis.writes == {ObjectName("LEAP", "RAW", "T"): {"INSERT"}}
    assert analysis.reads == frozenset()


@pytest.mark.parametrize("value", ["current_role()", "1 + 1", "default", "'a' || 'b'"])
def test_rows_with_other_values_go_the_usual_way(ask: Client, value: str) -> None:
    ask("create table t (i int, v varchar)")
    sql = f"insert into t values {', '.join([f'(1, {value})'] * MANY)}"

    assert literal_rows(sql) is None
    assert ask(sql) == [(MANY,)]


def test_a_row_of_another_length_is_an_error(ask: Client) -> None:
    ask("create table t (i int, v varchar)")

    with pytest.raises(SnowflakeError):
        ask(f"insert into t values {', '.join(['(1, null)'] * MANY)}, (1)")


def test_a_value_that_does_not_fit_is_an_error(ask: Client) -> None:
    ask("create table t (i int)")

    with pytest.raises(SnowflakeError, match="Numeric value 'x' is not recognized"):
        ask(f"insert into t values {', '.join(['(1)'] * MANY * 2)}, ('x')")


def test_lists_of_values_keep_their_types(ask: Client) -> None:
    ask("create table t (i number(10,2), v varchar, ts timestamp_ntz, b binary, w varchar)")
    bindings = {
        "1": {"type": "FIXED", "value": ["1", "2.25", None]},
        "2": {"type": "TEXT", "value": ["a", "?", None]},
        "3": {"type": "TIMESTAMP_NTZ", "value": ["1577836800000000000", None, None]},
        "4": {"type": "BINARY", "value": ["4142", None, None]},
        "5": {"type": "TEXT", "value": "same"},
    }

    ask("insert into t (i, v, ts, b, w) values (? * 2, upper(?), ?, ?, ?)", bindings)

    assert ask("select * from t order by i nulls last") == [
        (2, "A", "2020-01-01T00:00:00", b"AB", "same"),
        (4.5, "?", None, None, "same"),
        (None, None, None, None, "same"),
    ]


def test_lists_without_values_are_refused(ask: Client) -> None:
    with pytest.raises(SnowflakeError):
        ask("select ?", {"1": {"type": "FIXED", "value": ["1", "2"]}})
