"""The failover drill with 10 million rows in the mart: the seconds of each step, beside a copy.

The drill is the one that `leap drill run failover` takes, on a scratch sandbox with two accounts
and a mart of the brief's columns. The peer of each step is a copy of the same rows inside one
account (`CREATE TABLE … CLONE`, which the sandbox carries out by copying) in the same run: ratios
hold for other machines, seconds do not.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from snowflake.connector.errors import ProgrammingError

from benchmarks.measure import say
from benchmarks.scratch import connect, sandbox
from ops.drill import evidence, reading, run, second
from ops.drill.failover import DRILL
from ops.drill.journal import Journal
from ops.drill.shelf import Kept
from ops.drill.step import Place, Scene
from ops.drill.tools import Tools
from ops.restore.account import RefusedError

if TYPE_CHECKING:
    from sandbox.connection import Connection

ROWS: Final = 10_000_000
HERE, THERE = "LEAP-SANDBOX", "LEAP-SANDBOX_DR"
ADMINISTRATOR: Final = "ACCOUNTADMIN"
PLACE: Final = Place(
    *("local", "sandbox", HERE, "LEAP_ANALYTICS", "MARTS", "MART_GYM_ACCESSIBILITY"),
    *("REPORTER", "BI_WH", "TRANSFORMING_WH"),
    second=THERE,
    groups=("LEAP_FG",),
    client="LEAP",
)
MART: Final = ".".join(PLACE.path)
COLUMNS: Final = """
LPAD(TO_VARCHAR(SEQ8()), 12, '0') AS CENSUS_BLOCK_GROUP,
CASE MOD(SEQ8(), 4) WHEN 0 THEN 'TX' WHEN 1 THEN 'OR' WHEN 2 THEN 'CA' ELSE 'NY' END AS STATE,
'County ' || MOD(SEQ8(), 3143) AS COUNTY,
LPAD(TO_VARCHAR(MOD(SEQ8(), 3143)), 5, '0') AS COUNTY_FIPS,
25 + MOD(SEQ8(), 240000) / 10000 AS LATITUDE,
-124 + MOD(SEQ8() * 7, 570000) / 10000 AS LONGITUDE,
MOD(SEQ8() * 31, 5000) AS POPULATION,
MOD(SEQ8() * 31, 2100) AS HOUSEHOLDS,
MOD(SEQ8() * 31, 2500) AS ADULTS_18_TO_54,
MOD(SEQ8() * 13, 90000) / 10 AS RESIDENTS_PER_SQ_MILE,
20 + MOD(SEQ8() * 11, 500) / 10 AS MEDIAN_AGE,
20000 + MOD(SEQ8() * 17, 180000) AS MEDIAN_HOUSEHOLD_INCOME_USD,
'gym-' || MOD(SEQ8() * 19, 60000) AS NEAREST_GYM_ID,
'Gym ' || MOD(SEQ8() * 19, 60000) AS NEAREST_GYM_NAME,
'Brand ' || MOD(SEQ8() * 19, 40) AS NEAREST_GYM_BRAND,
10 + MOD(SEQ8() * 19, 90) AS NEAREST_GYM_MONTHLY_PRICE_USD,
MOD(SEQ8() * 19, 4000) AS NEAREST_GYM_CHECK_INS,
MOD(SEQ8() * 23, 400000) / 10000 AS NEAREST_GYM_DISTANCE_MILES,
MOD(SEQ8(), 4) AS GYMS_WITHIN_1_MILE,
MOD(SEQ8(), 16) AS GYMS_WITHIN_5_MILES,
MOD(SEQ8(), 41) AS GYMS_WITHIN_10_MILES,
MOD(SEQ8() * 29, 1001) / 10 AS DEMAND_SCORE,
MOD(SEQ8() * 37, 1001) / 10 AS ACCESS_SCORE,
MOD(SEQ8() * 41, 1001) / 10 AS OPPORTUNITY_SCORE,
CASE MOD(SEQ8(), 3) WHEN 0 THEN 'high' WHEN 1 THEN 'medium' ELSE 'low' END AS OPPORTUNITY_TIER,
2023 AS SURVEY_YEAR,
'2026-03-01 06:00:00'::TIMESTAMP_NTZ AS UPDATED_AT
"""
MADE: Final = " ".join(("SELECT", COLUMNS, "FROM TABLE(GENERATOR(ROWCOUNT => {rows}))"))
HOME: Final = (
    "CREATE WAREHOUSE TRANSFORMING_WH",
    "CREATE WAREHOUSE BI_WH",
    "CREATE ROLE TRANSFORMER",
    "CREATE ROLE REPORTER",
    "GRANT ROLE TRANSFORMER TO ROLE SYSADMIN",
    "GRANT ROLE REPORTER TO ROLE SYSADMIN",
    "GRANT USAGE ON WAREHOUSE TRANSFORMING_WH TO ROLE TRANSFORMER",
    "GRANT USAGE ON WAREHOUSE BI_WH TO ROLE REPORTER",
    "CREATE DATABASE LEAP_ANALYTICS",
    "CREATE SCHEMA LEAP_ANALYTICS.MARTS",
    "GRANT USAGE ON DATABASE LEAP_ANALYTICS TO ROLE TRANSFORMER",
    "GRANT USAGE ON DATABASE LEAP_ANALYTICS TO ROLE REPORTER",
    "GRANT USAGE, CREATE TABLE ON SCHEMA LEAP_ANALYTICS.MARTS TO ROLE TRANSFORMER",
    "GRANT USAGE ON SCHEMA LEAP_ANALYTICS.MARTS TO ROLE REPORTER",
    "GRANT SELECT ON FUTURE TABLES IN SCHEMA LEAP_ANALYTICS.MARTS TO ROLE REPORTER",
    "USE ROLE TRANSFORMER",
    "USE WAREHOUSE TRANSFORMING_WH",
    f"CREATE TABLE {MART} AS {MADE}",
    "USE ROLE ACCOUNTADMIN",
    "CREATE FAILOVER GROUP LEAP_FG OBJECT_TYPES = DATABASES, ROLES, WAREHOUSES "
    "ALLOWED_DATABASES = LEAP_ANALYTICS ALLOWED_ACCOUNTS = LEAP.SANDBOX_DR "
    "REPLICATION_SCHEDULE = '60 MINUTE'",
    "CREATE CONNECTION LEAP",
    "ALTER CONNECTION LEAP ENABLE FAILOVER TO ACCOUNTS LEAP.SANDBOX_DR",
)
COPY: Final = f"CREATE TABLE LEAP_ANALYTICS.MARTS.COPY CLONE {MART}"
ABROAD: Final = (
    "CREATE FAILOVER GROUP LEAP_FG AS REPLICA OF LEAP.SANDBOX.LEAP_FG",
    "CREATE CONNECTION LEAP AS REPLICA OF LEAP.SANDBOX.LEAP",
)
REFRESH: Final = "ALTER FAILOVER GROUP LEAP_FG REFRESH"


@dataclass
class Accounts:
    """Both accounts, by the ordinary connector; logins are kept, as the drill's own are."""

    connection: Connection
    opened: ExitStack
    known: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def login(self, *, role: str, warehouse: str = "", account: str = "") -> Any:
        """A question to an account as a role."""
        key = account or HERE, role, warehouse
        if key not in self.known:
            self.known[key] = self.opened.enter_context(self._connected(*key))

        def ask(statement: str) -> Sequence[dict[str, Any]]:
            return _rows(self.known[key], statement)

        return ask

    def poll(
        self, account: str, role: str, warehouse: str, statement: str
    ) -> Sequence[dict[str, Any]]:
        """One question in a login of its own."""
        with self._connected(account, role, warehouse) as opened:
            return _rows(opened, statement)

    def _connected(self, account: str, role: str, warehouse: str) -> Any:
        given = {"account": account, "role": role, "warehouse": warehouse or None}
        return connect(self.connection, **given)


@dataclass
class Steps:
    """How long each step took."""

    seconds: list[tuple[str, float, str]] = field(default_factory=list)
    _said: str = ""

    def done(self, text: str) -> None:
        """What the step that is under way says of itself."""
        self._said = text

    @contextmanager
    def __call__(self, title: str) -> Iterator[Steps]:
        """Around one step."""
        started, self._said = time.perf_counter(), ""
        yield self
        self.seconds.append((title, time.perf_counter() - started, self._said))


def main() -> None:
    """Measure and print; the number of rows may be given."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with (
        sandbox() as (connection, _),
        ExitStack() as opened,
        tempfile.TemporaryDirectory() as folder,
    ):
        accounts = Accounts(connection, opened)
        home = accounts.login(role=ADMINISTRATOR)
        abroad = accounts.login(role=ADMINISTRATOR, account=THERE)
        made = sum(_seconds(home, text.replace("{rows}", str(rows))) for text in HOME)
        copy = _seconds(home, COPY)
        home("DROP TABLE LEAP_ANALYTICS.MARTS.COPY")
        for text in ABROAD:
            abroad(text)
        whole = _seconds(lambda text: second.patiently(abroad, text), REFRESH)
        scene = Scene(
            PLACE, accounts.login, Path(folder), "benchmark", tools=Tools(poll=accounts.poll)
        )
        steps = _drilled(scene)
        found = evidence.of(_kept(scene), DRILL.steps(scene))
    say(
        f"The failover drill with {rows:,} rows of {len(COLUMNS.split(' AS ')) - 1} columns",
        f"rows made in {made:.1f} s; peer: copied inside the account in {copy:.1f} s",
        f"{whole:8.1f} s {whole / copy:7.2f} of the copy: first refresh, all rows",
        *(
            f"{seconds:8.1f} s {seconds / copy:7.2f} of the copy: {title} ({said})"
            for title, seconds, said in steps.seconds
        ),
        f"down for {found['rto_seconds']:.1f} s; rows of {found['rpo_seconds']:.1f} s lost",
    )


def _drilled(scene: Scene) -> Steps:
    """The whole drill; raises where it fails or may not begin."""
    problems = DRILL.problems(scene)
    if problems:
        raise SystemExit("; ".join(problem.what for problem in problems))
    steps, journal = Steps(), Journal(scene.folder)
    run.open_journal(journal, DRILL, scene)
    try:
        run.forward(DRILL, scene, journal, steps)
    finally:
        reading.end(scene.folder)
    return steps


def _kept(scene: Scene) -> Kept:
    journal = Journal(scene.folder)
    return Kept(journal, tuple(journal.entries()))


def _seconds(ask: Any, text: str) -> float:
    started = time.perf_counter()
    ask(text)
    return time.perf_counter() - started


def _rows(opened: Any, statement: str) -> Sequence[dict[str, Any]]:
    with opened.cursor() as cursor:
        try:
            cursor.execute(statement)
        except ProgrammingError as error:
            raise RefusedError(str(error.msg)) from error
        names = [column.name.lower() for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


if __name__ == "__main__":
    main()
