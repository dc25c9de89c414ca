"""Each alert of the program, made to fire on the sandbox's clock; its message read from its outbox.

The SQL is what the program registers for `prod`: tables, integrations, tasks and alerts, replayed
on an account of the sandbox without an engine. It is Monday, six in the morning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests.sandbox.operations.conftest import Estate, StandingClock, open_estate

OPS: Final = "LEAP_ANALYTICS.OPERATIONS"
RAW: Final = "LEAP_ANALYTICS.RAW"
NOW: Final = "SYSDATE()"
TEN_MINUTES_AGO: Final = "DATEADD(minute, -10, SYSDATE())"
LAST_WEEK: Final = "DATEADD(day, -8, SYSDATE())"


@dataclass
class Platform:
    """An account with the program's tables and integrations, and one alert of it."""

    ask: Estate
    folder: Path
    registered: Sequence[Any]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The inputs of the resources of a kind; a component may have the name of its main one."""
        return [
            r.inputs
            for r in self.registered
            if r.type.endswith(f":{kind}") and not r.type.startswith("leap:")
        ]

    def alert(self, name: str) -> None:
        """Make and start one."""
        (facts,) = (inputs for inputs in self.of("Alert") if inputs["name"] == name)
        schedule = facts["alertSchedule"]
        by_interval = "interval" in schedule
        when = (
            f"{schedule['interval']:.0f} MINUTES"
            if by_interval
            else f"USING CRON {schedule['cron']['expression']} {schedule['cron']['timeZone']}"
        )
        self.ask(
            f"CREATE ALERT {OPS}.{name} WAREHOUSE = {facts['warehouse']} SCHEDULE = '{when}' "
            f"IF (EXISTS ({facts['condition']})) THEN {facts['action']}",
            f"ALTER ALERT {OPS}.{name} RESUME",
        )

    def keep_columns(self) -> None:
        """What the daily task does."""
        (task,) = (inputs for inputs in self.of("Task") if inputs["name"] == "KEEP_RAW_COLUMNS")
        self.ask(task["sqlStatement"])

    def spoil_a_file(self) -> None:
        """A COPY of a file whose third line is no gym, as a feed's pipe runs it."""
        self.ask(f"CREATE STAGE {RAW}.FILES")
        (stage,) = self.ask.account.store.each("STAGE")
        folder = self.folder / "stages" / str(stage.id)
        folder.mkdir(parents=True)
        (folder / "gyms.csv").write_text("g1,40.1\ng2,40.2\ng3,north\n")
        self.ask(
            f"COPY INTO {RAW}.GYMS (GYM_ID, LATITUDE) FROM (SELECT $1, $2 FROM @{RAW}.FILES) "
            "FILE_FORMAT = (TYPE = CSV) ON_ERROR = SKIP_FILE"
        )


@pytest.fixture
def platform(deployed: Any, tmp_path: Path) -> Iterator[Platform]:
    """The account, before any alert."""
    clock = StandingClock()
    made = Platform(
        open_estate(tmp_path / "account", clock), tmp_path / "account", deployed("prod")
    )
    for warehouse in made.of("Warehouse"):
        made.ask(
            f"CREATE WAREHOUSE {warehouse['name']} AUTO_SUSPEND = {warehouse['autoSuspend']:.0f} "
            "INITIALLY_SUSPENDED = TRUE"
        )
    made.ask(*(f"CREATE DATABASE {inputs['name']}" for inputs in made.of("Database")))
    made.ask(*(f"CREATE SCHEMA {each['database']}.{each['name']}" for each in made.of("Schema")))
    for table in made.of("Table"):
        columns = ", ".join(f"{each['name']} {each['type']}" for each in table["columns"])
        place = f"{table['database']}.{table['schema']}"
        made.ask(f"CREATE TABLE {place}.{table['name']} ({columns})")
    for secret in made.of("SecretWithGenericString"):
        made.ask(
            f"CREATE SECRET LEAP_ANALYTICS.{secret['schema']}.{secret['name']} "
            "TYPE = GENERIC_STRING SECRET_STRING = 'hidden'"
        )
    for webhook in made.of("Statement"):
        if webhook["object"].startswith("notification integration"):
            made.ask(*webhook["create"])
    (mail,) = made.of("EmailNotificationIntegration")
    told = ", ".join(f"'{address}'" for address in mail["allowedRecipients"])
    made.ask(
        f"CREATE NOTIFICATION INTEGRATION {mail['name']} TYPE = EMAIL ENABLED = TRUE "
        f"ALLOWED_RECIPIENTS = ({told})",
        "USE WAREHOUSE LOADING_WH",
    )
    with made.ask.account.scheduler.running(clock):
        yield made
    made.ask.account.close()


def job(name: str, status: str, said: str = "") -> str:
    """A run that ended now."""
    return f"INSERT INTO {OPS}.JOB_RUNS SELECT '{name}', 'i', '{status}', {NOW}, {NOW}, '{said}'"


def result_of(name: str, severity: str, status: str) -> str:
    """A test that ran now."""
    return (
        f"INSERT INTO {OPS}.TEST_RESULTS "
        f"SELECT 'i', '{name}', '{severity}', '{status}', 3, 'Got 3 results', {NOW}"
    )


def reads(model: str, upstream: str, when: str) -> str:
    """An edge of dbt's graph."""
    return f"INSERT INTO {OPS}.LINEAGE SELECT 'i', '{model}', '{upstream}', {when}"


def busy(size: str, hours: int) -> tuple[str, ...]:
    """A warehouse that works so long."""
    return (
        f"ALTER WAREHOUSE BI_WH SET WAREHOUSE_SIZE = {size}",
        "USE WAREHOUSE BI_WH",
        f"CALL SYSTEM$WAIT({hours}, 'HOURS')",
        "USE WAREHOUSE LOADING_WH",
    )


Deed = str | Callable[[Platform], None]


class Fires(NamedTuple):
    """What happens, in how many hours it is told, and the lines of the message."""

    happens: tuple[Deed, ...]
    hours: float
    to: str
    says: tuple[str, ...]


MAIL: Final = "data-platform@leap.example"
SLACK: Final = "https://hooks.slack.com/services/***"
PAGERDUTY: Final = "https://events.pagerduty.com/v2/enqueue"
CASES: Final = {
    "JOB_FAILED": Fires(
        tuple(job(f"build {n}", "failed", f"{n} models failed") for n in range(1, 8)),
        1,
        PAGERDUTY,
        (
            "LEAP prod [critical] production job failed (7)",
            *(f"build {n}: {n} models failed" for n in range(1, 6)),
            "and 2 more",
            "Look at: OPERATIONS.JOB_RUNS, ./leap dbt --stack prod build",
        ),
    ),
    "CRITICAL_TEST_FAILED": Fires(
        (
            result_of("unique_gyms", "critical", "fail"),
            result_of("no_future", "warning", "fail"),
            result_of("not_null_gyms", "critical", "pass"),
        ),
        1,
        PAGERDUTY,
        (
            "LEAP prod [critical] data test failed (1)",
            "unique_gyms: Got 3 results",
            "Look at: OPERATIONS.TEST_RESULTS, ./leap dbt --stack prod test",
        ),
    ),
    "SPENDING_HIGH": Fires(
        busy("X4LARGE", 2),
        1,
        PAGERDUTY,
        (
            "LEAP prod [critical] spending is too high (1)",
            r"7\d\d\.\d\d dollars in 24 hours, more than 500",
            "Look at: SNOWFLAKE.ACCOUNT_USAGE.METERING_HISTORY",
        ),
    ),
    "QUERY_LONG": Fires(
        ("CALL SYSTEM$WAIT(11, 'MINUTES')",),
        1,
        SLACK,
        (
            "LEAP prod [warning] long-running query (1)",
            r"\S+ by LEAP_ADMIN on LOADING_WH: 11(\.0)? minutes",
            "Look at: the query history, by query id",
        ),
    ),
    "WARNING_TEST_FAILED": Fires(
        (result_of("fresh_gyms", "warning", "warn"), result_of("unique_gyms", "critical", "fail")),
        1,
        SLACK,
        (
            "LEAP prod [warning] data test failed (1)",
            "fresh_gyms: Got 3 results",
            "Look at: OPERATIONS.TEST_RESULTS, ./leap dbt --stack prod test",
        ),
    ),
    "LOAD_FAILED": Fires(
        (Platform.spoil_a_file,),
        1,
        SLACK,
        (
            "LEAP prod [warning] load failed (1)",
            "GYMS gyms.csv, line 3: Numeric value 'north' is not recognized",
            "Look at: ./leap ingest status --stack prod",
        ),
    ),
    "FEED_STALE": Fires(
        (f"INSERT INTO {RAW}.GYMS (GYM_ID, _LOADED_AT) SELECT 'g1', {TEN_MINUTES_AGO}",),
        28,
        SLACK,
        (
            "LEAP prod [warning] feed is stale (2)",
            "GYMS: nothing new since 2026-01-05 06:00 UTC, allowed are 26 hours",
            "GYM_EVENTS: nothing new since 2026-01-05 06:00 UTC, allowed are 26 hours",
            "Look at: ./leap ingest status --stack prod",
        ),
    ),
    "SCHEMA_CHANGED": Fires(
        (
            Platform.keep_columns,
            f"ALTER TABLE {RAW}.GYMS ADD COLUMN OWNER VARCHAR",
            f"ALTER TABLE {RAW}.GYMS DROP COLUMN AMENITIES",
            lambda platform: platform.ask.wait(hours=1),
            Platform.keep_columns,
        ),
        24,
        SLACK,
        (
            "LEAP prod [warning] schema change (2)",
            "RAW.GYMS.AMENITIES is gone",
            "RAW.GYMS.OWNER is new",
            "Look at: OPERATIONS.RAW_COLUMNS and OPERATIONS.MARKETPLACE_COLUMNS",
        ),
    ),
    "JOB_SUMMARY": Fires(
        (job("build", "success"), job("build", "failed"), result_of("t", "", "pass")),
        4,
        MAIL,
        (
            "LEAP prod [info] weekly summary of dbt runs (2)",
            "build: 2 runs, 1 failed",
            "tests: 1 results, 0 not passed",
            "Look at: OPERATIONS.JOB_RUNS",
        ),
    ),
    "COST_REPORT": Fires(
        busy("XSMALL", 1),
        4,
        MAIL,
        (
            "LEAP prod [info] cost of the last 7 days (2)",
            r"BI_WH: 1\.\d\d credits, 3\.\d\d dollars",
            r"the account: 1\.\d\d credits, 3\.\d\d dollars",
            "Look at: SNOWFLAKE.ACCOUNT_USAGE.METERING_HISTORY",
        ),
    ),
    "LINEAGE_CHANGED": Fires(
        (
            reads("mart_gyms", "stg_gyms", LAST_WEEK),
            reads("mart_gyms", "stg_census", LAST_WEEK),
            lambda platform: platform.ask.wait(hours=1),
            reads("mart_gyms", "stg_gyms", NOW),
            reads("mart_gyms", "stg_events", NOW),
        ),
        4,
        MAIL,
        (
            "LEAP prod [info] data lineage changed (2)",
            "mart_gyms no longer reads stg_census",
            "mart_gyms now reads stg_events",
            "Look at: OPERATIONS.LINEAGE",
        ),
    ),
}


def lines(message: dict[str, Any]) -> list[str]:
    """The text of a message, as its receiver shows it."""
    if message["channel"] == "email":
        return str(message["body"]).split("\n")
    body = json.loads(message["body"])
    return str(body["text"] if "text" in body else body["payload"]["summary"]).split("\n")


@pytest.mark.parametrize("name", CASES)
def test_an_alert_tells_its_receiver_once_what_happened(platform: Platform, name: str) -> None:
    case = CASES[name]
    platform.alert(name)
    assert {run.state for run in platform.ask.pass_time(minutes=10)} <= {"CONDITION_FALSE"}
    for deed in case.happens:
        platform.ask(deed) if isinstance(deed, str) else deed(platform)
    ran = platform.ask.pass_time(hours=case.hours)
    assert [run.message for run in ran if run.state not in {"TRIGGERED", "CONDITION_FALSE"}] == []
    (message,) = platform.ask.sent()
    receiver = message.get("to") or message.get("url")
    assert receiver in (case.to, [case.to])
    said = lines(message)
    assert len(said) == len(case.says), said
    for line, wanted in zip(said, case.says, strict=True):
        assert line == wanted or re.fullmatch(wanted, line), said


def test_every_alert_of_the_program_is_made_to_fire(deployed: Any) -> None:
    names = [r.inputs["name"] for r in deployed("prod") if r.type.endswith(":Alert")]
    assert sorted(names) == sorted(CASES)


def test_a_quiet_morning_tells_the_weekly_reports_and_nothing_else(platform: Platform) -> None:
    for name in CASES:
        platform.alert(name)
    platform.ask.pass_time(hours=3)
    assert [lines(message)[0].partition(" (")[0] for message in platform.ask.sent()] == [
        "LEAP prod [info] weekly summary of dbt runs",
        "LEAP prod [info] cost of the last 7 days",
    ]
