"""The procedures that workspaces get their limit by: what they make, and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra import settings
from infra.model.workspace_procedures import procedures
from sandbox.snowflake.script.failure import UncaughtError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def door(lake: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A session with the three procedures in its schema, and one workspace's role."""
    monkeypatch.delenv("LEAP_TARGET", raising=False)
    lake("USE SCHEMA DB.RAW")
    for procedure in procedures(settings.load(ROOT, "local").environment):
        arguments = ", ".join(" ".join(pair) for pair in procedure.arguments)
        lake(
            f"CREATE PROCEDURE {procedure.name}({arguments}) RETURNS VARCHAR LANGUAGE SQL "
            f"EXECUTE AS OWNER AS $${procedure.body}$$"
        )
    lake("CREATE ROLE WORKSPACE_ADMIN", "CREATE ROLE LEAP_ANALYTICS__DEV_ANN__OWN")
    return lake


def test_a_workspace_gets_a_warehouse_under_its_own_limit(door: Any) -> None:
    door("CALL WORKSPACE_OPEN('DEV_ANN')", "CALL WORKSPACE_LIMIT('DEV_ANN', 7)")
    warehouse = door.one("SHOW WAREHOUSES LIKE 'DEV_ANN_WH'")
    assert (warehouse["size"], warehouse["resource_monitor"]) == ("X-Small", "DEV_ANN_LIMIT")
    monitor = door.one("SHOW RESOURCE MONITORS LIKE 'DEV_ANN_LIMIT'")
    assert (monitor["credit_quota"], monitor["frequency"]) == ("7.00", "NEVER")
    held = door("SHOW GRANTS TO ROLE LEAP_ANALYTICS__DEV_ANN__OWN")
    assert [(row["privilege"], row["name"]) for row in held] == [("USAGE", "DEV_ANN_WH")]


def test_opening_twice_changes_nothing_and_closing_twice_is_no_error(door: Any) -> None:
    door("CALL WORKSPACE_OPEN('DEV_ANN')", "CALL WORKSPACE_LIMIT('DEV_ANN', 7)")
    door("CALL WORKSPACE_OPEN('DEV_ANN')")
    monitor = door.one("SHOW RESOURCE MONITORS LIKE 'DEV_ANN_LIMIT'")
    assert monitor["credit_quota"] == "7.00"
    door("CALL WORKSPACE_CLOSE('DEV_ANN')", "CALL WORKSPACE_CLOSE('DEV_ANN')")
    assert door("SHOW WAREHOUSES LIKE 'DEV_ANN_WH'") == []
    assert door("SHOW RESOURCE MONITORS LIKE 'DEV_ANN_LIMIT'") == []


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("CALL WORKSPACE_OPEN('BI')", "A workspace is DEV_ and a name"),
        ("CALL WORKSPACE_CLOSE('dev_ann')", "A workspace is DEV_ and a name"),
        ("CALL WORKSPACE_CLOSE('DEV_A\"; DROP WAREHOUSE BI_WH; --')", "A workspace is DEV_"),
        ("CALL WORKSPACE_LIMIT('CI_X', 1)", "A workspace is DEV_ and a name"),
        ("CALL WORKSPACE_LIMIT('DEV_ANN', 51)", "from 1 to 50 credits"),
        ("CALL WORKSPACE_LIMIT('DEV_ANN', 0)", "from 1 to 50 credits"),
    ],
)
def test_no_other_object_can_be_named_and_no_higher_limit_be_set(
    door: Any, call: str, words: str
) -> None:
    with pytest.raises(UncaughtError, match=words):
        door(call)
