"""A sandbox with a small mart, and drills that are killed at any statement or line."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector.errors import ForbiddenError, ProgrammingError

from ingestion.dice import dice as dice_of
from ops.drill import run
from ops.drill.journal import Entry, Event, Facts, Journal
from ops.drill.shelf import Kept
from ops.drill.step import Ask, Drill, Place, Scene
from ops.drill.tools import Tools
from ops.restore.account import RefusedError
from sandbox import process

STAMPS = (f"20260301T{number:06}" for number in count())
ESTATE = (
    "CREATE WAREHOUSE IF NOT EXISTS TRANSFORMING_WH",
    "CREATE WAREHOUSE IF NOT EXISTS BI_WH",
    "CREATE ROLE IF NOT EXISTS TRANSFORMER",
    "CREATE ROLE IF NOT EXISTS REPORTER",
    "GRANT ROLE TRANSFORMER TO ROLE SYSADMIN",
    "GRANT ROLE REPORTER TO ROLE SYSADMIN",
    "GRANT USAGE ON WAREHOUSE TRANSFORMING_WH TO ROLE TRANSFORMER",
    "GRANT USAGE ON WAREHOUSE BI_WH TO ROLE REPORTER",
    "CREATE OR REPLACE DATABASE D",
    "CREATE SCHEMA D.MARTS",
    "GRANT USAGE ON DATABASE D TO ROLE TRANSFORMER",
    "GRANT USAGE ON DATABASE D TO ROLE REPORTER",
    "GRANT USAGE, CREATE TABLE ON SCHEMA D.MARTS TO ROLE TRANSFORMER",
    "GRANT USAGE ON SCHEMA D.MARTS TO ROLE REPORTER",
    "GRANT SELECT ON FUTURE TABLES IN SCHEMA D.MARTS TO ROLE REPORTER",
    "USE ROLE TRANSFORMER",
    "USE WAREHOUSE TRANSFORMING_WH",
    "CREATE TABLE D.MARTS.MART (STATE VARCHAR, OPPORTUNITY_TIER VARCHAR, POPULATION NUMBER, "
    "OPPORTUNITY_SCORE NUMBER(9, 1))",
    "INSERT INTO D.MARTS.MART VALUES ('TX', 'high', 10, 50.5), ('TX', 'low', 20, 1), "
    "('OR', 'low', 30, 2), ('OR', 'high', 5, 60), ('TX', 'none', 0, 0)",
)
PLACE = Place(
    *("local", "sandbox", "LEAP-SANDBOX", "D", "MARTS", "MART"),
    *("REPORTER", "BI_WH", "TRANSFORMING_WH"),
)


class Killed(BaseException):
    """The process is gone: nothing may catch it but the test."""


@dataclass
class Life:
    """How many statements and lines there were, and at which the process dies."""

    dies_at: int = 0
    dies_in: str = ""
    """Or the step that is written down when it dies."""
    passed: int = 0

    def moment(self) -> None:
        """One more point at which it can die."""
        self.passed += 1
        if self.passed == self.dies_at:
            raise Killed


@dataclass
class Lab:
    """Opens scenes on the sandbox; each is a process of its own."""

    root: Path
    folder: Path
    opened: ExitStack
    place: Place = PLACE
    tools: Tools = field(default_factory=Tools)
    stamp: str = field(default_factory=lambda: next(STAMPS))
    known: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def connection(self, role: str, warehouse: str = "", account: str = "") -> Any:
        """The connection for a role, of an account of the organization."""
        key = role, warehouse, account
        if key not in self.known:
            here = process.status(self.root).connection
            assert here is not None
            snowflake_ = here.snowflake
            self.known[key] = self.opened.enter_context(
                snowflake.connector.connect(
                    account=account or snowflake_.account,
                    host=snowflake_.host,
                    port=snowflake_.port,
                    protocol=snowflake_.protocol,
                    user=snowflake_.admin.user,
                    password=snowflake_.admin.password,
                    role=role,
                    warehouse=warehouse or None,
                    network_timeout=20,
                )
            )
            self.ask("USE SECONDARY ROLES NONE", role, warehouse, account)
        return self.known[key]

    def ask(
        self, statement: str, role: str = "ACCOUNTADMIN", warehouse: str = "", account: str = ""
    ) -> Sequence[dict[str, Any]]:
        """Rows by lower-case name."""
        try:
            connection = self.connection(role, warehouse, account)
        except ForbiddenError as error:
            raise RefusedError(str(error.msg)) from error
        with connection.cursor() as cursor:
            try:
                cursor.execute(statement)
            except ProgrammingError as error:
                raise RefusedError(str(error.msg)) from error
            names = [column.name.lower() for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def scene(self, life: Life | None = None, place: Place | None = None) -> Scene:
        """What a new process would be given."""

        def login(*, role: str, warehouse: str = "", account: str = "") -> Ask:
            def question(statement: str) -> Sequence[dict[str, Any]]:
                if life is not None:
                    life.moment()
                found = self.ask(statement, role, warehouse, account)
                if life is not None:
                    life.moment()
                return found

            return question

        return Scene(place or self.place, login, self.folder, self.stamp, tools=self.tools)

    def journal(self, life: Life | None = None) -> Journal:
        """The drill's journal, in a process that may die."""
        return Mortal(self.folder, life) if life is not None else Journal(self.folder)

    def run(self, drill: Drill, life: Life | None = None, place: Place | None = None) -> Scene:
        """A drill from its beginning."""
        scene, journal = self.scene(life, place), self.journal(life)
        assert drill.problems(scene) == []
        run.open_journal(journal, drill, scene)
        run.forward(drill, scene, journal, quiet)
        return scene

    def resume(self, drill: Drill, place: Place | None = None) -> Scene:
        """What the next process does to go on."""
        scene = self.scene(place=place)
        run.forward(drill, scene, self.journal(), quiet)
        return scene

    def back(self, drill: Drill, life: Life | None = None, place: Place | None = None) -> Scene:
        """What the next process does to take it back."""
        scene = self.scene(life, place)
        run.backward(drill, scene, self.journal(life), quiet)
        return scene

    def kept(self) -> Kept:
        """The drill as it is listed."""
        journal = self.journal()
        return Kept(journal, tuple(journal.entries()))


class Mortal(Journal):
    """A journal whose process can die before and after each line."""

    def __init__(self, folder: Path, life: Life) -> None:
        super().__init__(folder)
        self._life = life

    def write(self, event: Event, step: str = "", facts: Facts | None = None) -> Entry:
        """As ever, unless it dies."""
        self._life.moment()
        entry = super().write(event, step, facts)
        self._life.moment()
        if event is Event.BEGUN and step == self._life.dies_in:
            raise Killed
        return entry


class _Shown:
    def done(self, text: str) -> None:
        """Nobody looks."""


@contextmanager
def quiet(title: str) -> Iterator[_Shown]:
    """A step that nobody watches."""
    yield _Shown()


@pytest.fixture(scope="module")
def sandbox_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A sandbox of its own."""
    root = tmp_path_factory.mktemp("drills")
    process.start(root, port=0, aws_port=0, github_port=0)
    try:
        yield root
    finally:
        process.stop(root)


@pytest.fixture
def lab(sandbox_root: Path, tmp_path: Path) -> Iterator[Lab]:
    """The mart as new."""
    with ExitStack() as opened:
        made = Lab(sandbox_root, tmp_path / "drill", opened)
        with made.connection("ACCOUNTADMIN").cursor() as cursor:
            for statement in ESTATE:
                cursor.execute(statement)
            cursor.execute("USE ROLE ACCOUNTADMIN")
        yield made


@pytest.fixture
def kill_somewhere(lab: Lab) -> Callable[[Drill, int], None]:
    """Kill a drill at a point by chance, then finish it or take it back, killed once more."""

    def kill(drill: Drill, seed: int) -> None:
        dice = dice_of(seed, drill.name)
        whole = Life()
        lab.run(drill, whole)
        for path in lab.folder.iterdir():
            path.unlink()
        lab.stamp = next(STAMPS)
        point = dice.randint(1, whole.passed)
        try:
            lab.run(drill, Life(dies_at=point))
        except Killed:
            pass
        else:
            raise AssertionError(f"point {point} of {whole.passed} was never reached")
        finish_or_take_back(lab, drill, dice)

    return kill


def finish_or_take_back(lab: Lab, drill: Drill, dice: random.Random) -> None:
    """End what was killed, in one of the two ways, and see that all is as it was."""
    if not lab.journal().entries():
        return  # killed before its first line: nothing was begun
    if lab.kept().is_over:
        return
    if dice.random() < 0.5:
        lab.resume(drill)
        assert lab.kept().outcome == run.PASSED
        return
    try:
        lab.back(drill, Life(dies_at=dice.randint(1, 20)))
    except Killed:
        lab.back(drill)
    assert lab.kept().outcome == run.TOOK_BACK
