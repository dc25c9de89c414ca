"""A restore recipe: what a change would take, as it stood before, and how each of it comes back.

Kept as one JSON file, readable by its owner alone, without a single row of data. State entries in
it are the engine's own, with their secrets encrypted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path as File
from typing import Any

from ops import private_file
from ops.restore.account import Path
from ops.restore.planned import Why


class Method(StrEnum):
    """How an object comes back."""

    UNDROP = "UNDROP"
    TIME_TRAVEL = "CLONE … AT"
    CLONE = "from the kept clone"
    RETENTION = "ALTER … SET DATA_RETENTION_TIME_IN_DAYS"
    OWNER = "GRANT OWNERSHIP"
    ANEW = "made anew by the next apply"
    NEVER = "cannot be brought back"


@dataclass(frozen=True, slots=True)
class Grant:
    """One privilege that a role has on an object; also OWNERSHIP."""

    privilege: str
    to: str
    holder: str
    option: bool


@dataclass(frozen=True, slots=True)
class Held:
    """An object as it was. `created` tells it from a later one of the same name."""

    kind: str
    path: Path
    why: str
    method: Method
    note: str = ""
    created: str = ""
    rows: int | None = None
    bytes: int | None = None
    retention_days: int | None = None
    until: str = ""
    """The latest time at which it can be brought back; empty when that does not end."""
    owner: str = ""
    grants: tuple[Grant, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    urn: str = ""

    @property
    def name(self) -> str:
        """As a person reads it."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that `leap undo` needs, and who did it."""

    id: str
    stack: str
    target: str
    account: str
    made_at: str
    before: str
    """The account's own time before the change."""
    change: str
    command: str
    applied_by: str
    approved_by: str
    objects: tuple[Held, ...]
    clones: Mapping[str, str] = field(default_factory=dict)
    """Kept clones: the SQL name of each original to that of its clone."""
    resources: tuple[Mapping[str, Any], ...] = ()
    """Entries of the state that the change removes, and what they stand on."""
    outcome: str = "planned"
    """`planned`, `applied`, `undone` or `undone in part`."""

    @property
    def until(self) -> datetime | None:
        """The latest time at which all of it still comes back."""
        ends = [datetime.fromisoformat(held.until) for held in self.objects if held.until]
        return min(ends, default=None)

    @property
    def lost(self) -> list[Held]:
        """What nothing brings back."""
        return [held for held in self.objects if held.method is Method.NEVER]


def deadline(before: datetime, days: int) -> str:
    """When time travel ends for what is dropped now."""
    return (before + timedelta(days=days)).isoformat()


def save(folder: File, recipe: Recipe) -> File:
    """Write it at once and in whole; only its owner can read it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{recipe.id}.json"
    private_file.write(path, (json.dumps(asdict(recipe), indent=1) + "\n").encode())
    return path


def load(path: File) -> Recipe:
    """Read one.

    Raises:
        ValueError: the file is no recipe.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        objects = tuple(_held(item) for item in content.pop("objects"))
        known = {f.name for f in fields(Recipe)}
        given = {key: value for key, value in content.items() if key in known}
        given["resources"] = tuple(given.get("resources") or ())
        return Recipe(objects=objects, **given)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no recipe: {error}") from error


def kept(folder: File) -> list[Recipe]:
    """All recipes of a folder, the latest first; a damaged file is passed over."""
    found = []
    for path in sorted(folder.glob("*.json"), reverse=True):
        try:
            found.append(load(path))
        except (OSError, ValueError):
            continue
    return found


def ended(folder: File, recipe: Recipe, outcome: str) -> Recipe:
    """Note what became of it."""
    noted = replace(recipe, outcome=outcome)
    save(folder, noted)
    return noted


def roots(objects: Iterable[Held]) -> list[Held]:
    """Those whose container is not lost too."""
    listed = list(objects)
    paths = {held.path for held in listed if held.why in (Why.DROP, Why.REPLACE)}
    return [
        held
        for held in listed
        if not any(held.path[:length] in paths for length in range(1, len(held.path)))
    ]


def _held(item: dict[str, Any]) -> Held:
    grants = tuple(Grant(**grant) for grant in item.pop("grants", ()))
    columns = tuple((name, kind) for name, kind in item.pop("columns", ()))
    path, method = tuple(item.pop("path")), Method(item.pop("method"))
    return Held(path=path, method=method, grants=grants, columns=columns, **item)
