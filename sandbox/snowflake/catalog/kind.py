"""What a kind of object declares: scope, properties, SHOW columns, parameters, privileges.

The verbs (create, alter, drop, show, describe) are generic and read these declarations; a kind adds
behaviour only through the few hooks below. Adding a kind is one file in `sandbox/snowflake/kinds`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from sandbox.snowflake.catalog.record import SIGNED, Record
from sandbox.snowflake.catalog.signature import read_signed_path
from sandbox.snowflake.result import Result
from sandbox.snowflake.sql.names import Path
from sandbox.snowflake.sql.reader import Reader

if TYPE_CHECKING:
    from sandbox.snowflake.context import Context
    from sandbox.snowflake.verbs.target import Target


class Scope(StrEnum):
    """Where objects of a kind live; also how long their path is."""

    ACCOUNT = "ACCOUNT"
    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"

    @property
    def depth(self) -> int:
        """How many parts the path of such an object has."""
        return {"ACCOUNT": 1, "DATABASE": 2, "SCHEMA": 3}[self.value]


Read: TypeAlias = "Callable[[Reader, Property], Any]"


@dataclass(frozen=True, slots=True)
class Property:
    """A property: how it is read after `NAME =`, what it is when not given, what it may be."""

    name: str
    read: Read
    default: Any = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShowColumn:
    """A column of SHOW; `value` computes the cell, `type` is the driver's type name."""

    name: str
    value: Callable[[Context, Record], Any]
    type: str = "text"


Clause: TypeAlias = Callable[[Reader, dict[str, Any]], None]
"""Reads what follows a clause word that is no `NAME = value` (TRIGGERS, AS …) into properties."""

Action: TypeAlias = "Callable[[Context, Record, Reader], Result | None]"
"""Carries out `ALTER <kind> <name> <WORD> …`; a result replaces the usual status."""


def _nothing(context: Context, record: Record) -> None:
    """The hook of a kind that needs none."""


def _let_go(context: Context, record: Record, place: str) -> None:
    """The hook of a kind that keeps nothing aside."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object. Names are upper case, as in statements (`RESOURCE MONITOR`)."""

    name: str
    plural: str
    scope: Scope
    properties: tuple[Property, ...] = ()
    show: tuple[ShowColumn, ...] = ()
    describe: Callable[[Context, Record], Result] | None = None
    parameters: tuple[str, ...] = ()
    privileges: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    """Words allowed between CREATE and the kind; kept as true properties."""
    aliases: tuple[str, ...] = ()
    """Other statement words for this kind (`ROLE` in grants, `INTEGRATION` in DROP)."""
    namespace: str = ""
    """Kinds that share names share this; the kind's own name when empty."""
    family: bool = False
    """No kind of object, but the word for all kinds of the namespace of that name."""
    clauses: Mapping[str, Clause] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)
    alter_first: Callable[[Context, Record, Reader], bool] | None = None
    """Carries out forms of ALTER that begin like SET or UNSET; False where it read nothing."""
    create: Callable[[Context, Target, Reader], Result] | None = None
    """Carries CREATE out, where its grammar is not `name` and properties."""
    validate: Callable[[Context, Record], None] = _nothing
    """Runs before a new or changed record is kept; raises what Snowflake would."""
    created: Callable[[Context, Record], None] = _nothing
    altered: Callable[[Context, Record], None] = _nothing
    dropped: Callable[[Context, Record], None] = _nothing
    """Runs when an object goes, for now or for good; rows and files go elsewhere."""
    kept: Callable[[Context, Record], str] | None = None
    """Puts an object's rows aside for UNDROP, and tells where."""
    restored: Callable[[Context, Record, str], None] | None = None
    """Brings the rows back from there; None where Snowflake has no UNDROP."""
    purged: Callable[[Context, Record, str], None] = _let_go
    """Frees what was put aside there; the path of the record is that of today."""
    renamed: Callable[[Context, Record, Path], None] | None = None
    """Runs before a rename; None where Snowflake has no rename."""
    on_data_plane: bool = False
    """CREATE, most of ALTER, DROP and DESCRIBE run on the data plane, which reports effects."""
    show_only: Mapping[tuple[str, ...], Callable[[Context, Record], bool]] = field(
        default_factory=dict
    )
    """Words of SHOW (`ROOT ONLY`), and which objects they leave."""
    show_also: Callable[[Context], list[Record]] | None = None
    """What SHOW tells beside the objects that are kept."""
    owner_column: bool = True
    create_privilege: str = ""
    """The privilege that CREATE needs on the scope; `CREATE <kind>` when empty."""
    alter_privileges: Mapping[str, str] = field(default_factory=dict)
    """By the word after the name, where ALTER needs neither MODIFY nor OWNERSHIP."""

    def space(self) -> str:
        """The namespace that names of this kind are unique in."""
        return self.namespace or self.name

    def read_path(self, reader: Reader) -> Path:
        """The name of an object of this kind, with argument types where it has them."""
        return read_signed_path(reader) if self.name in SIGNED else reader.path()

    def alter_privilege(self, word: str) -> str:
        """What `ALTER <kind> <name> <word> …` needs: MODIFY for settings where it exists."""
        settings = word in ("SET", "UNSET") or self.property(word) or word in self.clauses
        usual = "MODIFY" if settings and "MODIFY" in self.privileges else "OWNERSHIP"
        return self.alter_privileges.get(word, usual)

    def property(self, name: str) -> Property | None:
        """The property of that upper-case name."""
        return next((item for item in self.properties if item.name == name), None)


class Registry:
    """All kinds, found by the words of a statement."""

    def __init__(self, kinds: tuple[Kind, ...]) -> None:
        self.kinds = {kind.name: kind for kind in kinds}
        self._singular = {word: kind for kind in kinds for word in (*kind.aliases, kind.name)}
        self._plural = {kind.plural: kind for kind in kinds}

    def __getitem__(self, name: str) -> Kind:
        return self.kinds[name]

    def read_singular(self, reader: Reader) -> Kind | None:
        """Take the longest singular kind name that comes next."""
        return self._read(reader, self._singular)

    def read_plural(self, reader: Reader) -> Kind | None:
        """Take the longest plural kind name that comes next."""
        return self._read(reader, self._plural)

    @staticmethod
    def _read(reader: Reader, names: Mapping[str, Kind]) -> Kind | None:
        for length in (4, 3, 2, 1):
            words = [reader.ahead(distance).word for distance in range(length)]
            kind = names.get(" ".join(words)) if all(words) else None
            if kind is not None:
                for _ in range(length):
                    reader.advance()
                return kind
        return None
