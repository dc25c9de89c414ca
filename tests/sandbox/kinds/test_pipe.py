"""Pipes: the COPY is kept as written, what it names must stand, and the worker is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.snowflake.account import Account
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.errors import CompilationError, DoesNotExistError, UnsupportedError

COPY = "COPY INTO RAW.GYMS (ID) FROM (SELECT $1 FROM @GYMS_STAGE) PATTERN = '.*[.]csv'"


@pytest.fixture
def piped(lake: Any) -> Any:
    """A table, an external stage and a pipe between them."""
    lake(
        "CREATE TABLE DB.RAW.GYMS (ID INT)",
        "CREATE STAGE DB.RAW.GYMS_STAGE URL = 's3://lake/in/gyms/' STORAGE_INTEGRATION = LAKE",
        f"CREATE PIPE DB.RAW.GYMS_PIPE AUTO_INGEST = TRUE COMMENT = 'Gyms' AS {COPY};",
    )
    return lake


class _Work:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, datetime | None]] = []

    def refresh(
        self, record: Record, prefix: str = "", modified_after: datetime | None = None
    ) -> Sequence[tuple[str, str]]:
        self.asked.append((record.name, prefix, modified_after))
        return [("a.csv", "SENT")]

    def status(self, record: Record, channel: str) -> str:
        return json.dumps({"executionState": "RUNNING", "notificationChannelName": channel})


def state(client: Any) -> str:
    (answer,) = client.one("SELECT SYSTEM$PIPE_STATUS('DB.RAW.GYMS_PIPE')").values()
    return str(json.loads(answer)["executionState"])


def test_a_pipe_shows_its_definition_and_channel(piped: Any) -> None:
    row = piped.one("SHOW PIPES LIKE 'GYMS_PIPE' IN SCHEMA DB.RAW")
    assert row["definition"] == COPY
    assert row["notification_channel"] == "arn:aws:sqs:us-east-1:123456789012:queue-of-lake"
    assert (row["pattern"], row["comment"], row["owner"]) == (".*[.]csv", "Gyms", "ACCOUNTADMIN")
    assert row["invalid_reason"] is None
    assert piped.one("DESCRIBE PIPE DB.RAW.GYMS_PIPE") == row


def test_a_topic_stands_in_for_the_channel(piped: Any) -> None:
    piped(f"CREATE PIPE DB.RAW.P AUTO_INGEST = TRUE AWS_SNS_TOPIC = 'arn:aws:sns:r:1:t' AS {COPY}")
    row = piped.one("SHOW PIPES LIKE 'P' IN SCHEMA DB.RAW")
    assert row["notification_channel"] == "arn:aws:sns:r:1:t"


def test_without_auto_ingest_there_is_no_channel(piped: Any) -> None:
    piped(f"CREATE PIPE DB.RAW.P AS {COPY}")
    assert piped.one("SHOW PIPES LIKE 'P' IN SCHEMA DB.RAW")["notification_channel"] is None


def test_table_and_stage_must_stand(lake: Any) -> None:
    with pytest.raises(DoesNotExistError, match=r"Table 'DB\.RAW\.GYMS'"):
        lake(f"CREATE PIPE DB.RAW.P AS {COPY}")
    lake("CREATE TABLE DB.RAW.GYMS (ID INT)")
    with pytest.raises(DoesNotExistError, match=r"Stage 'DB\.RAW\.GYMS_STAGE'"):
        lake(f"CREATE PIPE DB.RAW.P AS {COPY}")
    assert lake("SHOW PIPES IN DATABASE DB") == []


def test_auto_ingest_needs_an_external_stage(lake: Any) -> None:
    lake("CREATE TABLE DB.RAW.GYMS (ID INT)", "CREATE STAGE DB.RAW.GYMS_STAGE")
    with pytest.raises(CompilationError, match="external stage"):
        lake(f"CREATE PIPE DB.RAW.P AUTO_INGEST = TRUE AS {COPY}")


def test_a_pipe_needs_a_statement(lake: Any) -> None:
    with pytest.raises(CompilationError, match="AS"):
        lake("CREATE PIPE DB.RAW.P AUTO_INGEST = TRUE")


def test_a_pipe_whose_table_is_gone_says_so(piped: Any) -> None:
    piped("DROP TABLE DB.RAW.GYMS")
    row = piped.one("SHOW PIPES IN SCHEMA DB.RAW")
    assert "Table 'DB.RAW.GYMS' does not exist" in row["invalid_reason"]


def test_pausing_is_a_parameter_of_the_pipe(piped: Any) -> None:
    show = "SHOW PARAMETERS LIKE 'PIPE_EXECUTION_PAUSED' IN PIPE DB.RAW.GYMS_PIPE"
    assert piped.one(show)["level"] == ""
    piped("ALTER SCHEMA DB.RAW SET PIPE_EXECUTION_PAUSED = TRUE")
    assert (piped.one(show)["value"], piped.one(show)["level"]) == ("true", "SCHEMA")
    assert state(piped) == "PAUSED"
    piped("ALTER PIPE DB.RAW.GYMS_PIPE SET PIPE_EXECUTION_PAUSED = FALSE, COMMENT = 'on'")
    assert (piped.one(show)["value"], piped.one(show)["level"]) == ("false", "PIPE")
    assert state(piped) == "RUNNING"
    piped("ALTER PIPE DB.RAW.GYMS_PIPE UNSET PIPE_EXECUTION_PAUSED, COMMENT")
    assert piped.one(show)["level"] == "SCHEMA"


def test_force_resume_takes_the_pause_away(piped: Any) -> None:
    piped(
        "ALTER PIPE DB.RAW.GYMS_PIPE SET PIPE_EXECUTION_PAUSED = TRUE",
        "SELECT SYSTEM$PIPE_FORCE_RESUME('DB.RAW.GYMS_PIPE')",
    )
    row = piped.one("SHOW PARAMETERS LIKE 'PIPE_EXECUTION_PAUSED' IN PIPE DB.RAW.GYMS_PIPE")
    assert row["value"] == "false"


def test_status_and_refresh_ask_whoever_runs_the_pipes(piped: Any, account: Account) -> None:
    work = account.pipes = _Work()
    status = piped.one('SELECT SYSTEM$PIPE_STATUS(\'"DB"."RAW"."GYMS_PIPE"\') AS "PIPE_STATUS"')
    assert json.loads(status["PIPE_STATUS"])["notificationChannelName"].endswith("queue-of-lake")
    rows = piped(
        "ALTER PIPE DB.RAW.GYMS_PIPE REFRESH PREFIX = 'new/' "
        "MODIFIED_AFTER = '2018-07-30T13:56:46+00:00'"
    )
    assert rows == [{"File": "a.csv", "Status": "SENT"}]
    assert work.asked == [("GYMS_PIPE", "new/", datetime(2018, 7, 30, 13, 56, 46, tzinfo=UTC))]


def test_an_error_integration_must_stand(piped: Any) -> None:
    with pytest.raises(DoesNotExistError, match="Integration 'MISSING'"):
        piped("ALTER PIPE DB.RAW.GYMS_PIPE SET ERROR_INTEGRATION = MISSING")


def test_a_pipe_has_no_rename(piped: Any) -> None:
    with pytest.raises(UnsupportedError, match="RENAME"):
        piped("ALTER PIPE DB.RAW.GYMS_PIPE RENAME TO DB.RAW.OTHER")
