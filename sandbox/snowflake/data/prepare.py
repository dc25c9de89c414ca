"""From a parsed query or DML to DuckDB's text: names, virtual tables, variables, rewrites."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
from sqlglot import exp

from sandbox.snowflake.data import virtual
from sandbox.snowflake.data.model import Analysis, ObjectName, QueryContext
from sandbox.snowflake.data.rewrite.context import uses_session
from sandbox.snowflake.data.rewrite.queries import implied_recursion
from sandbox.snowflake.data.rewrite.rules import generate, rewrite
from sandbox.snowflake.data.rewrite.variables import inline_variables
from sandbox.snowflake.data.scope import Tables, find_tables, stage_name, upper_identifiers
from sandbox.snowflake.data.session import DataSession
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.sql.names import quoted


@dataclass
class Prepared:
    """A statement ready for DuckDB, with what it reads and the tables lent to it."""

    sql: str
    reads: frozenset[ObjectName]
    lent: list[str] = field(default_factory=list)

    def release(self, session: DataSession) -> None:
        """Takes back the tables that were lent for this statement."""
        for name in self.lent:
            session.cursor.unregister(name)

    def check_objects(self, run: Execution) -> None:
        """ObjectMissingError for the first object that does not exist, in Snowflake's words."""
        for name in sorted(self.reads):
            run.require(name)


def normalised(tree: exp.Expr) -> exp.Expr:
    """A copy in upper case, with recursion said; nothing in it depends on the session."""
    copy = tree.copy()
    upper_identifiers(copy)
    return copy.transform(implied_recursion, copy=False)


def analyse_query(tree: exp.Expr, context: QueryContext, kind: str) -> Analysis:
    """What a query would read."""
    tables = find_tables(normalised(tree), context)
    return Analysis(
        kind=kind,
        reads=tables.names,
        stages=frozenset(stage_name(table, context) for table in tables.stages),
        needs_warehouse=bool(tables.objects or tables.stages),
    )


def prepare(tree: exp.Expr, run: Execution) -> Prepared:
    """The DuckDB text of a query or DML statement."""
    tree = normalised(tree)
    inline_variables(tree, run.session.variables)
    tables = find_tables(tree, run.context)
    lent = _lend(tables, tree, run)
    place_tables(tables, run)
    tree = rewrite(tree)
    if tables.objects or uses_session(tree):
        run.session.tell(run.context, run.text)
    return Prepared(generate(tree), tables.names, lent)


def place_tables(tables: Tables, run: Execution) -> None:
    """Writes each table's full DuckDB name into the tree; an alias keeps its short name."""
    for table, name in tables.objects:
        temporary = run.session.temporary.get(name)
        if temporary is None:
            _rename(table, name)
        else:
            _rename(table, ObjectName("temp", "main", temporary), name.name)


def _rename(table: exp.Table, name: ObjectName, alias: str | None = None) -> None:
    for key, part in zip(("catalog", "db", "this"), name, strict=True):
        table.set(key, exp.to_identifier(part, quoted=True))
    if alias is not None and not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))


def _lend(tables: Tables, tree: exp.Expr, run: Execution) -> list[str]:
    """Registers the rows of system views, table functions and stages for this statement."""
    lent: list[str] = []
    for node, rows in virtual.sources(tables, tree, run):
        name = f"leap_lent_{len(lent)}"
        run.session.cursor.register(name, rows)
        lent.append(name)
        alias = node.args.get("alias")
        short = node.name if isinstance(node, exp.Table) else None
        new = exp.Table(this=exp.to_identifier(name, quoted=True))
        if alias is not None:
            new.set("alias", alias)
        elif short:
            new.set("alias", exp.TableAlias(this=exp.to_identifier(short, quoted=True)))
        if joins := node.args.get("joins"):
            new.set("joins", joins)
        node.replace(new)
    return lent


def arrow_rows(table: pa.Table) -> pa.Table:
    """`table` with no two columns of one name, because DuckDB refuses those."""
    names: list[str] = []
    for name in table.column_names:
        names.append(f"{name}_{len(names)}" if name in names else name)
    return table.rename_columns(names)


def quoted_columns(names: list[str]) -> str:
    """A comma-separated list of quoted identifiers."""
    return ", ".join(quoted(name) for name in names)
