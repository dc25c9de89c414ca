"""Tasks: their graph, their state, and what a running graph forbids."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.snowflake.errors import (
    CompilationError,
    DoesNotExistError,
    InvalidValueError,
)
from sandbox.snowflake.kinds.task_graph import RunningGraphError

ROOT = "CREATE TASK ROOT WAREHOUSE = W SCHEDULE = '5 MINUTE' AS SELECT 1"


@pytest.fixture
def graph(lake: Any) -> Any:
    """ROOT, then A and B, then C; FIN finalizes."""
    lake("CREATE WAREHOUSE W", "USE SCHEMA DB.RAW", ROOT)
    lake("CREATE TASK A AFTER ROOT AS SELECT 2", "CREATE TASK B AFTER ROOT AS SELECT 3")
    lake('CREATE TASK C AFTER "DB"."RAW"."A", "DB"."RAW"."B" WHEN 1 = (2 - 1) AS SELECT 4')
    lake("CREATE TASK FIN FINALIZE = ROOT AS SELECT 5")
    return lake


def shown(client: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = client.one(f"SHOW TASKS LIKE '{name}' IN SCHEMA DB.RAW")
    return found


def test_the_graph_is_shown(graph: Any) -> None:
    row = shown(graph, "C")
    assert json.loads(row["predecessors"]) == ["DB.RAW.A", "DB.RAW.B"]
    assert (row["condition"], row["definition"], row["state"]) == (
        "1 = (2 - 1)",
        "SELECT 4",
        "suspended",
    )
    assert json.loads(shown(graph, "ROOT")["task_relations"]) == {
        "Predecessors": [],
        "FinalizerTask": "DB.RAW.FIN",
    }
    assert json.loads(shown(graph, "FIN")["task_relations"])["FinalizedRootTask"] == "DB.RAW.ROOT"
    assert [row["name"] for row in graph("SHOW TASKS IN SCHEMA DB.RAW ROOT ONLY")] == ["ROOT"]
    assert graph.one("DESCRIBE TASK ROOT")["schedule"] == "5 MINUTE"


def test_a_running_graph_does_not_change(graph: Any) -> None:
    graph("ALTER TASK C RESUME", "ALTER TASK ROOT RESUME")
    for statement in (
        "ALTER TASK C SET COMMENT = 'x'",
        "ALTER TASK ROOT SET SCHEDULE = '6 MINUTE'",
        "ALTER TASK C MODIFY AS SELECT 9",
        "ALTER TASK C REMOVE AFTER A",
        "CREATE TASK D AFTER C AS SELECT 1",
    ):
        with pytest.raises(RunningGraphError, match=r"DB\.RAW\.ROOT"):
            graph(statement)
    graph("ALTER TASK ROOT SUSPEND", "ALTER TASK C MODIFY AS SELECT 9")
    assert shown(graph, "C")["definition"] == "SELECT 9"
    assert shown(graph, "ROOT")["last_suspended_reason"] == "USER_SUSPENDED"


def test_predecessors_come_and_go(graph: Any) -> None:
    graph("ALTER TASK C REMOVE AFTER A", "ALTER TASK C ADD AFTER A, ROOT")
    assert json.loads(shown(graph, "C")["predecessors"]) == ["DB.RAW.B", "DB.RAW.A", "DB.RAW.ROOT"]
    graph("ALTER TASK C RESUME", "DROP TASK B", "DROP TASK A", "DROP TASK ROOT")
    assert (shown(graph, "C")["predecessors"], shown(graph, "C")["state"]) == ("[]", "suspended")


def test_conditions_and_properties_change(graph: Any) -> None:
    graph("ALTER TASK C MODIFY WHEN TRUE", "ALTER TASK FIN UNSET FINALIZE")
    assert shown(graph, "C")["condition"] == "TRUE"
    graph("ALTER TASK C REMOVE WHEN", "ALTER TASK ROOT UNSET WAREHOUSE")
    assert (shown(graph, "C")["condition"], shown(graph, "ROOT")["warehouse"]) == (None, None)
    graph("ALTER TASK ROOT SET USER_TASK_TIMEOUT_MS = 5000, ALLOW_OVERLAPPING_EXECUTION = TRUE")
    levels = {row["key"]: row["level"] for row in graph("SHOW PARAMETERS IN TASK DB.RAW.ROOT")}
    assert levels["USER_TASK_TIMEOUT_MS"] == "TASK"
    assert shown(graph, "ROOT")["allow_overlapping_execution"] == "true"


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("CREATE TASK X AFTER NOPE AS SELECT 1", DoesNotExistError),
        ("CREATE TASK X WAREHOUSE = NOPE SCHEDULE = '1 MINUTE' AS SELECT 1", DoesNotExistError),
        ("CREATE TASK X SCHEDULE = '1 MINUTE' AFTER ROOT AS SELECT 1", CompilationError),
        ("CREATE TASK X SCHEDULE = 'sometimes' AS SELECT 1", InvalidValueError),
        (
            "CREATE TASK X SCHEDULE = 'USING CRON 0 9 * * * Mars' AS SELECT 1",
            InvalidValueError,
        ),
        ("CREATE TASK X FINALIZE = C AS SELECT 1", CompilationError),
        ("CREATE TASK X FINALIZE = ROOT AS SELECT 1", CompilationError),
        ("CREATE TASK X SCHEDULE = '1 MINUTE'", CompilationError),
        ("ALTER TASK ROOT ADD AFTER C", CompilationError),
        ("ALTER TASK A ADD AFTER C", CompilationError),
        ("EXECUTE TASK A", CompilationError),
    ],
)
def test_what_is_no_graph_is_refused(graph: Any, statement: str, error: Any) -> None:
    with pytest.raises(error):
        graph(statement)


def test_a_schedule_by_cron_is_kept(graph: Any) -> None:
    graph("CREATE TASK N SCHEDULE = 'USING CRON 0 9-17 * * SUN America/Los_Angeles' AS SELECT 1")
    assert shown(graph, "N")["schedule"] == "USING CRON 0 9-17 * * SUN America/Los_Angeles"


def test_a_graph_outlives_a_restart_and_goes_with_its_schema(graph: Any, restarted: Any) -> None:
    graph("ALTER TASK ROOT RESUME")
    again = restarted()
    assert shown(again, "ROOT")["state"] == "started"
    again("DROP SCHEMA DB.RAW")
    assert again("SHOW TASKS IN ACCOUNT") == []
