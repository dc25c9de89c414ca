"""The single changes of ALTER TABLE and ALTER VIEW, and how each is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sandbox.snowflake.data.failure import InvalidIdentifierError
from sandbox.snowflake.data.metadata import StoredColumn, encoded
from sandbox.snowflake.data.model import Effect, ObjectName, QueryContext
from sandbox.snowflake.data.scope import resolve
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.data.statements.columns import column_sql, default_sql, facts_of
from sandbox.snowflake.data.statements.definition import (
    ColumnDefinition,
)
from sandbox.snowflake.data.types import DataType
from sandbox.snowflake.errors import (
    AlreadyExistsError,
    CompilationError,
    UnsupportedError,
)
from sandbox.snowflake.sql.names import quoted

_KEPT: Final = {"COMMENT": "comment", "CLUSTER_BY": "cluster_by", "SECURE": "secure"}


def _effect(
    name: ObjectName, kind: str, properties: Mapping[str, str | None] | None = None
) -> Effect:
    told = properties or {}
    return Effect("alter", "VIEW" if kind == "VIEW" else "TABLE", name, properties=told)


@dataclass(frozen=True)
class Change:
    """A change of columns: the catalogue only needs to know that there was one."""

    def effect(self, name: ObjectName, kind: str, context: QueryContext) -> Effect:
        """An alteration without properties."""
        return _effect(name, kind)


@dataclass(frozen=True)
class Rename:
    """RENAME TO, in the same schema or another of the database."""

    path: tuple[str, ...]

    def sql(self, run: Execution, name: ObjectName) -> list[str]:
        """A rename, or a copy into the other schema."""
        new = resolve(self.path, run.context, "ALTER")
        if run.kind_of(new) is not None:
            raise AlreadyExistsError(str(new))
        run.require_schema(new)
        kind = run.require(name)
        if name in run.session.temporary:
            return []
        moved = run.store.move_table(name, new)
        if new[:2] == name[:2]:
            return [f"ALTER {kind} {run.place(name)} RENAME TO {quoted(new.name)}", moved]
        if kind == "VIEW" or new.database != name.database:
            raise UnsupportedError(f"moving {name} to {new}")
        copied = run.metadata.copy_sql(run.session.cursor, name, new, rows=True)
        return [*copied, f"DROP TABLE {run.place(name)}", moved]

    def follow(self, run: Execution, name: ObjectName) -> None:
        """A temporary object keeps its rows under the new name."""
        if name in run.session.temporary:
            new = resolve(self.path, run.context, "ALTER")
            run.session.temporary[new] = run.session.temporary.pop(name)
            run.session.temporary_kinds[new] = run.session.temporary_kinds.pop(name)

    def effect(self, name: ObjectName, kind: str, context: QueryContext) -> Effect:
        """The new name."""
        new = resolve(self.path, context, "ALTER")
        return Effect("rename", "VIEW" if kind == "VIEW" else "TABLE", name, new_name=new)


@dataclass(frozen=True)
class Swap:
    """SWAP WITH: two tables of one schema exchange their names."""

    path: tuple[str, ...]

    def sql(self, run: Execution, name: ObjectName) -> list[str]:
        """Three renames."""
        other = resolve(self.path, run.context, "ALTER")
        run.require(other, "Table")
        if other[:2] != name[:2]:
            raise UnsupportedError(f"swapping {name} with {other} of another schema")
        between = ObjectName(name.database, name.schema, f"{name.name} (swapping)")
        return [
            sql
            for old, new in ((name, between), (other, name), (between, other))
            for sql in (
                f"ALTER TABLE {run.place(old)} RENAME TO {quoted(new.name)}",
                run.store.move_table(old, new),
            )
        ]

    def effect(self, name: ObjectName, kind: str, context: QueryContext) -> Effect:
        """The other table."""
        return Effect("swap", "TABLE", name, new_name=resolve(self.path, context, "ALTER"))


@dataclass(frozen=True)
class AddColumn(Change):
    """ADD COLUMN."""

    column: ColumnDefinition
    if_not_exists: bool = False

    def effect(self, name: ObjectName, kind: str, context: QueryContext) -> Effect:
        """The policy and tags of the column."""
        return replace(_effect(name, kind), governed=tuple(self.column.governed))

    def sql(self, run: Execution, name: ObjectName) -> list[str]:
        """The column, NOT NULL last so that a default may fill the rows first."""
        wanted = self.column
        if _find(run, name, wanted.name) is not None:
            if self.if_not_exists:
                return []
            raise CompilationError(f"column '{wanted.name}' already exists")
        place = run.place(name)
        bare = ColumnDefinition(wanted.name, wanted.type, default=wanted.default)
        statements = [f"ALTER TABLE {place} ADD COLUMN {column_sql(bare)}"]
        if not wanted.nullable:
            statements.append(
                f"ALTER TABLE {place} ALTER COLUMN {quoted(wanted.name)} SET NOT NULL"
            )
        return statements + _comment(place, wanted.name, facts_of(wanted))


@dataclass(frozen=True)
class DropColumns(Change):
    """DROP COLUMN a, b."""

    names: Sequence[str]
    if_exists: bool = False

    def effect(self, name: ObjectName, kind: str, context: QueryContext) -> Effect:
        """The columns that are gone."""
        return replace(_effect(name, kind), columns=dict.fromkeys(self.names))

    def sql(self, run: Execution, name: ObjectName) -> list[str]:
        """One statement a column."""
        statements = []
        for column in self.names:
            if _find(run, name, column) is not None:
                statements.append(f"ALTER TABLE {run.place(name)} DROP COLUMN {quoted(column)}")
            elif not self.if_exists:
                raise InvalidIdentifierError(column)
        return statements


@dataclass(frozen=True)
class RenameColumn(Change):
    """RENAME COLUMN a TO b."""

    old: str
    new: str

    def effect(self, name: ObjectName, kind: str, context: QueryContext) -> Effect:
        """The column's new name."""
        return replace(_effect(name, kind), columns={self.old: self.new})

    def sql(self, run: Execution, name: ObjectName) -> list[str]:
        """One statement."""
        _require(run, name, self.old)
        if _find(run, name, self.new) is not None:
            raise CompilationError(f"column '{self.new}' already exists")
        place = run.place(name)
        return [f"ALTER TABLE {place} RENAME COLUMN {quoted(self.old)} TO {quoted(self.new)}"]


@dataclass(frozen=True)
class ColumnType(Change):
    """SET DATA TYPE, within one family as Snowflake has it."""

    name: str
    type: DataType

    def sql(self, run: Execution, name: ObjectName) -> list[str]:
        """The new type where DuckDB's differs, and what is told of it."""
        column = _require(run, name, self.name)
        if column.type.family != self.type.family:
            raise CompilationError(
                f"cannot change column {self.name} from type {column.type} to {self.type}"
            )
        facts = facts_of(ColumnDefinition(self.name, self.type))
        statements = _comment(run.place(name), self.name, _facts(column) | {"type": facts["type"]})
        if column.type.duckdb != self.type.duckdb:
            change = f"ALTER COLUMN {quoted(self.name)} SET DATA TYPE {self.type.duckdb}"
            statements.insert(0, f"ALTER TABLE {run.place(name)} {change}")
        return statements


@dataclass(frozen=True)
class ColumnRule(Change):
    """SET | DROP NOT NULL, SET | DROP DEFAULT."""

    name: str
    clause: str
    default: str | None = None

    def sql(self, run: Execution, name: ObjectName) -> list[str]:
        """DuckDB's clause is the same, but for the default's expression."""
        column = _require(run, name, self.name)
        prefix = f"ALTER TABLE {run.place(name)} ALTER COLUMN {quoted(self.name)}"
        if "DEFAULT" not in self.clause:
            return [f"{prefix} {self.clause}"]
        facts = _facts(column) | {"default": self.default}
        value = f" {default_sql(self.default)}" if self.default is not None else ""
        return [f"{prefix} {self.clause}{value}", *_comment(run.place(name), self.name, facts)]


@dataclass(frozen=True)
class ColumnComment(Change):
    """A column's comment; None takes it away."""

    name: str
    text: str | None

    def sql(self, run: Execution, name: ObjectName) -> list[str]:
        """The comment among the column's facts."""
        column = _require(run, name, self.name)
        return _comment(run.place(name), self.name, _facts(column) | {"comment": self.text})


@dataclass(frozen=True)
class Properties:
    """SET and UNSET of the object's properties."""

    values: Mapping[str, str | None] = field(default_factory=dict)

    def sql(self, run: Execution, name: ObjectName) -> list[str]:
        """What we keep of them; the catalogue keeps the rest."""
        kept = {_KEPT[key]: value for key, value in self.values.items() if key in _KEPT}
        if not kept:
            return []
        facts = run.metadata.facts(run.session.cursor, run.stored(name)) | kept
        return [f"COMMENT ON {run.require(name)} {run.place(name)} IS {encoded(facts)}"]

    def effect(self, name: ObjectName, kind: str, context: QueryContext) -> Effect:
        """The properties."""
        return _effect(name, kind, self.values)


NEW_COLUMNS: Final = (AddColumn, DropColumns, RenameColumn, ColumnType)
"""After these the table has other columns than before."""


def _find(run: Execution, name: ObjectName, column: str) -> StoredColumn | None:
    columns = run.metadata.columns(run.session.cursor, run.stored(name))
    return next((found for found in columns if found.info.name == column), None)


def _require(run: Execution, name: ObjectName, column: str) -> StoredColumn:
    found = _find(run, name, column)
    if found is None:
        raise InvalidIdentifierError(column)
    return found


def _facts(column: StoredColumn) -> dict[str, Any]:
    info = column.info
    definition = ColumnDefinition(
        info.name,
        column.type,
        comment=info.comment,
        primary_key=info.primary_key,
        unique_key=info.unique_key,
    )
    return facts_of(definition)


def _comment(place: str, column: str, facts: Mapping[str, Any]) -> list[str]:
    return [f"COMMENT ON COLUMN {place}.{quoted(column)} IS {encoded(facts)}"]
