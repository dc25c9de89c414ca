"""Running a restore recipe: containers first, each object by its own method, looked at before it.

Every step asks what is there and does only what is missing, so that a run that was stopped is gone
on with by running it again. An object is known by the time of its creation: one that has taken the
name since is renamed aside, never dropped.

https://docs.snowflake.com/en/sql-reference/sql/undrop
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from ingestion.quoting import literal
from ops.restore.account import Ask, Path, RefusedError, columns, find, named
from ops.restore.inventory import grants_on
from ops.restore.recipe import Held, Method, Recipe

ATTEMPTS: Final = 10
OWNERSHIP: Final = "OWNERSHIP"
HOLDERS: Final[Mapping[str, str]] = {"ROLE": "ROLE", "DATABASE_ROLE": "DATABASE ROLE"}


class State(StrEnum):
    """What came of one object."""

    RESTORED = "restored"
    STANDS = "stands already"
    ANEW = "comes with the next apply"
    LOST = "not restored"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One object after the run; `notes` say what differs from before."""

    held: Held
    state: State
    notes: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it is as it was."""
        return self.state is not State.LOST and not self.notes


@dataclass(frozen=True, slots=True)
class Undo:
    """A run of a recipe; `stamp` ends the names of what is renamed aside."""

    ask: Ask
    recipe: Recipe
    stamp: str

    def run(self, progress: Callable[[str], None] = lambda _: None) -> list[Outcome]:
        """Bring back all that can be; a failure of one object does not stop the others."""
        found = []
        for held in self.recipe.objects:
            progress(f"{held.kind} {held.name}")
            try:
                state, notes = self._restore(held)
            except RefusedError as error:
                found.append(Outcome(held, State.LOST, (" ".join(str(error).split()),)))
                continue
            if state in (State.RESTORED, State.STANDS):
                notes = [*notes, *self._rows(held), *self._grants(held)]
            found.append(Outcome(held, state, tuple(notes)))
        return found

    def _restore(self, held: Held) -> tuple[State, list[str]]:
        by_method: dict[Method, Callable[[Held], tuple[State, list[str]]]] = {
            Method.UNDROP: self._undrop,
            Method.TIME_TRAVEL: self._travel,
            Method.RETENTION: self._retention,
            Method.OWNER: self._stands,
        }
        if held.method is Method.NEVER and held.kind in ("DATABASE", "SCHEMA", "TABLE"):
            return self._from_clone(held, held.note)
        run = by_method.get(held.method)
        if run is not None:
            return run(held)
        if held.method is Method.NEVER:
            return State.LOST, [held.note]
        return State.ANEW, [held.note] if held.note else []

    def _undrop(self, held: Held) -> tuple[State, list[str]]:
        if self._original(held):
            return State.STANDS, []
        notes: list[str] = []
        for attempt in range(ATTEMPTS):
            if find(self.ask, held.kind, held.path) is not None:
                notes.append(self._rename_aside(held, attempt))
            try:
                self.ask(f"UNDROP {named(held.kind, held.path)}")
            except RefusedError as error:
                state, more = self._from_clone(held, " ".join(str(error).split()))
                return state, [*notes, *more]
            if self._original(held):
                return State.RESTORED, notes
        return State.LOST, [*notes, f"not found among the last {ATTEMPTS} of its name"]

    def _from_clone(self, held: Held, why: str) -> tuple[State, list[str]]:
        """From the safety clone of it, or of what holds it, if one was kept."""
        for length in range(len(held.path), 0, -1):
            kind = ("DATABASE", "SCHEMA", "TABLE")[length - 1]
            clone = self.recipe.clones.get(named(kind, held.path[:length]))
            if clone is None:
                continue
            if length == len(held.path) and find(self.ask, held.kind, held.path) is None:
                self.ask(f"CREATE {named(held.kind, held.path)} CLONE {clone}")
                return State.RESTORED, []
            if find(self.ask, held.kind, held.path) is not None:
                return State.STANDS, []
        return State.LOST, [why]

    def _travel(self, held: Held) -> tuple[State, list[str]]:
        """The table as it was, in its place; what it had become stands aside."""
        if tuple(columns(self.ask, held.path)) == held.columns:
            return State.STANDS, []
        aside = (*held.path[:-1], f"{held.path[-1]}__AFTER_{self.stamp}")
        then = literal(self.recipe.before)
        self.ask(
            f"CREATE OR REPLACE {named('TABLE', aside)} CLONE "
            f"{named('', held.path).strip()} AT (TIMESTAMP => {then}::TIMESTAMP_TZ)"
        )
        self.ask(f"ALTER {named('TABLE', held.path)} SWAP WITH {named('', aside).strip()}")
        return State.RESTORED, [f"rows that came since are in {'.'.join(aside)}"]

    def _retention(self, held: Held) -> tuple[State, list[str]]:
        row = find(self.ask, held.kind, held.path)
        if row is None:
            return State.LOST, ["it is not there"]
        if str(row.get("retention_time")) == str(held.retention_days):
            return State.STANDS, []
        days = int(held.retention_days or 0)
        self.ask(f"ALTER {named(held.kind, held.path)} SET DATA_RETENTION_TIME_IN_DAYS = {days}")
        return State.RESTORED, []

    def _stands(self, held: Held) -> tuple[State, list[str]]:
        if find(self.ask, held.kind, held.path) is None:
            return State.LOST, ["it is not there"]
        return State.STANDS, []

    def _original(self, held: Held) -> bool:
        row = find(self.ask, held.kind, held.path)
        return row is not None and same_moment(str(row["created_on"]), held.created)

    def _rename_aside(self, held: Held, attempt: int) -> str:
        tail = f"_{attempt}" if attempt else ""
        aside: Path = (*held.path[:-1], f"{held.path[-1]}__AFTER_{self.stamp}{tail}")
        target = named("", aside).strip()
        self.ask(f"ALTER {named(held.kind, held.path)} RENAME TO {target}")
        return f"what had taken its name is now {'.'.join(aside)}"

    def _rows(self, held: Held) -> list[str]:
        if held.rows is None or held.method in (Method.RETENTION, Method.OWNER):
            return []
        row = find(self.ask, held.kind, held.path)
        now = str(row.get("rows")) if row is not None else "no"
        return [] if now == str(held.rows) else [f"{now} rows, {held.rows} before"]

    def _grants(self, held: Held) -> list[str]:
        """Give again what is missing; what no role is left for is said."""
        standing = set(grants_on(self.ask, held.kind, held.path))
        missing = [grant for grant in held.grants if grant not in standing]
        refused = []
        # Ownership first: it decides who may grant, and takes nothing away with COPY.
        for grant in sorted(missing, key=lambda grant: grant.privilege != OWNERSHIP):
            holder = HOLDERS.get(grant.to, "ROLE")
            to = f"TO {named(holder, tuple(grant.holder.split('.')))}"
            on = f"ON {named(held.kind, held.path)}"
            tail = " WITH GRANT OPTION" if grant.option and grant.privilege != OWNERSHIP else ""
            copy = " COPY CURRENT GRANTS" if grant.privilege == OWNERSHIP else tail
            try:
                self.ask(f"GRANT {grant.privilege} {on} {to}{copy}")
            except RefusedError:
                refused.append(f"{grant.privilege} of {grant.holder}")
        if not refused:
            return []
        shown = ", ".join(refused[:SHOWN]) + (" …" if len(refused) > SHOWN else "")
        return [f"grants without their role, which the facts bring back: {shown}"]


SHOWN: Final = 4


def same_moment(one: str, other: str) -> bool:
    """Whether two times are the same, whatever their zone or spelling."""
    try:
        return _moment(one) == _moment(other)
    except ValueError:
        return one == other


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
