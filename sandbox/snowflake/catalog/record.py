"""One object that stands in the account, whatever its kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sandbox.snowflake.sql.names import Path

SIGNED: Final = ("FUNCTION", "PROCEDURE")
"""Kinds whose objects may share a name, and differ in the types of their arguments."""


@dataclass
class Record:
    """An object. `owner` is the id of the role that owns it (None: Snowflake itself).

    `properties` hold JSON values by upper-case property name; `parameters` hold only those set on
    this very object. Ids never change, so grants survive a rename.
    """

    id: int
    kind: str
    path: Path
    owner: int | None
    created_on: datetime
    properties: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The last part of the path, without the argument types of a procedure or function."""
        return self.path[-1].partition("(")[0] if self.kind in SIGNED else self.path[-1]

    @property
    def comment(self) -> str:
        """The comment, empty when none was given."""
        return str(self.properties.get("COMMENT") or "")
