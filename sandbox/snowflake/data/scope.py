"""Which object each name of a statement means: the session's defaults, CTEs, temporary tables.

Every table reference becomes a full, quoted name, so that a statement never depends on DuckDB's own
search path and a stored view means the same for every session.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from sandbox.snowflake.data.failure import UnknownFunctionError
from sandbox.snowflake.data.model import ObjectName, QueryContext
from sandbox.snowflake.errors import (
    CompilationError,
    NoCurrentDatabaseError,
    NoCurrentSchemaError,
    UnsupportedError,
)
from sandbox.snowflake.sql.reader import Reader

INFORMATION_SCHEMA: Final = "INFORMATION_SCHEMA"


def resolve(parts: tuple[str, ...], context: QueryContext, command: str = "SELECT") -> ObjectName:
    """The full name of a dotted path; errors as Snowflake's when the session has no default."""
    if len(parts) > 3:
        raise CompilationError(f"Invalid object name '{'.'.join(parts)}'.")
    if len(parts) == 3:
        return ObjectName(parts[0], parts[1] or "PUBLIC", parts[2])
    if context.database is None:
        raise NoCurrentDatabaseError(command)
    if len(parts) == 2:
        return ObjectName(context.database, parts[0], parts[1])
    if context.schema is None:
        raise NoCurrentSchemaError(command)
    return ObjectName(context.database, context.schema, parts[0])


def upper_identifiers(tree: exp.Expr) -> None:
    """Bare identifiers in upper case, as Snowflake stores them; all quoted from here on."""
    for identifier in tree.find_all(exp.Identifier):
        if not identifier.quoted:
            identifier.set("this", identifier.this.upper())
            identifier.set("quoted", True)


def parts_of(table: exp.Table) -> tuple[str, ...]:
    """The dotted path of a table reference; `IDENTIFIER('a.b')` is read here too."""
    if isinstance(table.this, exp.DynamicIdentifier):
        return Reader(table.this.this.name).path()
    if isinstance(table.this, exp.Anonymous) and table.this.name.upper() == "IDENTIFIER":
        return Reader(table.this.expressions[0].name).path()
    return tuple(part.name for part in table.parts)


def stage_name(table: exp.Table, context: QueryContext) -> ObjectName:
    """The stage of a `FROM @db.schema.stage/path`; a user's or table's own stage is refused."""
    return stage_and_path(table.this.name, context)[0]


def stage_and_path(text: str, context: QueryContext) -> tuple[ObjectName, str]:
    """A stage reference `@[db.][schema.]name[/path]`, resolved, and the path in it."""
    reference, _, path = text.strip().strip("'").removeprefix("@").partition("/")
    if reference.startswith(("~", "%")):
        raise UnsupportedError(f"the stage @{reference}")
    return resolve(Reader(reference).path(), context), path


@dataclass
class Tables:
    """The table references of a statement, resolved.

    `objects` are stored tables and views; `virtual` are INFORMATION_SCHEMA and the SNOWFLAKE
    database; `stages` are files. Nodes are kept, so that the caller may replace them in place.
    """

    objects: list[tuple[exp.Table, ObjectName]] = field(default_factory=list)
    virtual: list[tuple[exp.Table, ObjectName]] = field(default_factory=list)
    stages: list[exp.Table] = field(default_factory=list)

    @property
    def names(self) -> frozenset[ObjectName]:
        """All stored objects that are named."""
        return frozenset(name for _, name in self.objects)


def find_tables(tree: exp.Expr, context: QueryContext) -> Tables:
    """Resolves every table reference of the statement; the tree is not changed."""
    found = Tables()
    for table in _references(tree):
        if isinstance(table.this, exp.Var):
            found.stages.append(table)
            continue
        name = resolve(parts_of(table), context)
        if name.schema == INFORMATION_SCHEMA or name.database == "SNOWFLAKE":
            found.virtual.append((table, name))
        else:
            found.objects.append((table, name))
    return found


def _references(tree: exp.Expr) -> Iterator[exp.Table]:
    for table in list(tree.find_all(exp.Table)):
        if isinstance(table.this, exp.Func) and not _is_identifier_function(table.this):
            raise UnknownFunctionError(table.this.name or table.this.sql_name())
        if table.this is None or _is_cte(table):
            continue
        yield table


def _is_identifier_function(node: exp.Expr) -> bool:
    dynamic = isinstance(node, exp.DynamicIdentifier)
    return dynamic or (isinstance(node, exp.Anonymous) and node.name.upper() == "IDENTIFIER")


def _is_cte(table: exp.Table) -> bool:
    """Whether the name is a common table expression that is visible where the table stands.

    https://docs.snowflake.com/en/user-guide/queries-cte
    """
    if table.args.get("db") is not None or not isinstance(table.this, exp.Identifier):
        return False
    inside: exp.Expr = table
    node = table.parent
    while node is not None:
        clause = node.args.get("with_") if not isinstance(node, exp.With) else None
        if clause is not None and clause is not inside:
            if any(cte.alias == table.name for cte in clause.expressions):
                return True
        elif isinstance(node, exp.With):
            position = next(i for i, cte in enumerate(node.expressions) if cte is inside)
            visible = node.expressions[: position + 1] if _recursive(node) else None
            earlier = visible or node.expressions[:position]
            if any(cte.alias == table.name for cte in earlier):
                return True
        inside, node = node, node.parent
    return False


def _recursive(clause: exp.With) -> bool:
    return bool(clause.args.get("recursive"))
