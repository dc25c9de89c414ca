"""The refreshes of an account: what each did, phase by phase.

https://docs.snowflake.com/en/sql-reference/functions/replication_group_refresh_progress
https://docs.snowflake.com/en/sql-reference/functions/replication_group_refresh_history
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sandbox.snowflake.catalog.store import Store


class Phase(StrEnum):
    """The phases of a refresh, in order."""

    MEMBERSHIP = "SECONDARY_SYNCHRONIZING_MEMBERSHIP"
    INVENTORY = "SECONDARY_UPLOADING_INVENTORY"
    METADATA = "PRIMARY_UPLOADING_METADATA"
    DATA = "PRIMARY_UPLOADING_DATA"
    ARRIVING = "SECONDARY_DOWNLOADING_METADATA"
    DOWNLOADING = "SECONDARY_DOWNLOADING_DATA"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS refreshes (
  serial INTEGER PRIMARY KEY, id TEXT NOT NULL, link INTEGER NOT NULL, kind TEXT NOT NULL,
  name TEXT NOT NULL, facts TEXT NOT NULL
)
"""


@dataclass
class Refresh:
    """One refresh; `phases` are (name, begin, end)."""

    id: str
    link: int
    kind: str
    name: str
    phases: list[tuple[str, datetime, datetime | None]] = field(default_factory=list)
    snapshot: datetime | None = None
    bytes: int = 0
    rows: int = 0
    objects: dict[str, int] = field(default_factory=dict)
    by_database: dict[str, int] = field(default_factory=dict)
    copied: int = 0
    followed: int = 0
    error: tuple[str, str] | None = None

    @property
    def begun(self) -> datetime:
        """When it began."""
        return self.phases[0][1]

    @property
    def phase(self) -> str:
        """The phase that it is in, or how it ended."""
        return self.phases[-1][0]

    @property
    def ended(self) -> datetime | None:
        """When it ended; None while it runs."""
        over = self.phase in (Phase.COMPLETED, Phase.FAILED, Phase.CANCELED)
        return self.phases[-1][2] if over else None

    def enter(self, phase: Phase, now: datetime) -> None:
        """The next phase begins; the ends are no phases, and take no time."""
        if self.phases:
            name, begun, _ = self.phases[-1]
            self.phases[-1] = (name, begun, now)
        over = phase in (Phase.COMPLETED, Phase.FAILED, Phase.CANCELED)
        self.phases.append((phase.value, now, now if over else None))

    def told(self) -> str:
        """What it did, in words."""
        return (
            f"{self.rows} rows; {self.copied} tables copied whole, {self.followed} by what changed"
        )


class RefreshHistory:
    """Kept in the store's database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.lock:
            store.database.execute(_SCHEMA)

    def keep(self, refresh: Refresh) -> None:
        """Write a refresh down as it is now."""
        facts = json.dumps(_written(refresh))
        with self._store.lock:
            database = self._store.database
            changed = database.execute(
                "UPDATE refreshes SET facts = ? WHERE id = ?", (facts, refresh.id)
            )
            if not changed.rowcount:
                database.execute(
                    "INSERT INTO refreshes (id, link, kind, name, facts) VALUES (?, ?, ?, ?, ?)",
                    (refresh.id, refresh.link, refresh.kind, refresh.name, facts),
                )

    def all(self) -> Iterator[Refresh]:
        """All of them, the latest first."""
        with self._store.lock:
            rows = self._store.database.execute(
                "SELECT id, link, kind, name, facts FROM refreshes ORDER BY serial DESC"
            ).fetchall()
        for id_, link, kind, name, facts in rows:
            yield _read(id_, link, kind, name, json.loads(facts))

    def of(self, link: int) -> Iterator[Refresh]:
        """Those of one group or database."""
        return (one for one in self.all() if one.link == link)


def _written(refresh: Refresh) -> dict[str, Any]:
    return {
        "phases": [
            [name, begun.isoformat(), ended.isoformat() if ended else None]
            for name, begun, ended in refresh.phases
        ],
        "snapshot": refresh.snapshot.isoformat() if refresh.snapshot else None,
        **{
            name: getattr(refresh, name)
            for name in ("bytes", "rows", "objects", "by_database", "copied", "followed", "error")
        },
    }


def _read(id_: str, link: int, kind: str, name: str, facts: dict[str, Any]) -> Refresh:
    moment = datetime.fromisoformat
    return Refresh(
        id_,
        link,
        kind,
        name,
        [
            (phase, moment(begun), moment(ended) if ended else None)
            for phase, begun, ended in facts["phases"]
        ],
        moment(facts["snapshot"]) if facts["snapshot"] else None,
        facts["bytes"],
        facts["rows"],
        facts["objects"],
        facts["by_database"],
        facts["copied"],
        facts["followed"],
        tuple(facts["error"]) if facts["error"] else None,
    )
