"""INSERT, UPDATE, DELETE, MERGE, TRUNCATE and transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client

T = ObjectName("LEAP", "MARTS", "T")


@pytest.fixture
def table(ask: Client) -> Client:
    ask("create table t (k int, v varchar)")
    ask("insert into t values (1, 'a'), (2, 'b')")
    return ask


def test_each_statement_counts_its_rows(table: Client) -> None:
    counted = {
        "insert into t values (3, 'c'), (4, 'd')": {"number of rows inserted": 2},
        "update t set v = 'z' where k > 2": {
            "number of rows updated": 2,
            "number of multi-joined rows updated": 0,
        },
        "delete from t where k = 4": {"number of rows deleted": 1},
    }

    for sql, counts in counted.items():
        assert table.dicts(sql) == [counts]
    assert table("select * from t order by k") == [(1, "a"), (2, "b"), (3, "z")]


@pytest.mark.parametrize(
    ("sql", "identifier"),
    [
        ("insert into t values (3, 'c')", 0x3100),
        ("update t set v = 'x'", 0x3200),
        ("delete from t", 0x3300),
        ("merge into t using t s on false when not matched then insert values (1, 'x')", 0x3400),
    ],
)
def test_the_driver_is_told_the_kind(table: Client, sql: str, identifier: int) -> None:
    assert table.outcome(sql).result.to_wire()["statementTypeId"] == identifier


def test_an_insert_may_replace_all_rows(table: Client) -> None:
    table("insert overwrite into t select 9, 'n'")

    assert table("select * from t") == [(9, "n")]


def test_an_update_joins_another_source(table: Client) -> None:
    table("update t x set x.v = s.n from (select 2 as i, 'new' as n) s where x.k = s.i")

    assert table("select v from t where k = 2") == [("new",)]


def test_a_delete_uses_another_source(table: Client) -> None:
    table("create table gone as select 1 as i")
    table("delete from t using gone g where t.k = g.i")

    assert table("select k from t") == [(2,)]


def test_dbts_merge_works(table: Client) -> None:
    """The text that dbt writes for an incremental model with a unique key."""
    table("create temporary table t__dbt_tmp as (select 2 as k, 'B' as v union all select 3, 'c')")

    counts = table.dicts(
        """
        merge into LEAP.MARTS.t as DBT_INTERNAL_DEST
            using LEAP.MARTS.t__dbt_tmp as DBT_INTERNAL_SOURCE
            on ((DBT_INTERNAL_SOURCE.k = DBT_INTERNAL_DEST.k))
        when matched then update set
            "K" = DBT_INTERNAL_SOURCE."K", "V" = DBT_INTERNAL_SOURCE."V"
        when not matched then insert ("K", "V") values ("K", "V")
        """
    )

    assert counts == [{"number of rows inserted": 1, "number of rows updated": 1}]
    assert table("select * from t order by k") == [(1, "a"), (2, "B"), (3, "c")]


def test_a_merge_may_delete_and_ask_conditions(table: Client) -> None:
    table(
        "merge into t using (select 1 as i union all select 2 union all select 8) s on t.k = s.i "
        "when matched and t.k = 1 then delete "
        "when matched then update set t.v = 'u' "
        "when not matched and i > 5 then insert (k) values (i)"
    )

    assert table("select * from t order by k") == [(2, "u"), (8, None)]


def test_a_merge_with_two_sources_for_a_row_is_an_error(table: Client) -> None:
    with pytest.raises(SnowflakeError, match="Duplicate row detected") as raised:
        table(
            "merge into t using (select 1 as i union all select 1) s on t.k = s.i "
            "when matched then update set v = 'u'"
        )

    assert raised.value.code == "100090"


def test_truncate_empties_a_table(table: Client) -> None:
    table("truncate table if exists t")
    table("truncate table if exists nope")

    assert table("select count(*) from t") == [(0,)]


@pytest.mark.parametrize(
    ("sql", "privileges"),
    [
        ("insert into t select * from raw.u", {"INSERT"}),
        ("insert overwrite into t select * from raw.u", {"INSERT", "DELETE"}),
        ("update t set v = 1 from raw.u", {"UPDATE"}),
        ("delete from t using raw.u", {"DELETE"}),
        (
            "merge into t using raw.u s on t.k = s.k when matched then delete "
            "when not matched then insert values (1, 'x')",
            {"INSERT", "DELETE"},
        ),
    ],
)
def test_the_needed_privileges_are_told_beforehand(
    ask: Client, sql: str, privileges: set[str]
) -> None:
    analysis = ask.plane.analyse(sql, ask.context)

    assert analysis.writes == {T: privileges}
    assert analysis.reads == {ObjectName("LEAP", "RAW", "U")}


def test_a_table_that_is_read_too_needs_both(ask: Client) -> None:
    analysis = ask.plane.analyse("insert into t select * from t", ask.context)

    assert analysis.reads == {T}
    assert analysis.writes == {T: {"INSERT"}}


def test_a_transaction_is_one(table: Client, connect: Callable[..., Client]) -> None:
    other = connect()
    table("begin transaction")
    table("insert into t values (3, 'c')")

    assert other("select count(*) from t") == [(2,)]
    assert table("select count(*) from t") == [(3,)]
    table("commit")
    assert other("select count(*) from t") == [(3,)]


def test_a_rollback_undoes(table: Client) -> None:
    table("start transaction")
    table("delete from t")
    table("rollback work")

    assert table("select count(*) from t") == [(2,)]


def test_ending_what_was_not_begun_is_no_error(ask: Client) -> None:
    ask("commit")
    ask("rollback")


def test_a_ddl_statement_commits_what_was_open(table: Client) -> None:
    table("begin")
    table("insert into t values (3, 'c')")
    table("create table u (a int)")
    table("rollback")

    assert table("select count(*) from t") == [(3,)]


def test_without_autocommit_a_change_waits_for_commit(table: Client) -> None:
    table("alter session set autocommit = false")
    table("delete from t")
    table("rollback")

    assert table("select count(*) from t") == [(2,)]


def test_session_parameters_are_handed_on(ask: Client) -> None:
    set_ = ask.outcome("alter session set query_tag = 'dbt run'")
    unset = ask.outcome("alter session unset query_tag")

    assert set_.session_parameters == {"QUERY_TAG": "dbt run"}
    assert unset.session_parameters == {"QUERY_TAG": None}
