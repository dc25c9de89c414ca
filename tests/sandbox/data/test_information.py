"""INFORMATION_SCHEMA, SHOW COLUMNS and what the control plane adds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.snowflake.data.model import (
    ObjectName,
    Protection,
    QueryContext,
    StreamFacts,
    VirtualTable,
)
from sandbox.snowflake.data.plane import DataPlane
from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client, LocalFiles


@pytest.fixture
def filled(ask: Client) -> Client:
    ask("create transient table t (id number(10,0) not null default 1 comment 'k', v varchar(20))")
    ask("insert into t (v) values ('a'), ('b')")
    ask("create secure view w as select id from t")
    ask("create table raw.r (ts timestamp_ltz, f float, j variant)")
    return ask


def test_tables_lists_tables_and_views(filled: Client) -> None:
    rows = filled(
        "select table_schema, table_name, table_type, is_transient, row_count, table_owner "
        "from information_schema.tables order by 1, 2"
    )

    assert rows == [
        ("MARTS", "T", "BASE TABLE", "YES", 2, "ANALYST"),
        ("MARTS", "W", "VIEW", "NO", None, "ANALYST"),
        ("RAW", "R", "BASE TABLE", "NO", 0, "ANALYST"),
    ]


def test_columns_tells_types_and_sizes(filled: Client) -> None:
    rows = filled(
        "select column_name, ordinal_position, column_default, is_nullable, data_type, "
        "character_maximum_length, numeric_precision, numeric_scale, datetime_precision, comment "
        "from leap.information_schema.columns where table_name in ('T', 'R') "
        "order by table_name, ordinal_position"
    )

    assert rows == [
        ("TS", 1, None, "YES", "TIMESTAMP_LTZ", None, None, None, 9, None),
        ("F", 2, None, "YES", "FLOAT", None, None, None, None, None),
        ("J", 3, None, "YES", "VARIANT", None, None, None, None, None),
        ("ID", 1, "1", "NO", "NUMBER", None, 10, 0, None, "k"),
        ("V", 2, None, "YES", "TEXT", 20, None, None, None, None),
    ]


def test_views_tells_the_text(filled: Client) -> None:
    assert filled(
        "select table_name, view_definition, is_secure from information_schema.views"
    ) == [("W", "create secure view w as select id from t", "YES")]


def test_schemata_and_databases_hide_what_is_ours(filled: Client) -> None:
    assert filled("select schema_name from information_schema.schemata order by 1") == [
        ("INFORMATION_SCHEMA",),
        ("MARTS",),
        ("RAW",),
        ("STAGING",),
    ]
    assert filled("select database_name from information_schema.databases") == [("LEAP",)]


def test_load_history_tells_each_file(filled: Client, files: LocalFiles) -> None:
    files.put("x.csv", "1,a\nx,b\n")
    filled("copy into t from @s on_error = continue")

    assert filled(
        "select schema_name, file_name, table_name, status, row_count, row_parsed, "
        "first_error_message, first_error_line_number from information_schema.load_history"
    ) == [
        (
            "MARTS",
            "x.csv",
            "T",
            "PARTIALLY_LOADED",
            1,
            2,
            "Numeric value 'x' is not recognized",
            2,
        )
    ]


@pytest.mark.parametrize(
    ("clause", "count"),
    [
        ("", 6),
        ("in table t", 2),
        ("in view w", 1),
        ("in schema raw", 3),
        ("in database leap", 6),
        ("in account", 6),
        ("like 'i%' in schema marts", 2),
    ],
)
def test_show_columns_has_its_scopes(filled: Client, clause: str, count: int) -> None:
    assert len(filled(f"show columns {clause}")) == count


def test_show_columns_tells_the_type_as_json(filled: Client) -> None:
    (row,) = filled.dicts("show columns like 'v' in table t")

    assert row["column_name"] == "V"
    assert '"type":"TEXT","length":20' in row["data_type"]


@pytest.mark.parametrize(
    "source", ["information_schema.nope", "snowflake.account_usage.query_history"]
)
def test_an_unknown_view_is_missing(ask: Client, source: str) -> None:
    with pytest.raises(SnowflakeError, match="does not exist or not authorized"):
        ask(f"select * from {source}")


def test_a_table_can_be_made_from_the_catalog_and_a_view_cannot(filled: Client) -> None:
    filled("create table names as select table_name from information_schema.tables")

    assert filled("select count(*) from names") == [(3,)]
    with pytest.raises(SnowflakeError, match="a view over INFORMATION_SCHEMA"):
        filled("create view v as select table_name from information_schema.tables")


class System:
    """A control plane with one view, one function and owners."""

    def view(self, name: ObjectName, context: QueryContext) -> VirtualTable | None:
        if name != ObjectName("SNOWFLAKE", "ACCOUNT_USAGE", "USERS"):
            return None
        return VirtualTable((("NAME", "TEXT"), ("N", "NUMBER")), ((context.user, 1), ("B", None)))

    def function(
        self,
        database: str | None,
        name: str,
        arguments: Mapping[str, Any],
        context: QueryContext,
    ) -> VirtualTable | None:
        if name != "QUERY_HISTORY":
            return None
        return VirtualTable((("LIMIT", "TEXT"),), ((str(sorted(arguments.items())),),))

    def lists(self, path: tuple[str, ...], context: QueryContext) -> bool:
        return "HIDDEN" not in path

    def database_facts(self, name: str) -> Mapping[str, Any]:
        return {"DATABASE_OWNER": "SYSADMIN"}

    def schema_facts(self, database: str, name: str) -> Mapping[str, Any]:
        return {"SCHEMA_OWNER": f"OWNER_OF_{name}"}

    def object_facts(self, name: ObjectName) -> Mapping[str, Any]:
        return {"TABLE_OWNER": "TRANSFORMER"}

    def statement_times(self, statement: str) -> tuple[datetime, datetime] | None:
        return None

    def retention_days(self, name: ObjectName) -> int:
        return 0

    def masking_policies(self, name: ObjectName) -> Mapping[str, str]:
        return {}

    def protection_version(self) -> int | None:
        return None

    def protection(self, name: ObjectName) -> Protection | None:
        return None

    def view_definition(self, name: ObjectName) -> tuple[str, str] | None:
        return None

    def stream(self, name: ObjectName) -> StreamFacts | None:
        return None

    def has_streams(self) -> bool:
        return False

    def tracks_changes(self, name: ObjectName) -> tuple[int, bool]:
        return 0, False


def test_the_control_plane_adds_views_functions_and_owners(
    tmp_path: Path, files: LocalFiles, ask: Client
) -> None:
    plane = DataPlane(tmp_path / "own", files, System())
    plane.create_database("LEAP")
    plane.create_schema("LEAP", "MARTS")
    ask = type(ask)(plane, ask.context, plane.open_session())
    ask("create table t (a int)")

    assert ask("select n + 1, name from snowflake.account_usage.users u where u.n = 1") == [
        (2, "ANNA")
    ]
    assert ask("select * from table(information_schema.query_history(result_limit => 1 + 1))") == [
        ("[('RESULT_LIMIT', 2)]",)
    ]
    assert ask("select table_owner from information_schema.tables") == [("TRANSFORMER",)]
    assert ask("select schema_owner from information_schema.schemata order by 1") == [
        ("OWNER_OF_INFORMATION_SCHEMA",),
        ("OWNER_OF_MARTS",),
    ]
    plane.close()
