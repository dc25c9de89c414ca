"""CREATE, ALTER, DROP and DESCRIBE of tables and views, and the effects that they tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client

T = ObjectName("LEAP", "MARTS", "T")


def types(ask: Client, table: str = "t") -> dict[str, str]:
    return {row["name"]: row["type"] for row in ask.dicts(f"describe table {table}")}


def test_describe_tells_the_declared_types(ask: Client) -> None:
    ask(
        "create table t (a int, b number(10,2), c varchar, d varchar(20), e float, f boolean, "
        "g date, h timestamp, i timestamp_ltz(6), j timestamp_tz, k time, l variant, m object, "
        "n array, o binary, p geography, q number(5), r char, s double precision)"
    )

    assert types(ask) == {
        "A": "NUMBER(38,0)",
        "B": "NUMBER(10,2)",
        "C": "VARCHAR(16777216)",
        "D": "VARCHAR(20)",
        "E": "FLOAT",
        "F": "BOOLEAN",
        "G": "DATE",
        "H": "TIMESTAMP_NTZ(9)",
        "I": "TIMESTAMP_LTZ(6)",
        "J": "TIMESTAMP_TZ(9)",
        "K": "TIME(9)",
        "L": "VARIANT",
        "M": "OBJECT",
        "N": "ARRAY",
        "O": "BINARY(8388608)",
        "P": "GEOGRAPHY",
        "Q": "NUMBER(5,0)",
        "R": "VARCHAR(1)",
        "S": "FLOAT",
    }


def test_describe_has_snowflakes_columns(ask: Client) -> None:
    ask("create table t (a int not null default 5 comment 'the key', primary key (a))")

    (row,) = ask.dicts("desc table leap.marts.t type = columns")

    assert row == {
        "name": "A",
        "type": "NUMBER(38,0)",
        "kind": "COLUMN",
        "null?": "N",
        "default": "5",
        "primary key": "Y",
        "unique key": "N",
        "check": None,
        "expression": None,
        "comment": "the key",
        "policy name": None,
        "privacy domain": None,
        "schema evolution record": None,
    }


def test_a_table_describes_its_own_stage(ask: Client) -> None:
    ask("create table t (a int)")

    rows = ask.dicts('DESCRIBE TABLE "LEAP"."MARTS"."T" TYPE = STAGE')

    assert {"parent_property", "property", "property_type"} <= set(rows[0])


def test_a_create_tells_its_effect(ask: Client) -> None:
    text = "create transient table t (a int) cluster by (a) comment = 'c' change_tracking = true"

    (effect,) = ask.outcome(text).effects

    assert (effect.action, effect.kind, effect.name) == ("create", "TABLE", T)
    assert effect.transient
    assert effect.comment == "c"
    assert effect.cluster_by == "(a)"
    assert effect.properties == {"CHANGE_TRACKING": "TRUE"}


def test_a_replacement_is_told_as_one(ask: Client) -> None:
    ask("create table t (a int)")

    (effect,) = ask.outcome("create or replace table t copy grants as select 1 as b").effects

    assert (effect.action, effect.copy_grants) == ("replace", True)
    assert types(ask) == {"B": "NUMBER(38,0)"}


def test_what_exists_already_has_no_effect(ask: Client) -> None:
    ask("create table t (a int)")

    outcome = ask.outcome("create table if not exists t (b int)")

    assert outcome.effects == ()
    assert types(ask) == {"A": "NUMBER(38,0)"}


def test_effects_are_told_before_anything_runs(ask: Client) -> None:
    analysis = ask.plane.analyse("create table t as select * from raw.u, v", ask.context)

    assert analysis.kind == "CREATE_TABLE_AS_SELECT"
    assert analysis.reads == {ObjectName("LEAP", "RAW", "U"), ObjectName("LEAP", "MARTS", "V")}
    assert analysis.effects[0].name == T
    assert ask.plane.objects("LEAP") == []


def test_a_query_gives_columns_wide_types(ask: Client) -> None:
    ask(
        "create table t as select 1 as n, sum(1) as s, null as nothing, 'x' as t, 1.5 as d, "
        "array_construct(1) as a, current_timestamp() as ts"
    )
    ask("insert into t select 9000000000, 1, 'text', 'y', 2.5, array_construct(), null")

    assert types(ask)["NOTHING"] == "VARCHAR(16777216)"
    assert types(ask)["TS"] == "TIMESTAMP_LTZ(9)"
    assert ask("select n from t order by n") == [(1,), (9_000_000_000,)]


def test_a_query_fills_declared_columns(ask: Client) -> None:
    ask("create table t (a number(10,2), b varchar(3)) as select '1.5', 7")

    assert ask("select * from t") == [(1.5, "7")]
    assert types(ask) == {"A": "NUMBER(10,2)", "B": "VARCHAR(3)"}


def test_declared_columns_of_a_query_keep_their_rules(ask: Client) -> None:
    """dbt's contracts write these."""
    ask("create or replace transient table t (a number not null, b varchar) as (select 1, 'x')")

    assert [row["null?"] for row in ask.dicts("describe table t")] == ["N", "Y"]
    with pytest.raises(SnowflakeError, match="NULL result in a non-nullable column"):
        ask("create or replace table t (a number not null) as (select null)")
    assert ask("select * from t") == [(1, "x")]


def test_like_copies_columns_and_clone_rows_too(ask: Client) -> None:
    ask("create table t (a number(5) not null default 7 comment 'c', b varchar(9))")
    ask("insert into t values (1, 'x')")
    ask("create table l like t")
    ask("create table c clone t")

    assert ask("select count(*) from l") == [(0,)]
    assert ask("select * from c") == [(1, "x")]
    for copy in ("l", "c"):
        assert types(ask, copy) == {"A": "NUMBER(5,0)", "B": "VARCHAR(9)"}
        assert ask.dicts(f"describe table {copy}")[0]["null?"] == "N"
    ask("insert into l (b) values ('y')")
    assert ask("select a from l") == [(7,)]


def test_defaults_and_identities_fill_what_is_left_out(ask: Client) -> None:
    ask(
        "create table t (id int autoincrement start 10 increment 5, at timestamp_ntz default "
        "current_timestamp(), who varchar default current_user(), x int)"
    )
    ask("insert into t (x) values (1), (2)")

    assert ask("select id, at, who from t order by id") == [
        (10, "2024-01-02T03:04:05", "ANNA"),
        (15, "2024-01-02T03:04:05", "ANNA"),
    ]


def test_keys_are_kept_and_not_enforced(ask: Client) -> None:
    """As on Snowflake."""
    ask(
        "create table t (a int primary key, b int unique, "
        "constraint f foreign key (b) references u (x))"
    )
    ask("insert into t values (1, 1), (1, 1)")

    rows = ask.dicts("describe table t")
    assert [(row["primary key"], row["unique key"]) for row in rows] == [("Y", "N"), ("N", "Y")]


ALTERED = (
    ("add column b varchar(5) default 'q' not null", {"A": "NUMBER(10,0)", "B": "VARCHAR(5)"}),
    ("add b int, c date", {"A": "NUMBER(10,0)", "B": "NUMBER(38,0)", "C": "DATE"}),
    ("add column if not exists a int", {"A": "NUMBER(10,0)"}),
    ("rename column a to z", {"Z": "NUMBER(10,0)"}),
    ("alter column a set data type number(20,0)", {"A": "NUMBER(20,0)"}),
    ("modify column a type number(12,0)", {"A": "NUMBER(12,0)"}),
    ("drop column if exists nope", {"A": "NUMBER(10,0)"}),
)


@pytest.mark.parametrize(("change", "expected"), ALTERED, ids=[row[0] for row in ALTERED])
def test_columns_change(ask: Client, change: str, expected: dict[str, str]) -> None:
    ask("create table t (a number(10,0))")
    ask("insert into t values (1)")

    (effect, *_) = ask.outcome(f"alter table t {change}").effects

    assert effect.action == "alter"
    assert types(ask) == expected
    assert ask("select count(*) from t") == [(1,)]


def test_several_columns_change_together(ask: Client) -> None:
    ask("create table t (a int not null, b int)")

    ask("alter table t alter column a drop not null, column b comment 'bb', b set default 3")

    rows = ask.dicts("describe table t")
    assert rows[0]["null?"] == "Y"
    assert (rows[1]["comment"], rows[1]["default"]) == ("bb", "3")
    with pytest.raises(SnowflakeError, match="cannot change column A"):
        ask("alter table t modify (column a set data type varchar)")


def test_columns_are_dropped(ask: Client) -> None:
    ask("create table t (a int, b int, c int)")

    ask("alter table t drop column a, c")

    assert list(types(ask)) == ["B"]


def test_a_table_moves_to_another_name_and_schema(ask: Client) -> None:
    ask("create table t (a int not null comment 'c')")
    ask("insert into t values (1)")

    (effect,) = ask.outcome("alter table t rename to raw.u").effects

    assert effect.new_name == ObjectName("LEAP", "RAW", "U")
    assert ask("select * from raw.u") == [(1,)]
    assert ask.dicts("describe table raw.u")[0]["comment"] == "c"
    with pytest.raises(SnowflakeError, match="does not exist"):
        ask("select * from t")


def test_two_tables_swap(ask: Client) -> None:
    ask("create table t as select 1 as a")
    ask("create table u as select 2 as b")

    (effect,) = ask.outcome("alter table t swap with u").effects

    assert (effect.action, effect.name) == ("swap", T)
    assert (ask("select b from t"), ask("select a from u")) == ([(2,)], [(1,)])


def test_properties_are_told_to_the_catalogue(ask: Client) -> None:
    ask("create table t (a int)")

    (set_,) = ask.outcome("alter table t set comment = 'x' data_retention_time_in_days = 3").effects
    (unset,) = ask.outcome("alter table t unset comment").effects
    (comment,) = ask.outcome("comment on table t is 'y'").effects

    assert set_.properties == {"COMMENT": "x", "DATA_RETENTION_TIME_IN_DAYS": "3"}
    assert unset.properties == {"COMMENT": None}
    assert comment.properties == {"COMMENT": "y"}
    assert ask.plane.objects("LEAP")[0].comment == "y"


def test_a_column_has_a_comment(ask: Client) -> None:
    ask("create table t (a int)")

    ask("comment on column t.a is 'it''s a'")

    assert ask.dicts("describe table t")[0]["comment"] == "it's a"


@pytest.mark.parametrize(
    "change",
    ["cluster by (a)", "drop clustering key", "suspend recluster", "add primary key (a)"],
)
def test_what_changes_no_row_is_accepted(ask: Client, change: str) -> None:
    ask("create table t (a int)")

    assert ask(f"alter table t {change}") == [("Statement executed successfully.",)]


@pytest.mark.parametrize(
    "change",
    ["add search optimization", "set tag x = 'y'", "add row access policy p on (a)", "fly"],
)
def test_what_is_not_understood_is_refused(ask: Client, change: str) -> None:
    ask("create table t (a int)")

    with pytest.raises(SnowflakeError, match="does not support"):
        ask(f"alter table t {change}")


def test_a_view_tells_each_reader_his_own_role(ask: Client, connect: Callable[..., Client]) -> None:
    ask("create table t as select 1 as a")
    ask("create secure view v (n, who) comment = 'c' as select a, current_role() from t")

    assert ask("select * from v") == [(1, "ANALYST")]
    assert connect(role="OTHER", schema="RAW")("select * from marts.v") == [(1, "OTHER")]


def test_a_view_is_replaced_renamed_and_dropped(ask: Client) -> None:
    ask("create view v as select 1 as a")
    ask("create or replace view v copy grants as (select 2 as a)")
    ask("alter view v rename to w")

    assert ask("select * from w") == [(2,)]
    (effect,) = ask.outcome("drop view if exists w cascade").effects
    assert (effect.action, effect.kind) == ("drop", "VIEW")
    assert ask.outcome("drop view if exists w").effects == ()


def test_a_drop_names_the_right_kind(ask: Client) -> None:
    ask("create table t (a int)")

    with pytest.raises(SnowflakeError, match="is a TABLE, not a VIEW"):
        ask("drop view t")


def test_quoted_names_keep_their_case(ask: Client) -> None:
    ask('create table "my Table" ("a b" int, "UPPER" int)')
    ask('insert into "my Table" ("a b") values (3)')

    assert ask('select "a b" from leap.marts."my Table"') == [(3,)]
    assert ask.plane.objects("LEAP")[0].name.name == "my Table"
