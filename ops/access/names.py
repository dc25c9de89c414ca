"""What holds access and what access is held on: principals, securables, and how both are written.

Objects to come are securables too: `DB.SCHEMA.<TABLE>` stands for the tables that will be made in a
schema, so that a future grant is an ordinary grant on it. The notation is SHOW FUTURE GRANTS' own.

https://docs.snowflake.com/en/sql-reference/identifiers-syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from ingestion.quoting import identifier
from ops.access.privileges import ACCOUNT

Path: TypeAlias = tuple[str, ...]
"""A name from the outside in: (database, schema, object), or shorter."""

_BARE: Final = re.compile(r"[A-Z_][A-Z0-9_$]*|<[A-Z_ ]+>")
_PART: Final = re.compile(r'"((?:[^"]|"")*)"|([^".]+)')
CALLABLE: Final = frozenset({"FUNCTION", "PROCEDURE"})
"""Kinds whose objects are told apart by the types of their arguments too."""
MOST_NAMES: Final = 5


class PrincipalKind(StrEnum):
    """Who can hold access."""

    ROLE = "ROLE"
    DATABASE_ROLE = "DATABASE ROLE"
    USER = "USER"


class Principal(NamedTuple):
    """A role, a database role or a user. ``name`` is bare, of a database role dotted."""

    kind: PrincipalKind
    name: str

    def __str__(self) -> str:
        return self.name


class Securable(NamedTuple):
    """An object, the account, or the objects of one kind that are to come in a container."""

    kind: str
    path: Path

    @property
    def to_come(self) -> bool:
        """Whether it stands for objects that do not exist yet."""
        return any(part.startswith("<") for part in self.path)

    @property
    def name(self) -> str:
        """As SHOW GRANTS writes it."""
        return dotted(self.path)

    def __str__(self) -> str:
        return ACCOUNT.lower() if self.kind == ACCOUNT else f"{self.kind.lower()} {self.name}"


THE_ACCOUNT: Final = Securable(ACCOUNT, ())


def containers(securable: Securable) -> tuple[Securable, ...]:
    """The schema and the database that an object lies in, the inner one first."""
    found = []
    if len(securable.path) == 3:
        found.append(Securable("SCHEMA", securable.path[:2]))
    if len(securable.path) >= 2:
        found.append(Securable("DATABASE", securable.path[:1]))
    return tuple(found)


def coming(kind: str, *container: str) -> Securable:
    """The objects of a kind that are to come in a container."""
    return Securable(kind, (*container, f"<{kind}>"))


def role(name: str) -> Principal:
    """An account role."""
    return Principal(PrincipalKind.ROLE, name)


def user(name: str) -> Principal:
    """A user."""
    return Principal(PrincipalKind.USER, name)


def dotted(path: Iterable[str]) -> str:
    """A path with double quotes only where they are needed."""
    return ".".join(part if _BARE.fullmatch(part) else identifier(part) for part in path)


def parse(text: str) -> Path:
    """The path that a written name means; bare parts are upper case.

    Raises:
        ValueError: it is not a dotted name.
    """
    parts, at = [], 0
    while match := _PART.match(text, at):
        quoted, bare = match.groups()
        parts.append(bare.strip().upper() if quoted is None else quoted.replace('""', '"'))
        at = match.end()
        if at == len(text):
            return tuple(parts)
        if text[at] != ".":
            break
        at += 1
    raise ValueError(f"got {text!r}, allowed a name such as DATABASE.SCHEMA.TABLE")


def parsed_object(kind: str, text: str) -> Path:
    """The path of an object as grants and resources write it; callables end with argument types.

    A name in quotes may hold argument names and what is returned, which do not count:
    ``D.S."F(A NUMBER):NUMBER(38,0)"`` is ``F(NUMBER)``.
    https://docs.snowflake.com/en/sql-reference/sql/show-grants
    """
    if kind not in CALLABLE:
        return parse(text)
    outer, bracket, rest = text.partition("(")
    inside = outer.count('"') % 2 == 1
    path = parse(f'{outer}"' if inside else outer)
    return (*path[:-1], signature(f"{path[-1]}{bracket}{rest}"))


def signature(text: str) -> str:
    """``F(A NUMBER, B VARCHAR):FLOAT`` or ``F(NUMBER(38,0), VARCHAR) RETURN FLOAT`` as one name.

    Sizes do not count: Snowflake tells callables apart by the types alone.
    """
    name, bracket, rest = text.partition("(")
    inside, depth = "", 1
    for letter in rest:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            break
        inside += letter if depth == 1 and letter != ")" else ""
    types = [part.split()[-1].upper() for part in inside.split(",") if part.strip()]
    return f"{name}({', '.join(types)})" if bracket else name


def nearest(wanted: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that look most like the wanted one, the best first."""
    known = {name.upper(): name for name in names}
    upper = wanted.upper()
    close = get_close_matches(upper, known, MOST_NAMES, cutoff=0.6)
    last = upper.rpartition(".")[2]
    ends = [name for name in sorted(known) if name.rpartition(".")[2] == last]
    begins = [name for name in sorted(known) if name.startswith(upper)]
    found = dict.fromkeys((*ends, *close, *begins))
    return tuple(known[name] for name in list(found)[:MOST_NAMES])
