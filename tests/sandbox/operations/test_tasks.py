"""Tasks run on the clock: schedules, graphs, conditions, failures, retries, and their history."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.snowflake.errors import CompilationError, SnowflakeError

HISTORY = (
    "SELECT NAME, STATE FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) WHERE STATE <> 'SCHEDULED' "
    "ORDER BY SCHEDULED_TIME, COMPLETED_TIME, NAME"
)


@pytest.fixture
def work(estate: Any) -> Any:
    """Schema DB.OPS with a table LOG, into which tasks write, and warehouse WORK_WH."""
    estate("CREATE WAREHOUSE WORK_WH", "CREATE TABLE LOG (NAME TEXT, AT TIMESTAMP_NTZ)")
    return estate


def task(name: str, rest: str, body: str = "") -> str:
    """CREATE TASK that writes its name into LOG."""
    does = body or f"INSERT INTO LOG SELECT '{name}', SYSDATE()"
    return f"CREATE TASK {name} WAREHOUSE = WORK_WH {rest} AS {does}"


def written(work: Any) -> list[str]:
    return [row["NAME"] for row in work("SELECT NAME FROM LOG ORDER BY AT")]


def test_a_schedule_runs_at_its_times(work: Any) -> None:
    work(
        task("OFTEN", "SCHEDULE = '20 MINUTES'"),
        task("DAILY", "SCHEDULE = 'USING CRON 30 6 * * * UTC'"),
        task("NEVER", "SCHEDULE = '1 MINUTE'"),
        "ALTER TASK OFTEN RESUME",
        "ALTER TASK DAILY RESUME",
    )
    ran = [run for run in work.pass_time(hours=1) if run.due.kind == "task"]
    assert [(f"{run.due.at:%H:%M}", run.due.name, run.state) for run in ran] == [
        ("06:20", "DB.OPS.OFTEN", "SUCCEEDED"),
        ("06:30", "DB.OPS.DAILY", "SUCCEEDED"),
        ("06:40", "DB.OPS.OFTEN", "SUCCEEDED"),
        ("07:00", "DB.OPS.OFTEN", "SUCCEEDED"),
    ]
    assert written(work) == ["OFTEN", "DAILY", "OFTEN", "OFTEN"]
    ahead = work(
        "SELECT NAME FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) WHERE STATE = 'SCHEDULED' "
        "ORDER BY NAME"
    )
    assert [row["NAME"] for row in ahead] == ["DAILY", "OFTEN"]


@pytest.fixture
def graph(work: Any) -> Any:
    """ROOT, then A and B, then C; FIN finalizes. All are started."""
    work(
        task("ROOT", "SCHEDULE = '60 MINUTES'"),
        task("A", "AFTER ROOT"),
        task("B", "AFTER ROOT"),
        task("C", "AFTER A, B"),
        task("FIN", "FINALIZE = ROOT"),
        "SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('DB.OPS.ROOT')",
    )
    return work


def test_a_graph_runs_in_order(graph: Any) -> None:
    graph.pass_time(hours=1)
    assert graph.query(HISTORY) == [
        (name, "SUCCEEDED") for name in sorted(("ROOT", "A", "B", "C", "FIN"))
    ]
    rows = graph("SELECT NAME FROM SNOWFLAKE.ACCOUNT_USAGE.TASK_HISTORY")
    assert [row["NAME"] for row in rows][::-1] == ["ROOT", "A", "B", "C", "FIN"]


def test_what_comes_after_a_failure_does_not_run_but_the_finalizer_does(graph: Any) -> None:
    graph("ALTER TASK ROOT SUSPEND", "ALTER TASK A MODIFY AS SELECT * FROM NOPE")
    graph("ALTER TASK ROOT RESUME")
    graph.pass_time(hours=1)
    assert dict(graph.query(HISTORY)) == {
        "ROOT": "SUCCEEDED",
        "A": "FAILED",
        "B": "SUCCEEDED",
        "FIN": "SUCCEEDED",
    }
    ((code, message),) = graph.query(
        "SELECT ERROR_CODE, ERROR_MESSAGE FROM "
        "TABLE(INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => 'A', ERROR_ONLY => TRUE))"
    )
    assert (code, "NOPE" in message) == ("002003", True)


def test_a_retry_runs_what_failed_and_what_comes_after(graph: Any) -> None:
    graph("ALTER TASK ROOT SUSPEND", "ALTER TASK A MODIFY AS SELECT * FROM LATER")
    graph("EXECUTE TASK ROOT", "CREATE TABLE LATER (X NUMBER)", "DELETE FROM LOG")
    graph("EXECUTE TASK ROOT RETRY LAST")
    assert sorted(written(graph)) == ["C", "FIN"]
    rows = graph.query(
        "SELECT STATE, ATTEMPT_NUMBER FROM "
        "TABLE(INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => 'A')) ORDER BY ATTEMPT_NUMBER"
    )
    assert rows == [("FAILED", 1), ("SUCCEEDED", 2)]
    with pytest.raises(CompilationError, match="no failed run"):
        graph("EXECUTE TASK ROOT RETRY LAST")


def test_a_false_condition_skips_the_task_and_what_comes_after(graph: Any) -> None:
    graph("ALTER TASK ROOT SUSPEND", "ALTER TASK A MODIFY WHEN 1 = 2", "EXECUTE TASK ROOT")
    states = dict(graph.query(HISTORY))
    assert (states["A"], states["B"], states["C"]) == ("SKIPPED", "SUCCEEDED", "SKIPPED")


def test_a_suspended_task_is_passed_over(graph: Any) -> None:
    graph("ALTER TASK ROOT SUSPEND", "ALTER TASK A SUSPEND", "EXECUTE TASK ROOT")
    assert sorted(written(graph)) == ["B", "C", "FIN", "ROOT"]


def test_too_many_failures_suspend_the_root(work: Any) -> None:
    work(
        task("BAD", "SCHEDULE = '10 MINUTES' SUSPEND_TASK_AFTER_NUM_FAILURES = 2", "SELECT 1/0"),
        "ALTER TASK BAD RESUME",
    )
    work.pass_time(hours=2)
    assert [state for _, state in work.query(HISTORY)] == ["FAILED", "FAILED"]
    (row,) = work("SHOW TASKS LIKE 'BAD'")
    assert (row["state"], row["last_suspended_reason"]) == ("suspended", "SUSPENDED_DUE_TO_ERRORS")


def test_failures_are_tried_again_as_often_as_the_root_says(work: Any) -> None:
    work(task("BAD", "SCHEDULE = '60 MINUTES' TASK_AUTO_RETRY_ATTEMPTS = 2", "SELECT 1/0"))
    work("EXECUTE TASK BAD")
    rows = work.query(
        "SELECT ATTEMPT_NUMBER FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) "
        "WHERE STATE = 'FAILED' ORDER BY 1"
    )
    assert rows == [(1,), (2,), (3,)]


def test_a_task_runs_as_its_owner(work: Any) -> None:
    work("CREATE ROLE RUNNER", "CREATE TABLE WHO (R TEXT, W TEXT)")
    work(
        "GRANT ROLE RUNNER TO ROLE ACCOUNTADMIN",
        "GRANT ALL ON DATABASE DB TO ROLE RUNNER",
        "GRANT ALL ON SCHEMA DB.OPS TO ROLE RUNNER",
        "GRANT ALL ON TABLE WHO TO ROLE RUNNER",
        "GRANT USAGE ON WAREHOUSE WORK_WH TO ROLE RUNNER",
        "GRANT EXECUTE TASK ON ACCOUNT TO ROLE RUNNER",
        task(
            "T",
            "SCHEDULE = '60 MINUTES'",
            "INSERT INTO WHO SELECT CURRENT_ROLE(), CURRENT_WAREHOUSE()",
        ),
        "GRANT OWNERSHIP ON TASK T TO ROLE RUNNER",
        "EXECUTE TASK T",
    )
    assert work.query("SELECT * FROM WHO") == [("RUNNER", "WORK_WH")]


def test_tasks_hand_values_on(work: Any) -> None:
    work(
        "CREATE TABLE SEEN (V TEXT, NAME TEXT, CONFIG TEXT)",
        task(
            "FIRST", "SCHEDULE = '60 MINUTES'", "BEGIN CALL SYSTEM$SET_RETURN_VALUE('hello'); END"
        ),
        task(
            "SECOND",
            "AFTER FIRST",
            "BEGIN LET v := SYSTEM$GET_PREDECESSOR_RETURN_VALUE('FIRST');"
            " LET n := SYSTEM$TASK_RUNTIME_INFO('CURRENT_TASK_NAME');"
            " LET c := SYSTEM$GET_TASK_GRAPH_CONFIG('env');"
            " INSERT INTO SEEN VALUES (:v, :n, :c); END",
        ),
        "ALTER TASK SECOND RESUME",
        """EXECUTE TASK FIRST USING CONFIG = '{"env": "test"}'""",
    )
    assert work.query("SELECT * FROM SEEN") == [("hello", "DB.OPS.SECOND", "test")]


def test_a_block_ends_when_its_time_is_over(work: Any) -> None:
    work(
        task(
            "LONG",
            "SCHEDULE = '60 MINUTES' USER_TASK_TIMEOUT_MS = 60000",
            "BEGIN CALL SYSTEM$WAIT(2, 'MINUTES'); INSERT INTO LOG SELECT 'LONG', SYSDATE(); END",
        ),
        "EXECUTE TASK LONG",
    )
    assert written(work) == []
    assert [state for _, state in work.query(HISTORY)] == ["FAILED"]


def test_a_failure_is_told_to_the_error_integration(work: Any) -> None:
    work(
        "CREATE NOTIFICATION INTEGRATION ERRORS ENABLED = TRUE TYPE = QUEUE DIRECTION = OUTBOUND "
        "NOTIFICATION_PROVIDER = AWS_SNS AWS_SNS_TOPIC_ARN = 'arn:aws:sns:us-east-1:1:t' "
        "AWS_SNS_ROLE_ARN = 'arn:aws:iam::1:role/r'",
        task("BAD", "SCHEDULE = '60 MINUTES' ERROR_INTEGRATION = ERRORS", "SELECT * FROM NOPE"),
        "EXECUTE TASK BAD",
    )
    (message,) = work.sent()
    body = json.loads(message["body"])
    assert (body["messageType"], body["taskName"]) == ("USER_TASK_FAILED", "DB.OPS.BAD")
    assert "NOPE" in body["messages"][0]["errorMessage"]


def test_dependents_are_told(graph: Any) -> None:
    rows = graph.query(
        "SELECT NAME FROM TABLE(INFORMATION_SCHEMA.TASK_DEPENDENTS("
        "TASK_NAME => 'DB.OPS.ROOT', RECURSIVE => TRUE)) ORDER BY NAME"
    )
    assert [name for (name,) in rows] == ["A", "B", "C", "FIN", "ROOT"]


@pytest.mark.parametrize(
    "statement",
    [
        "EXECUTE TASK A",
        "EXECUTE TASK NOPE",
        "SELECT SYSTEM$TASK_RUNTIME_INFO('CURRENT_TASK_NAME')",
        "CALL SYSTEM$SET_RETURN_VALUE('x')",
    ],
)
def test_what_is_out_of_place_is_refused(graph: Any, statement: str) -> None:
    with pytest.raises(SnowflakeError):
        graph(statement)
