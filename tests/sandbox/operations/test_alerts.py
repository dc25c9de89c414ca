"""Alerts fire on the sandbox's clock, as their owner, and remember how it went."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import SnowflakeError

_HISTORY = "SELECT STATE, SQL_ERROR_MESSAGE FROM TABLE(INFORMATION_SCHEMA.ALERT_HISTORY())"
_SINCE = "SNOWFLAKE.ALERT.LAST_SUCCESSFUL_SCHEDULED_TIME()"
_UNTIL = "SNOWFLAKE.ALERT.SCHEDULED_TIME()"
_STORM = f"""
CREATE ALERT FAILED_JOBS WAREHOUSE = W SCHEDULE = '60 MINUTE'
IF (EXISTS (SELECT JOB FROM JOBS WHERE STATUS = 'error' AND AT > {_SINCE} AND AT <= {_UNTIL}))
THEN CALL SYSTEM$SEND_EMAIL('MAIL', 'ops@leap.example',
  (SELECT COUNT(*) || ' failed jobs' FROM JOBS WHERE STATUS = 'error' AND AT > {_SINCE}),
  (SELECT LISTAGG(JOB, ', ') WITHIN GROUP (ORDER BY JOB)
   FROM TABLE(RESULT_SCAN(SNOWFLAKE.ALERT.GET_CONDITION_QUERY_UUID()))))
"""


@pytest.fixture
def jobs(estate: Any) -> Any:
    """A table of jobs, and the alert FAILED_JOBS, started."""
    estate(
        "CREATE TABLE JOBS (JOB TEXT, STATUS TEXT, AT TIMESTAMP_LTZ)",
        _STORM,
        "ALTER ALERT FAILED_JOBS RESUME",
    )
    return estate


def _fail(client: Any, *names: str) -> None:
    values = ", ".join(f"('{name}', 'error', CURRENT_TIMESTAMP())" for name in names)
    client(f"INSERT INTO JOBS VALUES {values}")


def test_a_storm_becomes_one_message_and_is_not_told_twice(jobs: Any) -> None:
    jobs.pass_time(minutes=10)
    _fail(jobs, "a", "b", "c")
    ran = jobs.pass_time(hours=3)
    assert [run.state for run in ran] == ["TRIGGERED", "CONDITION_FALSE", "CONDITION_FALSE"]
    (message,) = jobs.sent()
    assert (message["subject"], message["body"]) == ("3 failed jobs", "a, b, c")
    _fail(jobs, "d")
    jobs.pass_time(hours=1)
    assert [message["body"] for message in jobs.sent()] == ["a, b, c", "d"]


def test_an_error_of_the_condition_is_told_and_the_next_run_makes_up_for_it(jobs: Any) -> None:
    jobs.pass_time(minutes=10)
    _fail(jobs, "a")
    jobs("ALTER TABLE JOBS RENAME TO GONE")
    (ran,) = jobs.pass_time(hours=1)
    assert (ran.state, jobs.sent()) == ("CONDITION_FAILED", [])
    assert "does not exist" in ran.message
    jobs("ALTER TABLE GONE RENAME TO JOBS")
    jobs.pass_time(hours=1)
    assert [message["body"] for message in jobs.sent()] == ["a"]
    ahead, now, before = jobs.query(_HISTORY)
    assert (ahead, now) == (("SCHEDULED", None), ("TRIGGERED", None))
    assert before[0] == "CONDITION_FAILED"
    assert "does not exist" in before[1]


def test_an_error_of_the_action_is_told(jobs: Any) -> None:
    jobs("ALTER NOTIFICATION INTEGRATION MAIL SET ENABLED = FALSE")
    jobs.pass_time(minutes=10)
    _fail(jobs, "a")
    (ran,) = jobs.pass_time(hours=1)
    assert (ran.state, ran.message) == (
        "ACTION_FAILED",
        "SQL compilation error:\nIntegration 'MAIL' is not enabled.",
    )
    jobs("ALTER NOTIFICATION INTEGRATION MAIL SET ENABLED = TRUE")
    jobs.pass_time(hours=1)
    assert [message["subject"] for message in jobs.sent()] == ["1 failed jobs"]


def test_a_suspended_alert_rests(jobs: Any) -> None:
    jobs("ALTER ALERT FAILED_JOBS SUSPEND")
    assert jobs.pass_time(days=1) == []
    assert jobs.query(_HISTORY) == []


def test_an_alert_runs_by_a_cron_of_its_zone(estate: Any) -> None:
    estate(
        "CREATE TABLE T (AT TIMESTAMP_LTZ)",
        "CREATE ALERT WEEKLY SCHEDULE = 'USING CRON 0 8 * * MON Europe/Berlin' "
        "IF (EXISTS (SELECT 1)) THEN INSERT INTO T SELECT SNOWFLAKE.ALERT.SCHEDULED_TIME()",
        "ALTER ALERT WEEKLY RESUME",
    )
    estate.pass_time(days=15)
    rows = estate.query("SELECT TO_VARCHAR(AT, 'YYYY-MM-DD HH24:MI') FROM T ORDER BY 1")
    assert rows == [("2026-01-05 07:00",), ("2026-01-12 07:00",), ("2026-01-19 07:00",)]


def test_an_alert_acts_as_its_owner(estate: Any) -> None:
    estate(
        "CREATE TABLE T (ROLE TEXT, PLACE TEXT, WAREHOUSE TEXT)",
        "CREATE ROLE WATCHER",
        "GRANT ROLE WATCHER TO ROLE ACCOUNTADMIN",
        "GRANT USAGE ON DATABASE DB TO ROLE WATCHER",
        "GRANT USAGE ON SCHEMA DB.OPS TO ROLE WATCHER",
        "GRANT INSERT ON TABLE T TO ROLE WATCHER",
        "GRANT USAGE ON WAREHOUSE W TO ROLE WATCHER",
        "GRANT EXECUTE ALERT ON ACCOUNT TO ROLE WATCHER",
        "CREATE ALERT A WAREHOUSE = W SCHEDULE = '5 MINUTE' IF (EXISTS (SELECT 1)) "
        "THEN INSERT INTO T SELECT CURRENT_ROLE(), CURRENT_SCHEMA(), CURRENT_WAREHOUSE()",
        "GRANT OWNERSHIP ON ALERT A TO ROLE WATCHER",
        "ALTER ALERT A RESUME",
    )
    estate.pass_time(minutes=5)
    assert estate.query("SELECT * FROM T") == [("WATCHER", "OPS", "W")]


def test_an_alert_runs_at_once_when_it_is_executed(jobs: Any) -> None:
    jobs("ALTER ALERT FAILED_JOBS SUSPEND")
    jobs.pass_time(minutes=1)
    _fail(jobs, "a")
    assert jobs("EXECUTE ALERT FAILED_JOBS")[0]["status"].startswith("Alert FAILED_JOBS")
    assert [message["body"] for message in jobs.sent()] == ["a"]
    view = "SELECT NAME, STATE FROM SNOWFLAKE.ACCOUNT_USAGE.ALERT_HISTORY"
    assert jobs.query(view) == [("FAILED_JOBS", "TRIGGERED")]


def test_the_functions_of_alerts_are_for_alerts_that_run(estate: Any) -> None:
    with pytest.raises(SnowflakeError, match="alerts that run"):
        estate(f"SELECT {_SINCE}")


def test_an_action_may_be_a_block_that_composes_its_message(estate: Any) -> None:
    estate(
        "CREATE TABLE T (A INT)",
        "INSERT INTO T VALUES (1), (2)",
        """
        CREATE ALERT A WAREHOUSE = W SCHEDULE = '60 MINUTE' IF (EXISTS (SELECT A FROM T)) THEN
        BEGIN
          LET body TEXT := (SELECT COUNT(*) || ' rows' FROM
            TABLE(RESULT_SCAN(SNOWFLAKE.ALERT.GET_CONDITION_QUERY_UUID())));
          CALL SYSTEM$SEND_SNOWFLAKE_NOTIFICATION(
            SNOWFLAKE.NOTIFICATION.TEXT_PLAIN(:body),
            SNOWFLAKE.NOTIFICATION.INTEGRATION('MAIL'));
        END
        """,
        "ALTER ALERT A RESUME",
    )
    (ran,) = estate.pass_time(hours=1)
    assert (ran.state, ran.message) == ("TRIGGERED", "")
    assert [message["body"] for message in estate.sent()] == ["2 rows"]
