"""A table of a drill's own, whose rows tell what a refresh carried and what was lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from ingestion.quoting import identifier, literal
from ops.drill import table
from ops.drill.journal import Facts
from ops.drill.step import Ask, Scene
from ops.restore.account import Path, RefusedError

TABLE: Final = "LEAP_DRILL_HEARTBEAT"
KEPT, LATE, ABROAD = "kept", "late", "abroad"
"""Rows written before the last refresh, after it, and on the second account."""


def path(scene: Scene) -> Path:
    return scene.place.database, scene.place.schema, TABLE


def rows(scene: Scene, ask: Ask) -> dict[str, str]:
    """The rows of the drill's table, and when each was written."""
    try:
        text = table.statement("SELECT ID, WRITTEN_AT FROM", identifier(*path(scene)))
        return {str(row["id"]): str(row["written_at"]) for row in ask(text)}
    except RefusedError:
        return {}


def insert(scene: Scene, ask: Ask, name: str) -> Facts:
    beat = identifier(*path(scene))
    ask(
        table.statement(
            *("INSERT INTO", beat, "SELECT", literal(name), ", CURRENT_TIMESTAMP()"),
            *("WHERE NOT EXISTS (SELECT 1 FROM", beat, "WHERE ID =", literal(name), ")"),
        )
    )
    return {name: rows(scene, ask)[name], "said": rows(scene, ask)[name][:19]}


def make(scene: Scene, ask: Ask) -> None:
    """The table, if it is not there."""
    columns = "(ID VARCHAR, WRITTEN_AT TIMESTAMP_LTZ)"
    ask(f"CREATE TABLE IF NOT EXISTS {identifier(*path(scene))} {columns}")


def touch(scene: Scene) -> str:
    """A statement that changes nothing, and is refused where nothing may be changed."""
    return table.statement("DELETE FROM", identifier(*path(scene)), "WHERE ID = 'nothing'")


def between(scene: Scene) -> timedelta:
    """From the newest row that was kept to the newest that was lost."""
    late, kept = (datetime.fromisoformat(scene.notes[name]) for name in (LATE, KEPT))
    return late - kept
