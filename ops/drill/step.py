"""What a drill is made of: steps, what they are given, and what must hold before the first.

A step's `check` asks the account (or the files that it is about) whether it is done, and answers
with its facts, or None. `back` takes it back and does nothing where nothing is to be taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from ops.drill.journal import Facts
from ops.drill.tools import Tools
from ops.restore.account import Ask, RefusedError

__all__ = ["Ask", "Drill", "DrillFailedError", "Phase", "Place", "Problem", "Scene", "Step"]

ACCOUNT_ADMIN: Final = "ACCOUNTADMIN"


class DrillFailedError(Exception):
    """A drill found that something is not as it should be."""


class Phase(StrEnum):
    """What a step is for."""

    PREPARE = "prepare"
    HARM = "harm"
    NOTICE = "notice"
    RECOVER = "recover"
    PROVE = "prove"
    TIDY = "tidy up"


class Place(NamedTuple):
    """Where the drill happens, by the facts of the stack."""

    stack: str
    target: str
    account: str
    """`ORGANIZATION-ACCOUNT`, as the account says itself."""
    database: str
    schema: str
    table: str
    """The mart."""
    reader: str
    """The role of BI tools."""
    reading_warehouse: str
    warehouse: str
    prefix: str = ""
    practice: bool = False
    """Whether a copy stands for the real objects."""
    second: str = ""
    """The account that can take over, as `ORGANIZATION-ACCOUNT`; empty where there is none."""
    groups: tuple[str, ...] = ()
    """Its failover groups."""
    client: str = ""
    """The client connection's name."""
    landing: tuple[str, ...] = ()
    """Address and integration of the first landing zone, and of the second; empty without one."""

    @property
    def on_sandbox(self) -> bool:
        """Whether nothing here is anybody's production."""
        return self.target == "sandbox"

    @property
    def path(self) -> tuple[str, str, str]:
        """The mart's full name."""
        return self.database, self.schema, self.table

    @property
    def subject(self) -> tuple[str, str, str]:
        """The table that is damaged: the mart, or the copy to practise on."""
        return (*self.path[:2], f"{self.table}__DRILL") if self.practice else self.path

    @property
    def subject_schema(self) -> tuple[str, str]:
        """The same of its schema."""
        return self.database, f"{self.schema}__DRILL" if self.practice else self.schema


class Login(Protocol):
    """Opens a question to an account as some role; the caller closes what it opened."""

    def __call__(self, *, role: str, warehouse: str = "", account: str = "") -> Ask:
        """`account` is a name of the organization's; without, it is the place's own."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What every step is given. `notes`: what the steps before learned, also before a crash."""

    place: Place
    login: Login
    folder: Path
    stamp: str
    notes: dict[str, Any] = field(default_factory=dict)
    tools: Tools = field(default_factory=Tools)
    progress: Callable[[str], None] = lambda _: None

    def ask(self, statement: str) -> Sequence[Any]:
        """Ask as the account's administrator."""
        return self.login(role=ACCOUNT_ADMIN, warehouse=self.place.warehouse)(statement)

    def read(self, statement: str) -> Sequence[Any]:
        """Ask as BI tools do."""
        place = self.place
        return self.login(role=place.reader, warehouse=place.reading_warehouse)(statement)


class Step(NamedTuple):
    """One step. `outage`: from its end on the service is down. `restores`: it is back with it."""

    name: str
    does: str
    phase: Phase
    run: Callable[[Scene], Facts | None]
    check: Callable[[Scene], Facts | None] | None = None
    back: Callable[[Scene], Facts | None] | None = None
    outage: bool = False
    restores: bool = False


class Problem(NamedTuple):
    """Something that does not hold and must. `bad_input`: the request is to be changed first."""

    what: str
    remedy: str
    bad_input: bool = False


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill, as it is listed and run.

    `steps` are the same for the same place, so that a later process can go on. `problems`: all
    that must be put right before the first. `differences`: what is not as it was before, asked
    when it was taken back. `stops_production`: BI or loading stands still while it runs, or a
    program's login changes. `practises`: a real account's own objects are left alone.
    """

    name: str
    title: str
    needs: tuple[str, ...]
    touches: tuple[str, ...]
    steps: Callable[[Scene], tuple[Step, ...]]
    problems: Callable[[Scene], list[Problem]]
    differences: Callable[[Scene], list[str]]
    stops_production: bool = False
    practises: bool = False


def refusal(ask: Callable[[], Any]) -> str | None:
    """The account's words when it refuses; None when it does not."""
    try:
        ask()
    except RefusedError as error:
        return " ".join(str(error).split())
    return None
