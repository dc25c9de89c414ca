"""A client of an ordinary connector sees an alert fire, a monitor refuse, and a budget tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector import ProgrammingError

from sandbox import process
from sandbox.place import Place
from sandbox.snowflake.notification.outbox import read_messages

pytestmark = pytest.mark.sandbox

_ROUTING_KEY = "a-routing-key-that-nobody-may-read"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a sandbox of its own, which runs."""
    folder = tmp_path_factory.mktemp("operations")
    process.start(folder)
    try:
        yield folder
    finally:
        process.stop(folder)


@pytest.fixture(scope="module")
def cursor(root: Path) -> Iterator[Any]:
    """A session of the administrator in DB.OPS, with the warehouse W."""
    facts = process.start(root).snowflake
    with snowflake.connector.connect(
        account=facts.account,
        host=facts.host,
        port=facts.port,
        protocol="http",
        user=facts.admin.user,
        password=facts.admin.password,
        role="ACCOUNTADMIN",
    ) as session:
        made = session.cursor()
        for text in (
            "CREATE WAREHOUSE W AUTO_SUSPEND = 60",
            "CREATE DATABASE DB",
            "CREATE SCHEMA DB.OPS",
        ):
            made.execute(text)
        yield made


def test_an_alert_reaches_pagerduty_and_no_key_is_written_anywhere(root: Path, cursor: Any) -> None:
    template = {
        "routing_key": "SNOWFLAKE_WEBHOOK_SECRET",
        "event_action": "trigger",
        "payload": {"summary": "SNOWFLAKE_WEBHOOK_MESSAGE", "severity": "critical"},
    }
    cursor.execute(
        "CREATE SECRET PAGERDUTY_KEY TYPE = GENERIC_STRING SECRET_STRING = %s", (_ROUTING_KEY,)
    )
    cursor.execute(
        "CREATE NOTIFICATION INTEGRATION LEAP_PAGERDUTY TYPE = WEBHOOK ENABLED = TRUE "
        "WEBHOOK_URL = 'https://events.pagerduty.com/v2/enqueue' "
        "WEBHOOK_SECRET = DB.OPS.PAGERDUTY_KEY WEBHOOK_BODY_TEMPLATE = %s "
        "WEBHOOK_HEADERS = ('Content-Type' = 'application/json')",
        (json.dumps(template),),
    )
    cursor.execute("CREATE TABLE RUNS (JOB TEXT, STATUS TEXT)")
    cursor.executemany("INSERT INTO RUNS VALUES (%s, %s)", [("a", "error"), ("b", "error")])
    cursor.execute(
        """
        CREATE ALERT FAILED_JOBS WAREHOUSE = W SCHEDULE = '5 MINUTE'
        IF (EXISTS (SELECT JOB FROM DB.OPS.RUNS WHERE STATUS = 'error'))
        THEN CALL SYSTEM$SEND_SNOWFLAKE_NOTIFICATION(
          SNOWFLAKE.NOTIFICATION.TEXT_PLAIN(
            (SELECT COUNT(*) || ' failed jobs' FROM DB.OPS.RUNS WHERE STATUS = 'error')),
          SNOWFLAKE.NOTIFICATION.INTEGRATION('LEAP_PAGERDUTY'))
        """
    )
    cursor.execute("ALTER ALERT FAILED_JOBS RESUME")
    cursor.execute("CALL SYSTEM$WAIT(6, 'MINUTES')")
    cursor.execute("ALTER ALERT FAILED_JOBS SUSPEND")
    (message,) = read_messages(Place(root).outbox)
    body = json.loads(message["body"])
    assert (body["routing_key"], body["payload"]["summary"]) == ("***", "2 failed jobs")
    told = cursor.execute(
        "SELECT STATE FROM TABLE(INFORMATION_SCHEMA.ALERT_HISTORY(ALERT_NAME => 'FAILED_JOBS'))"
    ).fetchall()
    assert told == [("TRIGGERED",)]
    for file in root.rglob("*"):
        assert not file.is_file() or _ROUTING_KEY.encode() not in file.read_bytes(), file


def test_a_monitor_refuses_in_snowflakes_words(cursor: Any) -> None:
    cursor.execute(
        "CREATE RESOURCE MONITOR LIMIT_OF_W CREDIT_QUOTA = 1 TRIGGERS ON 100 PERCENT DO SUSPEND"
    )
    cursor.execute("ALTER WAREHOUSE W SET RESOURCE_MONITOR = LIMIT_OF_W")
    cursor.execute("USE WAREHOUSE W")
    cursor.execute("CALL SYSTEM$WAIT(2, 'HOURS')")
    with pytest.raises(ProgrammingError, match="'LIMIT_OF_W' has exceeded its quota") as refused:
        cursor.execute("SELECT COUNT(*) FROM DB.OPS.RUNS")
    assert refused.value.errno == 90073
    cursor.execute("ALTER RESOURCE MONITOR LIMIT_OF_W SET CREDIT_QUOTA = 100")
    cursor.execute("SELECT COUNT(*) FROM DB.OPS.RUNS")


def test_a_budget_answers_its_methods(cursor: Any) -> None:
    cursor.execute("USE SCHEMA DB.OPS")
    cursor.execute("CREATE SNOWFLAKE.CORE.BUDGET SERVERLESS()")
    cursor.execute("CALL SERVERLESS!SET_SPENDING_LIMIT(120)")
    assert cursor.execute("CALL SERVERLESS!GET_SPENDING_LIMIT()").fetchone() == (120,)
    cursor.execute(
        "CALL SERVERLESS!ADD_RESOURCE(SYSTEM$REFERENCE('WAREHOUSE', 'W', 'SESSION', 'APPLYBUDGET'))"
    )
    (row,) = cursor.execute("CALL SERVERLESS!GET_LINKED_RESOURCES()").fetchall()
    assert row[1:3] == ("W", "WAREHOUSE")
    spent = cursor.execute("CALL SERVERLESS!GET_SPENDING_HISTORY()").fetchall()
    assert sum(credits_spent for _, _, credits_spent in spent) > 0
