"""What a bad record does under each ON_ERROR, and how its place is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client, LocalFiles

DATA = "id,name\n1,ann\nx,bob\n3,carl\n,dora\n5,far too long\n6,eve,more\n"
CSV = "file_format = (type = csv skip_header = 1)"


@pytest.fixture
def table(ask: Client, files: LocalFiles) -> Client:
    ask("create table t (id number not null, name varchar(5))")
    files.put("bad.csv", DATA)
    files.put("good.csv", "id,name\n9,zoe\n")
    return ask


def copied(ask: Client, on_error: str) -> dict[str, dict[str, Any]]:
    rows = ask.dicts(f"copy into t from @s {CSV} on_error = {on_error}")
    return {row["file"]: row for row in rows}


def test_the_first_error_aborts_the_statement_and_tells_its_place(table: Client) -> None:
    with pytest.raises(SnowflakeError) as raised:
        table(f"copy into t from @s {CSV}")

    assert raised.value.code == "100038"
    assert raised.value.message.startswith(
        "Numeric value 'x' is not recognized\n"
        "  File 'bad.csv', line 3, character 1\n"
        '  Row 2, column "T"["ID":1]\n'
        "  If you would like to continue loading when an error is encountered"
    )
    assert table("select * from t") == []


def test_continue_loads_the_good_rows(table: Client) -> None:
    rows = copied(table, "continue")

    assert rows["good.csv"]["status"] == "LOADED"
    bad = rows["bad.csv"]
    assert bad["status"] == "PARTIALLY_LOADED"
    assert (bad["rows_parsed"], bad["rows_loaded"], bad["errors_seen"]) == (6, 2, 4)
    assert bad["first_error"] == "Numeric value 'x' is not recognized"
    assert (bad["first_error_line"], bad["first_error_character"]) == (3, 1)
    assert bad["first_error_column_name"] == '"T"["ID":1]'
    assert table("select id from t order by id") == [(1,), (3,), (9,)]


@pytest.mark.parametrize(
    ("on_error", "loaded"),
    [
        ("skip_file", 0),
        ("skip_file_4", 0),
        ("skip_file_5", 2),
        ("'skip_file_50%'", 0),
        ("'skip_file_70%'", 2),
    ],
)
def test_a_file_is_skipped_from_so_many_errors_on(
    table: Client, on_error: str, loaded: int
) -> None:
    rows = copied(table, on_error)

    assert rows["bad.csv"]["rows_loaded"] == loaded
    assert rows["bad.csv"]["status"] == ("PARTIALLY_LOADED" if loaded else "LOAD_FAILED")
    assert table("select count(*) from t") == [(loaded + 1,)]


def test_a_failed_file_is_tried_again(table: Client, files: LocalFiles) -> None:
    copied(table, "skip_file")

    assert list(copied(table, "skip_file")) == ["bad.csv"]


def test_a_pipe_skips_bad_files_by_default(table: Client) -> None:
    pipe = ObjectName("LEAP", "RAW", "P")

    outcome = table.outcome(f"copy into t from @s {CSV}", pipe=pipe)

    assert [load.status for load in outcome.loads] == ["LOAD_FAILED", "LOADED"]


def test_validation_tells_every_error_and_loads_nothing(table: Client) -> None:
    rows = table.dicts(f"copy into t from @s {CSV} validation_mode = return_errors")

    assert [(row["LINE"], row["ERROR"]) for row in rows] == [
        (3, "Numeric value 'x' is not recognized"),
        (5, "NULL result in a non-nullable column 'ID'"),
        (6, "User character length limit (5) exceeded by string far too long"),
        (
            7,
            "Number of columns in file (3) does not match that of the corresponding table (2), "
            "use file format option error_on_column_count_mismatch=false to ignore this error",
        ),
    ]
    assert rows[0]["REJECTED_RECORD"] == "x,bob"
    assert table("select * from t") == []


def test_long_text_is_cut_when_asked(ask: Client, files: LocalFiles) -> None:
    ask("create table t (name varchar(5))")
    files.put("x.csv", "far too long\n")

    ask("copy into t from @s truncatecolumns = true")

    assert ask("select * from t") == [("far t",)]


def test_a_malformed_json_line_is_told_with_its_line(ask: Client, files: LocalFiles) -> None:
    ask("create table e (v variant)")
    files.put("x.json", '{"a":1}\n{oops\n{"a":3}\n')

    (row,) = ask.dicts("copy into e from @s file_format = (type = json) on_error = continue")

    assert (row["rows_loaded"], row["first_error_line"]) == (2, 2)
    assert row["first_error"].startswith("Error parsing JSON")


def test_a_value_in_a_json_record_is_told_with_its_column(ask: Client, files: LocalFiles) -> None:
    ask("create table e (n number)")
    files.put("x.json", '{"a":1}\n{"a":"z"}\n')

    (row,) = ask.dicts(
        "copy into e from (select $1:a::number from @s) file_format = (type = json) "
        "on_error = continue"
    )

    assert (row["rows_loaded"], row["first_error_line"]) == (1, 2)
    assert row["first_error"] == "Numeric value 'z' is not recognized"
    assert row["first_error_column_name"] == '"E"["N":1]'


UNREADABLE = (
    ("type = csv", b"1,\xff\n", "Invalid UTF8 detected in string 'ff'"),
    ("type = csv", b"\x1f\x8bno gzip", "ended before the end-of-stream marker"),
    ("type = csv field_optionally_enclosed_by = '\"'", b'1,"open\n', "End of record reached"),
    ("type = json", b'{"a":1', "Error parsing JSON"),
    ("type = parquet", b"PAR1", "Parquet"),
)


@pytest.mark.parametrize(("options", "data", "words"), UNREADABLE)
def test_an_unreadable_file_fails_and_the_rest_loads(
    ask: Client, files: LocalFiles, options: str, data: bytes, words: str
) -> None:
    ask("create table e (v variant)")
    ask("create table t (id number, name varchar)")
    files.put("a.bad", data)
    files.put("b.csv", "9,zoe\n")
    target = "e" if "csv" not in options else "t"

    rows = ask.dicts(f"copy into {target} from @s file_format = ({options}) on_error = skip_file")

    assert (rows[0]["status"], rows[0]["rows_loaded"]) == ("LOAD_FAILED", 0)
    assert words in rows[0]["first_error"]
    if target == "t":
        assert rows[1]["status"] == "LOADED"


def test_an_empty_file_loads_no_row(ask: Client, files: LocalFiles) -> None:
    ask("create table t (id number, name varchar)")
    files.put("empty.csv", "")
    files.put("header.csv", "id,name\n")

    rows = copied(ask, "abort_statement")

    assert [row["rows_loaded"] for row in rows.values()] == [0, 0]


def test_an_error_leaves_an_open_transaction_alone(table: Client) -> None:
    table("begin")
    table("insert into t values (7, 'mine')")
    with pytest.raises(SnowflakeError):
        table(f"copy into t from @s {CSV}")
    table("commit")

    assert table("select id from t") == [(7,)]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("copy into nope from @s", "Table 'LEAP.MARTS.NOPE' does not exist"),
        ("copy into t (nope) from @s", "invalid identifier 'NOPE'"),
        ("copy into t from @s file_format = (format_name = 'NOPE')", "does not exist"),
        ("copy into t from @s on_error = maybe", "invalid value [maybe]"),
        ("copy into t from @s file_format = (type = xml)", "files of type XML"),
        ("copy into t from @s nonsense = 1", "COPY option NONSENSE"),
        ("copy into t from (select $1 from @s where $1 > 1)", "more than SELECT"),
        ("copy into t from (select $1 from @s)", "expecting 2 but got 1"),
    ],
)
def test_a_statement_that_cannot_be_is_refused(table: Client, sql: str, words: str) -> None:
    with pytest.raises(SnowflakeError) as raised:
        table(sql)

    assert words.lower() in raised.value.message.lower()
