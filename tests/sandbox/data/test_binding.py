"""Bind variables, as the drivers send them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.snowflake.data.binding import bound
from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client

VALUES: tuple[tuple[str, str | None, object], ...] = (
    ("FIXED", "42", 42),
    ("FIXED", "-1.50", -1.5),
    ("REAL", "2.5", 2.5),
    ("TEXT", 'it\'s a \\ "quote"', 'it\'s a \\ "quote"'),
    ("TEXT", None, None),
    ("BOOLEAN", "true", True),
    ("BOOLEAN", "false", False),
    ("DATE", "1577836800000", "2020-01-01"),
    ("TIMESTAMP_NTZ", "1577840523456789000", "2020-01-01T01:02:03.456789"),
    ("TIMESTAMP_LTZ", "1577840523000000000", "2020-01-01T01:02:03"),
    ("TIMESTAMP_TZ", "1577840523000000000 1500", "2020-01-01T01:02:03"),
    ("BINARY", "4142", b"AB"),
)


@pytest.mark.parametrize(("kind", "sent", "value"), VALUES)
def test_a_value_arrives_with_its_type(
    shared: Client, kind: str, sent: str | None, value: object
) -> None:
    assert shared("select ? as x", {"1": {"type": kind, "value": sent}}) == [(value,)]


@pytest.mark.parametrize("text", ["select ?, ?", "select :1, :2", "select :1 as a, :2 -- ?"])
def test_positions_are_followed(shared: Client, text: str) -> None:
    bindings = {
        "1": {"type": "FIXED", "value": "1"},
        "2": {"type": "TEXT", "value": "? :1"},
    }

    assert shared(text, bindings) == [(1, "? :1")]


def test_lists_insert_a_row_for_each_value(ask: Client) -> None:
    ask("create table t (a int, b varchar, c int)")

    outcome = ask.outcome(
        "insert into t (a, b, c) values (?, upper(?), 7)",
        {
            "1": {"type": "FIXED", "value": ["1", "2", None]},
            "2": {"type": "TEXT", "value": ["a", "b(", "c"]},
        },
    )

    assert outcome.rows_produced == 3
    assert ask("select * from t order by b") == [(1, "A", 7), (2, "B(", 7), (None, "C", 7)]


def test_a_missing_value_is_an_error(shared: Client) -> None:
    with pytest.raises(SnowflakeError, match="Bind variable \\?2 not set"):
        shared("select ?, ?", {"1": {"type": "FIXED", "value": "1"}})


@pytest.mark.parametrize(
    "sql", ["select 'a?b', \"c?\" from t -- ?", "select a:b:c[0], t.x::int from t", "select 1"]
)
def test_what_is_no_variable_stays(sql: str) -> None:
    bindings: dict[str, Any] = {"1": {"type": "FIXED", "value": "1"}}

    assert bound(sql, bindings) == sql
