"""COPY INTO: formats, transformations, choosing files and the load history."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client, LocalFiles

QUOTED = {"TYPE": "CSV", "SKIP_HEADER": 1, "FIELD_OPTIONALLY_ENCLOSED_BY": '"'}


@pytest.fixture
def gyms(ask: Client, files: LocalFiles) -> Client:
    files.formats["F"] = QUOTED
    ask("create table gyms (id number not null, name varchar(10), lat float, d date, ok boolean)")
    return ask


def load(ask: Client, options: str = "file_format = (format_name = 'F')") -> dict[str, Any]:
    (row,) = ask.dicts(f"copy into gyms from @s {options}")
    return row


def test_a_csv_file_becomes_rows(gyms: Client, files: LocalFiles) -> None:
    files.put(
        "gyms.csv",
        'id,name,lat,opened,ok\n1,"Iron, Inc",1.5,2020-01-31,yes\n2,"two\nlines",,,0\n3,"",2,,\n',
    )

    row = load(gyms)

    assert row["file"] == "gyms.csv"
    assert (row["status"], row["rows_parsed"], row["rows_loaded"]) == ("LOADED", 3, 3)
    assert row["first_error"] is None
    assert gyms("select * from gyms order by id") == [
        (1, "Iron, Inc", 1.5, "2020-01-31", True),
        (2, "two\nlines", None, None, False),
        (3, "", 2, None, None),
    ]


@pytest.mark.parametrize(
    ("options", "data", "expected"),
    [
        ("field_delimiter = '|'", "1|a\n", ("1", "a")),
        ("field_delimiter = '\\t'", "1\ta\n", ("1", "a")),
        ("field_delimiter = '||'", "1||a\n", ("1", "a")),
        ("record_delimiter = ';'", "1,a;", ("1", "a")),
        ("null_if = ('NULL', '-')", "NULL,-\n", (None, None)),
        ("", "\\N,a\n", (None, "a")),
        ("trim_space = true", "  1 , a\n", ("1", "a")),
        ("empty_field_as_null = false", "1,\n", ("1", "")),
        ("", "1,\n", ("1", None)),
        ("field_optionally_enclosed_by = '\"'", '"1,""x""",a\n', ('1,"x"', "a")),
        ("field_optionally_enclosed_by = '0x27'", "'1,x',a\n", ("1,x", "a")),
        ("escape = '\\\\' field_optionally_enclosed_by = '\"'", '"1\\"",a\n', ('1"', "a")),
        ("error_on_column_count_mismatch = false", "1\n", ("1", None)),
        ("error_on_column_count_mismatch = false", "1,a,more\n", ("1", "a")),
        ("skip_header = 2", "h\nh\n1,a\n", ("1", "a")),
        ("compression = gzip", gzip.compress(b"1,a\n", mtime=0), ("1", "a")),
        ("encoding = 'UTF8'", "\ufeff1,ä\n", ("1", "ä")),
        ("skip_blank_lines = true", "\n1,a\n\n", ("1", "a")),
    ],
)
def test_a_csv_option_is_followed(
    ask: Client, files: LocalFiles, options: str, data: str | bytes, expected: tuple[Any, ...]
) -> None:
    ask("create table t (a varchar, b varchar)")
    files.put("x.csv", data)

    ask(f"copy into t from @s file_format = (type = csv {options})")

    assert ask("select * from t") == [expected]


def test_dates_are_read_in_the_given_format(ask: Client, files: LocalFiles) -> None:
    ask("create table t (d date, ts timestamp_ntz)")
    files.put("x.csv", "31/01/2020,20200131 10:11\n")

    ask(
        "copy into t from @s file_format = (type = csv date_format = 'DD/MM/YYYY' "
        "timestamp_format = 'YYYYMMDD HH24:MI')"
    )

    assert ask("select * from t") == [("2020-01-31", "2020-01-31T10:11:00")]


def test_a_query_transforms_the_columns(ask: Client, files: LocalFiles) -> None:
    files.formats["F"] = QUOTED
    ask("create table t (id number, name varchar, file varchar, line number, at timestamp_ntz)")
    files.put("in/x.csv", "id,name\n1,ann\n2,bob\n")

    ask(
        "copy into t (id, name, file, line, at) from (select t.$1, upper($2), metadata$filename, "
        "METADATA$FILE_ROW_NUMBER, current_timestamp() from @s/in/ t) "
        """file_format = (format_name = '"LEAP"."MARTS"."F"')"""
    )

    assert ask("select * from t order by id") == [
        (1, "ANN", "in/x.csv", 2, "2024-01-02T03:04:05"),
        (2, "BOB", "in/x.csv", 3, "2024-01-02T03:04:05"),
    ]


def test_json_records_become_variants(ask: Client, files: LocalFiles) -> None:
    ask("create table e (v variant, file varchar)")
    files.put("e.json", '{"id":1,"gym":{"name":"a"},"tags":["x"]}\n{"id":2}\n\n')

    ask("copy into e from (select $1, metadata$filename from @s) file_format = (type = json)")

    assert ask("select v:id::int, v:gym.name::string, v:tags[0]::string from e order by 1") == [
        (1, "a", "x"),
        (2, None, None),
    ]


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ('[{"id":1,"NAME":"a"},{"id":2}]', "strip_outer_array = true"),
        ('{"id":1,\n "name":"a"}\n{"id":\n2}', ""),
    ],
)
def test_json_matches_columns_by_name(
    ask: Client, files: LocalFiles, data: str, options: str
) -> None:
    ask("create table t (id number, name varchar)")
    files.put("x.json", data)

    ask(
        f"copy into t from @s file_format = (type = json {options}) "
        "match_by_column_name = case_insensitive"
    )

    assert ask("select * from t order by id") == [(1, "a"), (2, None)]


def test_a_csv_header_matches_columns_by_name(ask: Client, files: LocalFiles) -> None:
    ask("create table t (id number, name varchar)")
    files.put("x.csv", "NAME,other,Id\na,z,1\n")

    ask(
        "copy into t from @s file_format = (type = csv parse_header = true) "
        "match_by_column_name = case_insensitive"
    )

    assert ask("select * from t") == [(1, "a")]


def test_parquet_is_loaded(ask: Client, files: LocalFiles) -> None:
    ask("create table t (id number, name varchar)")
    parquet.write_table(pa.table({"ID": [1, 2], "NAME": ["a", None]}), files.root / "x.parquet")

    ask(
        "copy into t from (select $1:ID::number, $1:NAME::varchar from @s) "
        "file_format = (type = parquet)"
    )

    assert ask("select * from t order by id") == [(1, "a"), (2, None)]


def test_json_into_several_columns_needs_to_be_told_how(ask: Client, files: LocalFiles) -> None:
    ask("create table t (id number, name varchar)")
    files.put("x.json", '{"id":1}')

    with pytest.raises(SnowflakeError, match="one and only one column of variant"):
        ask("copy into t from @s file_format = (type = json)")


@pytest.mark.parametrize(
    ("options", "loaded"),
    [
        ("", ["a/1.csv", "a/2.csv", "b/3.csv"]),
        ("pattern = '.*[12][.]csv'", ["a/1.csv", "a/2.csv"]),
        ("files = ('a/2.csv')", ["a/2.csv"]),
        ("size_limit = 1", ["a/1.csv"]),
    ],
)
def test_files_are_chosen(ask: Client, files: LocalFiles, options: str, loaded: list[str]) -> None:
    ask("create table t (a number)")
    for name in ("a/1.csv", "a/2.csv", "b/3.csv"):
        files.put(name, "1\n")

    rows = ask.dicts(f"copy into t from @s {options}")

    assert [row["file"] for row in rows] == loaded


def test_a_path_chooses_files(ask: Client, files: LocalFiles) -> None:
    ask("create table t (a number)")
    files.put("a/1.csv", "1\n")
    files.put("b/2.csv", "2\n")

    ask("copy into t from @leap.marts.s/b/")

    assert ask("select * from t") == [(2,)]


def test_a_file_is_loaded_once(ask: Client, files: LocalFiles) -> None:
    ask("create table t (a number)")
    files.put("1.csv", "1\n")
    ask("copy into t from @s")

    assert ask("copy into t from @s") == [("Copy executed with 0 files processed.",)]
    ask("copy into t from @s force = true")
    assert ask("select count(*) from t") == [(2,)]
    files.put("1.csv", "2\n")
    ask("copy into t from @s")
    assert ask("select count(*) from t") == [(3,)]


def test_a_replaced_or_truncated_table_forgets_its_files(ask: Client, files: LocalFiles) -> None:
    ask("create table t (a number)")
    files.put("1.csv", "1\n")
    for forget in ("truncate table t", "create or replace table t (a number)"):
        ask("copy into t from @s")
        ask(forget)
    ask("copy into t from @s")

    assert ask("select count(*) from t") == [(1,)]


def test_a_renamed_table_remembers_its_files(ask: Client, files: LocalFiles) -> None:
    ask("create table t (a number)")
    files.put("1.csv", "1\n")
    ask("copy into t from @s")
    ask("alter table t rename to u")

    assert ask("copy into u from @s") == [("Copy executed with 0 files processed.",)]


def test_history_is_kept_for_64_days(ask: Client, files: LocalFiles) -> None:
    ask("create table t (a number)")
    files.put("1.csv", "1\n")
    ask("copy into t from @s")
    later = ask.context.now + timedelta(days=65)
    ask.context = type(ask.context)("LEAP", "MARTS", user="ANNA", role="R", now=later)

    ask("copy into t from @s")

    assert ask("select count(*) from t") == [(2,)]


def test_loaded_files_are_purged_when_asked(ask: Client, files: LocalFiles) -> None:
    ask("create table t (a number)")
    files.put("good.csv", "1\n")
    files.put("bad.csv", "x\n")

    ask("copy into t from @s purge = true on_error = skip_file")

    assert [file.name for file in files.root.iterdir()] == ["bad.csv"]


def test_a_pipe_names_its_files_and_itself(ask: Client, files: LocalFiles) -> None:
    ask("create table t (a number)")
    files.put("1.csv", "1\n")
    files.put("2.csv", "2\n")
    (arrived,) = files.stage_files(ObjectName("LEAP", "MARTS", "S"), "2")
    pipe = ObjectName("LEAP", "RAW", "P")

    outcome = ask.outcome("copy into t from @s", files=[arrived], pipe=pipe)
    again = ask.outcome("copy into t from @s", files=[arrived], pipe=pipe)

    assert [load.rows_loaded for load in outcome.loads] == [1]
    assert again.loads == ()
    assert ask("select * from t") == [(2,)]
    (row,) = ask.dicts(
        "select * from table(information_schema.copy_history(table_name => 'T', "
        "start_time => dateadd(hour, -1, current_timestamp())))"
    )
    assert (row["FILE_NAME"], row["STATUS"], row["PIPE_NAME"]) == ("2.csv", "Loaded", "P")


def test_the_stage_and_the_table_are_told_beforehand(ask: Client) -> None:
    analysis = ask.plane.analyse("copy into raw.t from @staging.s/x", ask.context)

    assert analysis.stages == {ObjectName("LEAP", "STAGING", "S")}
    assert analysis.writes == {ObjectName("LEAP", "RAW", "T"): {"INSERT"}}


def test_a_stage_can_be_queried(ask: Client, files: LocalFiles) -> None:
    files.formats["F"] = QUOTED
    files.put("x.csv", "id,name\n1,a\n2,b\n")

    rows = ask(
        "select $1::int + 1, t.$2, $3, metadata$filename from @s (file_format => 'F', "
        "pattern => '.*csv') t order by 1"
    )

    assert rows == [(2, "a", None, "x.csv"), (3, "b", None, "x.csv")]


def test_list_tells_the_files(ask: Client, files: LocalFiles) -> None:
    files.put("a/1.csv", "1\n")
    files.put("b/2.csv", "2\n")

    rows = ask.dicts("list @s/a/ pattern = '.*csv'")

    assert [(row["name"], row["size"]) for row in rows] == [("a/1.csv", 2)]
