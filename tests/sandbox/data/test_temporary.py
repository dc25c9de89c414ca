"""Temporary tables and views: of one session, in front of permanent ones, gone at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client


@pytest.mark.parametrize("what", ["temporary table", "temp table", "temporary view"])
@pytest.mark.parametrize("name", ["x", "marts.x", "LEAP.MARTS.x"])
def test_a_temporary_object_may_have_any_qualification(ask: Client, what: str, name: str) -> None:
    ask(f"create or replace {what} {name} as (select 5 as id)")

    assert ask("select x.id from leap.marts.x") == [(5,)]
    assert ask("select id from x") == [(5,)]


def test_only_its_session_sees_it(ask: Client, connect: Callable[..., Client]) -> None:
    ask("create temporary table x as select 1 as a")

    with pytest.raises(SnowflakeError, match="does not exist"):
        connect()("select * from x")
    assert ask.plane.objects("LEAP") == []


def test_it_stands_before_a_permanent_table_of_its_name(ask: Client) -> None:
    ask("create table x as select 'kept' as a")
    ask("create temporary table x as select 'mine' as a")

    assert ask("select a from x") == [("mine",)]
    ask("drop table x")
    assert ask("select a from x") == [("kept",)]


def test_its_effect_is_marked(ask: Client) -> None:
    (effect,) = ask.outcome("create temporary table x (a int)").effects

    assert effect.temporary


def test_it_takes_changes_like_any_table(ask: Client) -> None:
    ask("create temporary table x (a int, b varchar)")
    ask("insert into x values (1, 'p'), (2, 'q')")
    ask("update x set b = 'r' where x.a = 2")
    ask("delete from x where a = 1")
    ask("alter table x add column c int")

    assert ask("select * from x") == [(2, "r", None)]
    assert [row["name"] for row in ask.dicts("describe table x")] == ["A", "B", "C"]


def test_it_is_renamed(ask: Client) -> None:
    ask("create temporary table x as select 1 as a")
    ask("alter table x rename to y")

    assert ask("select a from y") == [(1,)]


def test_a_second_create_without_replace_is_an_error(ask: Client) -> None:
    ask("create temporary table x (a int)")

    with pytest.raises(SnowflakeError, match="already exists"):
        ask("create temporary table x (a int)")
