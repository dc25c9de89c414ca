"""Account, session and object parameters: their defaults, the levels they have, and their values.

`parameters.tsv` beside this file is the table: one line a parameter, and at which levels it may be
set. A kind's parameters are those with its name among the levels. Parameters that Snowflake keeps
for itself, or that only one driver reads, are not in it.
https://docs.snowflake.com/en/sql-reference/parameters
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.snowflake.errors import InvalidValueError
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind

_TABLE: Final = Path(__file__).with_suffix(".tsv")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; `type` is BOOLEAN, NUMBER, FLOAT or STRING, values are kept as text."""

    name: str
    type: str
    default: str
    description: str = ""
    choices: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()

    def read(self, reader: Reader) -> str:
        """The value after `=`, checked and in the spelling that SHOW gives back."""
        sign = "-" if reader.accept_symbol("-") else ""
        token = reader.token
        if token.kind not in (TokenKind.WORD, TokenKind.STRING, TokenKind.NUMBER, TokenKind.QUOTED):
            raise reader.error()
        reader.advance()
        return self.checked(sign + token.value)

    def checked(self, value: str) -> str:
        """The value in its canonical spelling."""
        if self.type == "BOOLEAN":
            if value.lower() not in ("true", "false"):
                raise InvalidValueError(value, self.name)
            return value.lower()
        if self.type == "NUMBER" and not value.lstrip("-").isdigit():
            raise InvalidValueError(value, self.name)
        if self.type == "FLOAT" and not value.replace(".", "", 1).isdigit():
            raise InvalidValueError(value, self.name)
        if not self.choices:
            return value
        spelled = {choice.upper(): choice for choice in self.choices}
        if value.upper() not in spelled:
            raise InvalidValueError(value, self.name)
        return spelled[value.upper()]


def _read() -> dict[str, Parameter]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["name"]: Parameter(
                name=row["name"],
                type=row["type"],
                default=row["default"],
                description=row["description"],
                choices=tuple(row["choices"].split(",")) if row["choices"] else (),
                levels=tuple(row["levels"].split()),
            )
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        }


PARAMETERS: Final[dict[str, Parameter]] = _read()


def at_level(level: str) -> tuple[str, ...]:
    """The names of the parameters that may be set at a level (`ACCOUNT`, `USER`, `TASK`, …)."""
    return tuple(item.name for item in PARAMETERS.values() if level in item.levels)


ACCOUNT_LEVEL: Final = frozenset(at_level("ACCOUNT"))
"""Parameters that ALTER ACCOUNT takes."""
SESSION_LEVEL: Final = frozenset(at_level("SESSION"))
"""Parameters that ALTER SESSION takes."""
