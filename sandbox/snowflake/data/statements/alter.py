"""ALTER TABLE, ALTER VIEW and COMMENT ON.

https://docs.snowflake.com/en/sql-reference/sql/alter-table
https://docs.snowflake.com/en/sql-reference/sql/alter-table-column
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from sandbox.snowflake.data.failure import ObjectMissingError
from sandbox.snowflake.data.model import Analysis, Effect, ObjectName, Outcome, QueryContext
from sandbox.snowflake.data.scope import resolve
from sandbox.snowflake.data.statements import actions, alterations
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.result import status
from sandbox.snowflake.sql.reader import Reader

Refuse = Callable[[str], SnowflakeError]


class Action(Protocol):
    """One change of a table or view."""

    def sql(self, run: Execution, name: ObjectName) -> list[str]:
        """DuckDB's statements for it."""

    def effect(self, name: ObjectName, kind: str, context: QueryContext) -> Effect:
        """What the catalogue should follow."""


@dataclass(frozen=True)
class Alter:
    """Changes of one table or view that succeed or fail together."""

    kind: str
    path: tuple[str, ...]
    if_exists: bool
    changes: Sequence[Action]

    def analyse(self, context: QueryContext) -> Analysis:
        """The object and its changes."""
        name = resolve(self.path, context, "ALTER")
        effects = tuple(change.effect(name, self.kind, context) for change in self.changes)
        return Analysis(f"ALTER_{self.kind}", effects=effects)

    def execute(self, run: Execution) -> Outcome:
        """Carries the changes out."""
        name = resolve(self.path, run.context, "ALTER")
        found = run.kind_of(name)
        done = status("Statement executed successfully.")
        if found is None:
            if self.if_exists:
                return Outcome(done)
            run.require_schema(name)
            raise ObjectMissingError(str(name), self.kind.capitalize())
        effects = tuple(change.effect(name, found, run.context) for change in self.changes)
        new_columns = any(isinstance(change, actions.NEW_COLUMNS) for change in self.changes)
        run.run_steps(
            [partial(change.sql, run, name) for change in self.changes],
            name if new_columns and name not in run.session.temporary else None,
            {old: new for effect in effects for old, new in effect.columns.items()},
            effects if name not in run.session.temporary else (),
        )
        for change in self.changes:
            if isinstance(change, actions.Rename):
                change.follow(run, name)
        return Outcome(done, effects=effects, writes=frozenset({name}))


def read_alter(reader: Reader, refuse: Refuse) -> Alter:
    """The statement after the word ALTER."""
    kind = reader.accept_any("TABLE", "VIEW")
    if kind is None:
        raise refuse(reader.text)
    exists = reader.accept("IF", "EXISTS")
    path = reader.path()
    return Alter(kind, path, exists, _changes(reader, refuse))


def read_comment(reader: Reader) -> Alter:
    """`COMMENT [IF EXISTS] ON TABLE | VIEW | COLUMN … IS '…'`."""
    reader.expect("COMMENT")
    exists = reader.accept("IF", "EXISTS")
    reader.expect("ON")
    kind = reader.accept_any("TABLE", "VIEW", "COLUMN")
    if kind is None:
        raise reader.error()
    path = reader.path()
    reader.expect("IS")
    text = reader.string()
    if kind == "COLUMN":
        change: Action = actions.ColumnComment(path[-1], text)
        return Alter("TABLE", path[:-1], exists, [change])
    return Alter(kind, path, exists, [actions.Properties({"COMMENT": text})])


def _changes(reader: Reader, refuse: Refuse) -> Sequence[Action]:
    if reader.accept("RENAME", "TO"):
        return [actions.Rename(reader.path())]
    if reader.accept("SWAP", "WITH"):
        return [actions.Swap(reader.path())]
    if reader.accept("RENAME", "COLUMN"):
        old = reader.identifier()
        reader.expect("TO")
        return [actions.RenameColumn(old, reader.identifier())]
    clustering = _clustering(reader)
    if clustering is not None:
        return clustering
    if reader.token.word in {"ALTER", "MODIFY"}:
        return alterations.read_column_changes(reader)
    if reader.accept("ADD"):
        return alterations.read_additions(reader, refuse)
    if reader.accept("DROP"):
        return alterations.read_removals(reader, refuse)
    if reader.accept("SET") or reader.token.word == "UNSET":
        return alterations.read_properties(reader, refuse)
    raise refuse(reader.text)


def _clustering(reader: Reader) -> Sequence[Action] | None:
    """Clustering is a fact of the catalogue only: rows stay where they are."""
    if reader.accept("CLUSTER", "BY"):
        return [actions.Properties({"CLUSTER_BY": f"({reader.parenthesised()})"})]
    if reader.accept("DROP", "CLUSTERING", "KEY"):
        return [actions.Properties({"CLUSTER_BY": None})]
    if reader.accept("SUSPEND", "RECLUSTER") or reader.accept("RESUME", "RECLUSTER"):
        return []
    return None
