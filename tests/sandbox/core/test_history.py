"""The history keeps statements with what they changed, and keeps secrets out."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.history import masked


@pytest.mark.parametrize(
    "text",
    [
        "CREATE USER U PASSWORD = 'hunter2'",
        "ALTER USER U SET password='hunter2' COMMENT = 'x'",
        "CREATE STAGE S CREDENTIALS = (AWS_KEY_ID = 'id' AWS_SECRET_KEY = 'hunter2')",
    ],
)
def test_a_secret_in_a_statement_is_starred_out(text: str) -> None:
    assert "hunter2" not in masked(text)


def test_other_text_is_kept() -> None:
    text = "CREATE USER U COMMENT = 'no password here'"
    assert masked(text) == text


def on_disk(folder: Path, statement: str) -> int:
    """How often a statement is in the file that another process would find after a kill."""
    with closing(sqlite3.connect(folder / "account" / "catalogue.sqlite")) as file:
        rows = file.execute("SELECT count(*) FROM queries WHERE text = ?", (statement,)).fetchone()
    return int(rows[0])


@pytest.mark.parametrize(
    "statement",
    ["CREATE ROLE R", "ALTER WAREHOUSE W SET COMMENT = 'x'", "DROP WAREHOUSE W"],
)
def test_a_change_is_on_disk_together_with_the_line_that_tells_of_it(
    sql: Any, tmp_path: Path, statement: str
) -> None:
    sql("CREATE WAREHOUSE W", statement)
    assert on_disk(tmp_path, statement) == 1


def test_a_change_is_told_once(sql: Any) -> None:
    sql("CREATE ROLE R")
    told = sql.account.history.latest(10)
    assert [query.text for query in told].count("CREATE ROLE R") == 1


def test_a_change_that_was_refused_is_told_as_failed(sql: Any) -> None:
    sql("CREATE ROLE R")
    with pytest.raises(SnowflakeError):
        sql("CREATE ROLE R")
    told = [q.status for q in sql.account.history.latest(10) if q.text == "CREATE ROLE R"]
    assert told == ["FAIL", "SUCCESS"]
