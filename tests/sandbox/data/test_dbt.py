"""The statements that dbt-snowflake writes, in the order in which it writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client


def test_a_table_model_is_made_twice(ask: Client) -> None:
    for value in (1, 2):
        ask(
            f"""create or replace transient table LEAP.MARTS.my_model
            copy grants as (
                with source as (select {value} as id), renamed as (select id from source)
                select * from renamed
            );"""
        )

    assert ask("select id from my_model") == [(2,)]


def test_a_view_model_is_made_twice(ask: Client) -> None:
    for value in (1, 2):
        ask(f"create or replace view LEAP.MARTS.v copy grants as (select {value} as id);")

    assert ask("select id from v") == [(2,)]


def test_the_second_run_of_an_incremental_model(ask: Client) -> None:
    ask("create or replace transient table LEAP.MARTS.inc as (select 1 as id, 'a' as v);")

    ask(
        """create or replace temporary view LEAP.MARTS.inc__dbt_tmp
        as (select 1 as id, 'A' as v, 5 as extra union all select 2, 'b', 6);"""
    )
    columns = ask.dicts("describe table LEAP.MARTS.inc__dbt_tmp")
    assert [column["name"] for column in columns] == ["ID", "V", "EXTRA"]
    ask.dicts('describe table "LEAP"."MARTS"."INC"')
    ask("alter table LEAP.MARTS.inc add column EXTRA NUMBER(38,0)")
    ask("begin;")
    ask(
        """merge into LEAP.MARTS.inc as DBT_INTERNAL_DEST
        using LEAP.MARTS.inc__dbt_tmp as DBT_INTERNAL_SOURCE
        on (DBT_INTERNAL_SOURCE.id = DBT_INTERNAL_DEST.id)
        when matched then update set "ID" = DBT_INTERNAL_SOURCE."ID",
            "V" = DBT_INTERNAL_SOURCE."V", "EXTRA" = DBT_INTERNAL_SOURCE."EXTRA"
        when not matched then insert ("ID", "V", "EXTRA") values ("ID", "V", "EXTRA");"""
    )
    ask("commit;")
    ask("drop view if exists LEAP.MARTS.inc__dbt_tmp cascade")

    assert ask("select * from inc order by id") == [(1, "A", 5), (2, "b", 6)]


def test_delete_and_insert_of_an_incremental_model(ask: Client) -> None:
    ask("create table inc as select 1 as id, 'a' as v")
    ask("create or replace temporary table LEAP.MARTS.inc__dbt_tmp as (select 1 as id, 'z' as v)")

    ask("begin;")
    ask(
        "delete from LEAP.MARTS.inc as DBT_INTERNAL_DEST "
        "where (id) in (select distinct id from LEAP.MARTS.inc__dbt_tmp as DBT_INTERNAL_SOURCE);"
    )
    ask('insert into LEAP.MARTS.inc ("ID", "V") (select "ID", "V" from LEAP.MARTS.inc__dbt_tmp);')
    ask("commit;")

    assert ask("select * from inc") == [(1, "z")]


def test_a_seed_is_loaded(ask: Client) -> None:
    ask("create table LEAP.RAW.seed (id integer, name character varying(256), d date)")
    ask(
        "insert into LEAP.RAW.seed (id, name, d) values (?, ?, ?), (?, ?, ?)",
        {
            str(place): {"type": "TEXT", "value": value}
            for place, value in enumerate(["1", "a", "2020-01-01", "2", None, None], start=1)
        },
    )

    assert ask("select * from raw.seed order by id") == [(1, "a", "2020-01-01"), (2, None, None)]


def test_a_schema_test_counts_failures(ask: Client) -> None:
    ask("create table m as select 1 as id union all select null")

    assert ask.dicts(
        """select count(*) as failures, count(*) != 0 as should_warn, count(*) != 0 as should_error
        from (select id from LEAP.MARTS.m where id is null) dbt_internal_test"""
    ) == [{"FAILURES": 1, "SHOULD_WARN": True, "SHOULD_ERROR": True}]


def test_a_relationship_test_runs(ask: Client) -> None:
    ask("create table child as select 1 as parent_id")
    ask("create table parent as select 1 as id")

    rows = ask(
        """with child as (select parent_id as from_field from LEAP.MARTS.child
                          where parent_id is not null),
             parent as (select id as to_field from LEAP.MARTS.parent)
        select from_field from child left join parent on child.from_field = parent.to_field
        where parent.to_field is null"""
    )

    assert rows == []


def test_comments_are_persisted(ask: Client) -> None:
    ask("create table m as select 1 as id")
    ask("comment on table LEAP.MARTS.m IS $$about m$$;")
    ask('alter table LEAP.MARTS.m alter "ID" COMMENT $$the id$$;')

    assert ask.dicts("describe table m")[0]["comment"] == "the id"


@pytest.mark.parametrize("table", ["m", "v"])
def test_the_catalog_query_finds_tables_and_columns(ask: Client, table: str) -> None:
    ask("create table m as select 1 as id")
    ask("create view v as select id from m")

    rows = ask.dicts(
        """
        with tables as (
            select table_catalog as "table_database", table_schema as "table_schema",
                table_name as "table_name",
                case when is_dynamic = 'YES' and table_type = 'BASE TABLE' then 'DYNAMIC TABLE'
                     else table_type end as "table_type",
                comment as "table_comment", table_owner as "table_owner",
                clustering_key as "stats:clustering_key:value",
                row_count as "stats:row_count:value",
                bytes as "stats:bytes:value",
                to_varchar(convert_timezone('UTC', last_altered), 'yyyy-mm-dd HH24:MI') || 'UTC'
                    as "stats:last_modified:value",
                table_type in ('BASE TABLE', 'EVENT TABLE') as "stats:row_count:include"
            from LEAP.INFORMATION_SCHEMA.tables
            where (upper("table_schema") = upper('MARTS'))
        ), columns as (
            select table_catalog as "table_database", table_schema as "table_schema",
                table_name as "table_name", column_name as "column_name",
                ordinal_position as "column_index", data_type as "column_type",
                comment as "column_comment"
            from LEAP.INFORMATION_SCHEMA.columns
        )
        select * from tables join columns using ("table_database", "table_schema", "table_name")
        order by "column_index"
        """
    )

    found = [row for row in rows if row["table_name"] == table.upper()]
    assert [(row["column_name"], row["column_type"]) for row in found] == [("ID", "NUMBER")]


def test_a_swap_replaces_a_model(ask: Client) -> None:
    ask("create table m as select 1 as id")
    ask("create transient table m__dbt_tmp as (select 2 as id)")
    ask("alter table LEAP.MARTS.m swap with LEAP.MARTS.m__dbt_tmp")
    ask("drop table if exists LEAP.MARTS.m__dbt_tmp cascade")

    assert ask("select id from m") == [(2,)]


def test_limit_zero_tells_the_columns_of_a_model(ask: Client) -> None:
    outcome = ask.outcome(
        "select * from (select 1 as id, 'x' as v) as __dbt_sbq where false limit 0"
    )

    assert [c["name"] for c in outcome.result.to_wire()["rowtype"]] == ["ID", "V"]
