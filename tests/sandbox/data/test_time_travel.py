"""The past of tables, through every way in which rows and columns change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.snowflake.data.past.moment import NoDataThenError
from sandbox.snowflake.data.plane import DataPlane
from sandbox.snowflake.errors import SnowflakeError, UnsupportedError
from tests.sandbox.data.conftest import Client, LocalFiles

ROWS = "select a, b from t"


class Story:
    """Statements, an hour apart, and what the table was after each."""

    def __init__(self, ask: Client, read: str = ROWS) -> None:
        self.ask, self._read = ask, read
        self.told: list[tuple[str, list[Any]]] = []

    def tell(self, *statements: str) -> None:
        for statement in statements:
            self.ask(statement)
            self.told.append((f"query-{self.ask.count}", self.now()))
            self.later(1)

    def now(self) -> list[Any]:
        return sorted(self.ask(self._read), key=repr)

    def later(self, hours: float) -> None:
        self.ask.context = replace(
            self.ask.context, now=self.ask.context.now + timedelta(hours=hours)
        )

    def check(self) -> None:
        """Each state is found by time, by distance and by the statement that made it."""
        count = len(self.told)
        for step, (statement, rows) in enumerate(self.told):
            assert self.at(f"AT(STATEMENT => '{statement}')") == rows, (step, statement)
            assert self.at(f"AT(OFFSET => -3600 * {count - step} + 60)") == rows, step
            moment = self.ask.context.now - timedelta(hours=count - step, seconds=-60)
            time = f"'{moment:%Y-%m-%d %H:%M:%S}'::timestamp_ltz"
            assert self.at(f"AT(TIMESTAMP => {time})") == rows, step
            if step:
                before = self.at(f"BEFORE(STATEMENT => '{statement}')")
                assert before == self.told[step - 1][1], (step, statement)

    def at(self, when: str) -> list[Any]:
        query = self._read.replace(" t", f" t {when}")
        return sorted(self.ask(query), key=repr)


@pytest.fixture
def story(ask: Client) -> Story:
    ask("create table t (a int, b varchar)")
    return Story(ask)


def test_every_change_of_rows_leaves_what_was_before(story: Story) -> None:
    story.ask("create table s as select * from values (2, 'two'), (7, 'seven') as v(a, b)")
    story.tell(
        "insert into t values (1, 'a'), (2, 'b'), (3, 'c')",
        "update t set b = upper(b) where a > 1",
        "delete from t where a = 2",
        "insert into t select a + 10, b from t",
        "merge into t using s on t.a = s.a when matched then update set b = s.b "
        "when not matched then insert (a, b) values (s.a, s.b)",
        "update t set a = a * 2",
        "merge into t using s on t.a = s.a * 2 when matched and s.b = 'two' then delete "
        "when matched then update set b = 'x' when not matched then insert values (s.a, 'new')",
        "insert overwrite into t select a, 'over' from t where a > 0",
        "insert into t values (1, null), (1, null)",
        "delete from t where b is null",
        "truncate table t",
        "insert into t values (99, 'z')",
    )
    story.check()


def test_a_transaction_is_one_step_of_the_past(story: Story) -> None:
    story.tell("insert into t values (1, 'a'), (2, 'b')")
    ask = story.ask
    ask("begin")
    ask("insert into t values (3, 'c')")
    inside = f"query-{ask.count}"
    ask("update t set b = 'changed' where a >= 2")
    ask("delete from t where a = 1")
    ask("insert into t values (4, 'd')")
    ask("delete from t where a = 4")
    story.tell("commit")
    story.tell("update t set b = 'later'")
    story.check()
    assert story.at(f"BEFORE(STATEMENT => '{inside}')") == [(1, "a"), (2, "b")]
    assert story.at(f"AT(STATEMENT => '{inside}')") == [(2, "changed"), (3, "changed")]


def test_what_is_rolled_back_never_was(story: Story) -> None:
    story.tell("insert into t values (1, 'a')")
    story.ask("begin")
    story.ask("update t set b = 'x'")
    story.ask("insert into t values (5, 'five')")
    story.tell("rollback")
    story.tell("delete from t")
    assert story.at("AT(OFFSET => -3600 * 2 + 60)") == [(1, "a")]
    assert story.at(f"BEFORE(STATEMENT => '{story.told[-1][0]}')") == [(1, "a")]


def test_an_open_transaction_reads_the_past_from_outside_itself(story: Story) -> None:
    story.tell("insert into t values (1, 'a'), (2, 'b')", "delete from t where a = 2")
    story.ask("begin")
    story.ask("delete from t")
    story.ask("insert into t values (9, 'mine')")
    assert story.at("AT(OFFSET => -3600 * 2 + 60)") == [(1, "a"), (2, "b")]
    assert story.at("AT(OFFSET => -60)") == [(1, "a")]
    assert story.now() == [(9, "mine")]
    story.ask("rollback")


def test_transactions_side_by_side_leave_one_order(
    story: Story, connect: Callable[..., Client]
) -> None:
    story.tell("insert into t select seq4(), 'x' from table(generator(rowcount => 20))")
    one, two = story.ask, connect()
    one("begin")
    two("begin")
    one("insert into t values (100, 'one')")
    two("insert into t values (200, 'two')")
    one("update t set b = 'one' where a < 5")
    two("delete from t where a between 15 and 50")
    two.context = replace(one.context)
    two("commit")
    story.later(1)
    one("commit")
    story.later(1)
    one("update t set b = 'end'")
    both = story.at("AT(OFFSET => -60)")
    first = story.at("AT(OFFSET => -3600 - 60)")
    assert len(first) == 16
    assert (200, "two") in first
    assert (100, "one") not in first
    assert (0, "x") in first
    assert len(both) == 17
    assert (0, "one") in both
    assert (14, "x") in both


def test_the_past_survives_a_restart(
    tmp_path: Path, files: LocalFiles, story: Story, plane: DataPlane
) -> None:
    story.tell(
        "insert into t select seq4(), 'x' from table(generator(rowcount => 3000))",
        "delete from t where a % 3 = 1",
        "update t set b = 'even' where a % 2 = 0",
    )
    plane.close()
    again = DataPlane(tmp_path / "data", files)
    story.ask.plane, story.ask.session = again, again.open_session()
    story.tell("insert into t values (-1, 'new')", "delete from t where a < 100")
    story.check()
    again.close()


@pytest.mark.parametrize(
    ("change", "then", "now"),
    [
        ("alter table t add column c int default 7", [(1, "a", 7), (2, "b", 7)], "a, b, c"),
        ("alter table t drop column b", [(1,), (2,)], "a"),
        ("alter table t rename column b to z", [(1, "a"), (2, "b")], "a, z"),
        ("alter table t alter column a set data type number(10, 0)", [(1, "a"), (2, "b")], "a, b"),
    ],
)
def test_a_query_of_the_past_has_the_columns_of_today(
    story: Story, change: str, then: list[Any], now: str
) -> None:
    story.tell("insert into t values (1, 'a'), (2, 'b')", "delete from t where a = 2")
    story.ask(change)
    story.later(1)
    story.ask("delete from t")
    assert sorted(story.ask("select * from t at(offset => -3600 * 3 + 60)")) == then
    assert len(story.ask(f"select {now} from t at(offset => -3600 + 60)")) == 1


def test_a_clone_of_the_past_has_the_columns_of_then(story: Story) -> None:
    story.ask("create or replace table t (a int not null, b varchar(20) default 'none')")
    story.tell("insert into t values (1, 'a'), (2, 'b')", "update t set b = 'c' where a = 2")
    story.ask("alter table t drop column b")
    dropped = f"query-{story.ask.count}"
    story.ask(f"create table back clone t before(statement => '{dropped}')")
    assert sorted(story.ask("select a, b from back")) == [(1, "a"), (2, "c")]
    story.ask("insert into back (a) values (3)")
    assert story.ask.value("select b from back where a = 3") == "none"
    described = story.ask.dicts("describe table back")
    assert [(row["type"], row["null?"]) for row in described] == [
        ("NUMBER(38,0)", "N"),
        ("VARCHAR(20)", "Y"),
    ]


def test_the_brief_restores_a_table_from_its_own_past(story: Story) -> None:
    story.tell("insert into t values (1, 'a')", "delete from t")
    story.ask("create table restored as select * from t at(offset => -3600 - 60)")
    assert story.ask("select * from restored") == [(1, "a")]
    story.ask("insert into t select * from t at(offset => -3600 - 60)")
    assert story.now() == [(1, "a")]
    story.ask("create or replace table t clone t at(offset => -3600 - 60)")
    assert story.now() == [(1, "a")]
    with pytest.raises(NoDataThenError):
        story.ask("select * from t at(offset => -600)")


def test_a_renamed_table_takes_its_past_along_and_a_new_one_has_its_own(story: Story) -> None:
    story.tell("insert into t values (1, 'a')", "delete from t")
    story.ask("alter table t rename to u")
    story.ask("create table t (a int, b varchar)")
    assert story.ask("select a from u at(offset => -3600 - 60)") == [(1,)]
    with pytest.raises(NoDataThenError, match="not available for table T"):
        story.ask("select * from t at(offset => -60)")


def test_the_past_joins_the_present(story: Story) -> None:
    story.tell("insert into t values (1, 'a'), (2, 'b')", "update t set b = 'c' where a = 2")
    query = (
        "select now.a, was.b, now.b from t as now join t at(offset => -3600 - 60) as was "
        "on now.a = was.a where now.b <> was.b"
    )
    assert story.ask(query) == [(2, "b", "c")]
    assert story.ask("select t.b from LEAP.MARTS.t at(offset => -3660) where t.a = 2") == [("b",)]


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("select * from t at(offset => 60)", SnowflakeError),
        ("select * from t at(offset => 'x')", SnowflakeError),
        ("select * from t at(timestamp => 'yesterday')", SnowflakeError),
        ("select * from t at(offset => -86400 * 400)", NoDataThenError),
        ("create view v as select * from t at(offset => -60)", UnsupportedError),
        ("select * from t changes(information => all) at(offset => -60)", SnowflakeError),
    ],
)
def test_what_is_no_point_in_the_past_is_refused(
    story: Story, statement: str, error: type[SnowflakeError]
) -> None:
    story.later(1)
    with pytest.raises(error):
        story.ask(statement)


def test_the_images_of_many_rows_are_there_at_once(ask: Client) -> None:
    """DuckDB 2.0 hides 122,880 rows or more in a table that was made `AS SELECT … LIMIT 0`."""
    made = (
        "create table t as select seq8() as a, 'x' as b from table(generator(rowcount => 130000))"
    )
    story = Story(ask, "select count(*), sum(a), count_if(a >= 0), max(b) from t")
    story.tell(made, "update t set a = -1", "delete from t")
    story.check()
