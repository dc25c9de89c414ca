"""What our sessions did, by the account's word; others' statements are not counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ops.drill import untouched
from ops.drill.untouched import since


def row(text: str, tag: str = "leap stack local", status: str = "SUCCESS") -> dict[str, Any]:
    """A statement."""
    return {"query_text": text, "query_tag": tag, "execution_status": status, "end_time": "t"}


def account(*rows: dict[str, Any]) -> Any:
    """One with this history, the newest first."""
    return lambda statement: list(rows)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE ROLE R",
        " create or replace table T (A INT)",
        "DROP ROLE R",
        'GRANT OWNERSHIP ON TABLE T TO ROLE "R"',
        "ALTER WAREHOUSE A RENAME TO B",
        "ALTER TABLE A\nSWAP WITH B",
        "INSERT INTO T SELECT 1",
    ],
)
def test_whatever_makes_or_takes_is_told(text: str) -> None:
    done = since(account(row("SHOW ROLES"), row(text)), "D", "local", "now")
    assert (done.changed, done.set_, done.asked) == ([text], [], 1)


def test_setting_a_property_is_told_apart_and_others_are_left_out() -> None:
    rows = (
        row("DROP TABLE T", tag="dbt"),
        row("DROP TABLE U", status="FAIL"),
        row("ALTER USER U SET PASSWORD = 'x'"),
        row("ALTER ACCOUNT SET RESOURCE_MONITOR = M", tag="leap: the account's monitor"),
        row("ALTER SESSION SET QUERY_TAG = 'x'"),
        row('CALL "D"."S"."PLATFORM_BUDGET"!GET_SPENDING_LIMIT()'),
        row('CALL "D"."S"."PLATFORM_BUDGET"!SET_SPENDING_LIMIT(500)'),
    )
    done = since(account(*rows), "D", "local", "now")
    assert done.set_ == [rows[at]["query_text"] for at in (6, 3, 2)]
    assert (done.changed, done.asked, done.whole) == ([], 2, True)


def test_a_long_history_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untouched, "MOST", 2)
    pages = [[row("DROP ROLE B"), row("SHOW ROLES")], [row("DROP ROLE A")]]
    asked: list[str] = []

    def ask(statement: str) -> Sequence[dict[str, Any]]:
        asked.append(statement)
        return pages[len(asked) - 1]

    done = since(ask, "D", "local", "now")
    assert (done.changed, done.whole) == (["DROP ROLE A", "DROP ROLE B"], True)
    assert ["END_TIME_RANGE_END" in one for one in asked] == [False, True]
