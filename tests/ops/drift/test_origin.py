"""Who made what was found: the statement of that sort, that names it, at that moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from ops.access.account import ReadRefusedError
from ops.access.names import Securable, role
from ops.drift.finding import Finding, Form, Subject
from ops.drift.origin import HISTORY, origins
from tests.ops.drift.conftest import MADE

TABLE = Securable("TABLE", ("D", "S", "T"))
NOW = MADE + timedelta(days=1)
BY_HAND = Finding(Form.UNKNOWN, Subject.OBJECT, TABLE, since=MADE, by_role="SYSADMIN")
GRANT = Finding(
    Form.UNKNOWN,
    Subject.GRANT,
    TABLE,
    holder=role("READER"),
    privileges=("SELECT",),
    since=MADE,
    by_role="SYSADMIN",
)
CHANGED = Finding(
    Form.DIFFERENT, Subject.PROPERTY, Securable("WAREHOUSE", ("W",)), setting="auto_suspend"
)


def ran(text: str, user: str = "ANN", seconds: float = 0) -> dict[str, Any]:
    """A statement of the history."""
    start = MADE + timedelta(seconds=seconds)
    return {
        "user_name": user,
        "role_name": "SYSADMIN",
        "start_time": start,
        "end_time": start + timedelta(seconds=1),
        "query_text": text,
    }


def maker(finding: Finding, *history: dict[str, Any]) -> tuple[str, str]:
    """The user and the statement."""
    found, unread = origins([finding], lambda _: history, NOW)
    assert unread == []
    return found[finding].user, found[finding].statement


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (BY_HAND, "create table D.S.T (A int)"),
        (BY_HAND, 'CREATE TABLE "D"."S"."T" (A INT)'),
        (BY_HAND, "UNDROP TABLE D.S.T"),
        (GRANT, "GRANT SELECT ON TABLE D.S.T TO ROLE READER"),
        (GRANT, "GRANT SELECT ON ALL TABLES IN SCHEMA D.S TO ROLE READER"),
        (CHANGED, "ALTER WAREHOUSE W SET AUTO_SUSPEND = 600"),
    ],
)
def test_the_statement_that_did_it_is_found(finding: Finding, text: str) -> None:
    others = ran("SELECT * FROM D.S.T", "BEA"), ran("CREATE TABLE D.S.OTHER (A INT)", "BEA")
    assert maker(finding, *others, ran(text)) == ("ANN", text)


@pytest.mark.parametrize(
    ("finding", "text", "seconds"),
    [
        (BY_HAND, "CREATE TABLE D.S.T (A INT)", 60),
        (BY_HAND, "CREATE TABLE D.S.T_OLD (A INT)", 0),
        (BY_HAND, "CREATE TABLE D.S.OUT (A INT)", 0),
        (BY_HAND, "DROP TABLE D.S.T", 0),
        (GRANT, "GRANT SELECT ON TABLE D.S.T TO ROLE READERS", 0),
        (CHANGED, "ALTER WAREHOUSE BI_W SET AUTO_SUSPEND = 600", 0),
        (CHANGED, "ALTER WAREHOUSE W SET X = 1 --terraform_provider_usage_tracking {}", 0),
    ],
)
def test_a_statement_that_did_something_else_is_not(
    finding: Finding, text: str, seconds: float
) -> None:
    assert maker(finding, ran(text, seconds=seconds)) == ("", "")


def test_of_several_the_one_nearest_to_the_moment_is_taken() -> None:
    near, far = ran("CREATE TABLE D.S.T (A INT)", "ANN", 1), ran("CREATE TABLE D.S.T", "BEA", -4)
    assert maker(BY_HAND, far, near)[0] == "ANN"


def test_without_a_history_the_object_tells_role_and_moment() -> None:
    def refused(_: str) -> Sequence[dict[str, Any]]:
        raise ReadRefusedError("Insufficient privileges")

    found, unread = origins([BY_HAND], refused, NOW)
    assert (found[BY_HAND].user, found[BY_HAND].role) == ("", "SYSADMIN")
    assert found[BY_HAND].when == MADE
    assert [(one.what, one.why) for one in unread] == [(HISTORY, "Insufficient privileges")]


def test_one_statement_asks_for_all_findings_and_none_where_nothing_was_found() -> None:
    asked: list[str] = []

    def ask(text: str) -> Sequence[dict[str, Any]]:
        asked.append(text)
        return []

    assert origins([], ask, NOW) == ({}, [])
    assert asked == []
    origins([BY_HAND, GRANT], ask, NOW)
    assert len(asked) == 1
    assert f"'{_text(MADE - timedelta(seconds=5))}'" in asked[0]
    origins([BY_HAND, CHANGED], ask, NOW)
    assert f"'{_text(NOW - timedelta(days=7, seconds=5))}'" in asked[1]


def _text(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="milliseconds")
