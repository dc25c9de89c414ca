"""From a parsed query or DML to DuckDB's text: names, virtual tables, variables, rewrites."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

import duckdb
from sqlglot import exp

from sandbox.snowflake.data import virtual
from sandbox.snowflake.data.model import Analysis, ObjectName, QueryContext
from sandbox.snowflake.data.past.placed import Placed
from sandbox.snowflake.data.past.streams import Reading
from sandbox.snowflake.data.protect.change import protect_change, target_of
from sandbox.snowflake.data.protect.reader import Guarded, unqualified
from sandbox.snowflake.data.rewrite.queries import implied_recursion
from sandbox.snowflake.data.rewrite.rules import generate, rewrite
from sandbox.snowflake.data.rewrite.variables import inline_variables
from sandbox.snowflake.data.scope import (
    Tables,
    find_tables,
    resolve,
    stage_name,
    upper_identifiers,
)
from sandbox.snowflake.data.session import DataSession
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.sql.reader import Reader

_MOST: Final = 128
_Key = tuple[int, str | None, str | None, int | None]
_KEPT: dict[_Key, tuple[exp.Expr, Prepared]] = {}


@dataclass
class Prepared:
    """A statement ready for DuckDB, with what it reads and the tables lent to it."""

    sql: str
    reads: frozenset[ObjectName]
    lent: list[str] = field(default_factory=list)
    constant: bool = False
    picks: str = ""
    """The query of DuckDB's ids of the rows that an UPDATE or MERGE may change."""
    past: bool = False
    """Whether it reads the past, so that it is good for this once."""
    streams: Mapping[int, Reading] = field(default_factory=dict)
    """What it reads of streams, by their ids."""

    def release(self, session: DataSession) -> None:
        """Takes back the tables that were lent for this statement; a failed transaction does so
        by itself when it is rolled back.
        """
        for name in self.lent:
            with suppress(duckdb.Error):
                session.cursor.unregister(name)

    def check_objects(self, run: Execution) -> None:
        """ObjectMissingError for the first object that does not exist, in Snowflake's words."""
        with run.session.aside() as probe:
            for name in sorted(self.reads):
                if run.stream(name) is None:
                    replace(run, session=probe).require(name)


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
        virtual=frozenset(name for _, name in tables.virtual),
        file_formats=frozenset(
            resolve(Reader(table.args["format"].name).path(), context)
            for table in tables.stages
            if table.args.get("format") is not None
        ),
        stages=frozenset(stage_name(table, context) for table in tables.stages),
        needs_warehouse=bool(tables.objects or tables.stages),
    )


def prepare(tree: exp.Expr, run: Execution, *, protected: bool = True) -> Prepared:
    """The DuckDB text of a query or DML statement, with the session's variables told.

    Not `protected` is the query of a view: policies apply when the view is read.
    """
    prepared = _ready(tree, run, protected=protected)
    if prepared.reads or "getvariable(" in prepared.sql.lower():
        run.session.tell(run.context, run.text, prepared.sql)
    return prepared


def _ready(tree: exp.Expr, run: Execution, *, protected: bool) -> Prepared:
    """Kept for the next call where only the text, the current schema and the policies decide."""
    version = run.system.protection_version() if run.system and protected else None
    key = (id(tree), run.context.database, run.context.schema, version)
    session = run.session
    kept = _KEPT.get(key) if not session.temporary else None
    if kept is not None and kept[0] is tree and not any(map(run.stream, kept[1].reads)):
        return kept[1]
    own = normalised(tree)
    variables = inline_variables(own, session.variables)
    tables = find_tables(own, run.context)
    lent = _lend(tables, own, run)
    place_tables(tables, run)
    past = Placed(run)
    unqualified(own, past.tables(tables.objects))
    if version is not None or _reads_past(tables):
        _protect(own, tables, run, past)
    constant = own.find(exp.From) is None
    ready = rewrite(own)
    sql, picked = past.finished(generate(ready)), past.finished(picks(ready))
    lent += past.lent
    prepared = Prepared(sql, tables.names, lent, constant, picked, bool(past), past.streams)
    if not (variables or lent or past or session.temporary):
        if len(_KEPT) > _MOST:
            _KEPT.clear()
        _KEPT[key] = (tree, prepared)
    return prepared


def picks(tree: exp.Expr) -> str:
    """For an UPDATE or MERGE in its last form: which rows of its target it may change."""
    if not isinstance(tree, exp.Update | exp.Merge):
        return ""
    target, row = tree.this, exp.Column(this=exp.to_identifier("rowid"))
    row.set("table", exp.to_identifier(target.alias_or_name, quoted=True))
    query = exp.select(row).from_(target.copy())
    if isinstance(tree, exp.Merge):
        query = query.distinct()
        return generate(query.join(tree.args["using"].copy(), on=tree.args["on"].copy()))
    if (others := tree.args.get("from_")) is not None:
        query = query.distinct().join(others.this.copy(), join_type="cross")
    if (where := tree.args.get("where")) is not None:
        query = query.where(where.this.copy())
    return generate(query)


def _reads_past(tables: Tables) -> bool:
    """Whether a view is read in the past: what it reads is found where views are opened."""
    return any(table.args.get("when") is not None for table, _ in tables.objects)


def _protect(tree: exp.Expr, tables: Tables, run: Execution, past: Placed) -> None:
    """Has the statement read, and change, only what the policies let through."""
    guarded, target = Guarded(run, past), target_of(tree)
    read = [(t, past.source(t, name)) for t, name in tables.objects if t is not target]
    unqualified(tree, guarded.protect(read))
    for table, name in tables.objects:
        if table is target:
            protect_change(tree, name, guarded, run)


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
