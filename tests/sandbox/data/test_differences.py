"""Where rows behave otherwise than on Snowflake; `docs/sandbox.md` lists these."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client


def test_whole_numbers_end_at_64_bits(ask: Client) -> None:
    assert ask.value("select 9223372036854775807::number(38,0)") == 9223372036854775807
    with pytest.raises(SnowflakeError):
        ask("select 9223372036854775808::number(38,0)")


def test_an_insert_does_not_hold_the_length_of_text(ask: Client) -> None:
    ask("create table t (a varchar(2))")

    ask("insert into t values ('long')")

    assert ask("select a from t") == [("long",)]


def test_a_transaction_changes_one_database(ask: Client) -> None:
    ask.plane.create_database("OTHER")
    ask.plane.create_schema("OTHER", "S")
    ask("create table t (a int)")
    ask("create table other.s.t (a int)")
    ask("begin")
    ask("insert into t values (1)")

    with pytest.raises(SnowflakeError, match="a single transaction can only write to a single"):
        ask("insert into other.s.t values (1)")


def test_a_view_follows_new_columns_of_its_table(ask: Client) -> None:
    ask("create table t as select 1 as a")
    ask("create view v as select * from t")

    ask("alter table t add column b int")

    assert ask("select * from v") == [(1, None)]


def test_a_quoted_name_is_found_in_another_case(ask: Client) -> None:
    ask("create table t as select 1 as a")

    assert ask('select "a" from "t"') == [(1,)]


def test_a_quotient_is_a_float(ask: Client) -> None:
    assert ask.value("select 1 / 3") == pytest.approx(1 / 3, abs=1e-15)
    (column,) = ask.outcome("select 1 / 3 as q").result.to_wire()["rowtype"]
    assert column["type"] == "real"


def test_json_is_answered_without_line_breaks(ask: Client) -> None:
    assert ask.value("select parse_json('{\"a\": [1, 2]}')") == '{"a":[1,2]}'


def test_a_timestamp_with_zone_keeps_its_moment_and_not_its_zone(ask: Client) -> None:
    found = ask.value("select '2020-01-01 00:00:00 +05:00'::timestamp_tz")

    assert datetime.fromisoformat(found) == datetime(2019, 12, 31, 19)


@pytest.mark.parametrize(
    "expression",
    ["soundex('a')", "parse_url('http://x')", "to_char(1.5, '9.0')", "to_number('1', '9')"],
)
def test_a_function_that_is_missing_here_says_so(ask: Client, expression: str) -> None:
    with pytest.raises(SnowflakeError, match=r"does not support|Unknown function"):
        ask(f"select {expression}")
