"""A view's query with the identity of each of its rows, so that two versions can be compared.

A row of projections, filters, inner joins and UNION ALL comes from one row of each table that is
read: their numbers together tell it from all others. Queries whose rows have no such identity are
refused, as Snowflake refuses them.
https://docs.snowflake.com/en/user-guide/streams-intro#streams-on-views
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from sqlglot import exp

from sandbox.snowflake.data.model import ObjectName, QueryContext
from sandbox.snowflake.data.past.marks import (
    SIDE,
    Marks,
    columns_of,
    joined,
    listed,
    named,
    renamed,
    without,
)
from sandbox.snowflake.data.past.trackable import (
    NotTrackableError,
    check_join,
    check_select,
    check_union,
)
from sandbox.snowflake.data.protect.views import View, at_home
from sandbox.snowflake.data.scope import parts_of, resolve
from sandbox.snowflake.errors import UnsupportedError

_LEFT, _RIGHT = "<", ">"


class Place(Protocol):
    """What puts the rows of tables into the query."""

    def view(self, name: ObjectName) -> View | None:
        """The view of that name; None for a table."""

    def table(self, table: exp.Table, name: ObjectName, marks: Marks, owner: str | None) -> None:
        """Have the rows of a table, with their marks, stand in its place; `owner` is the owner of
        the view that names it.
        """

    def nested(
        self, body: exp.Subquery, name: ObjectName, marks: Marks, owner: str | None
    ) -> exp.Query:
        """A view that is read by another, as its policies show it; its marks stay."""


class _Common(NamedTuple):
    """A common table expression, and those that it may name."""

    query: exp.Query
    columns: Sequence[exp.Expr]
    known: Mapping[str, _Common]


class Tracer:
    """Rewrites one view's query."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._count = 0

    def view(self, name: ObjectName, view: View, context: QueryContext) -> exp.Select:
        """The view's rows: identity and mark first, then its columns.

        Raises:
            NotTrackableError: its rows have no identity.
        """
        body, marks = self._query(view.query.copy(), at_home(name, context), {}, view.owner)
        return listed(named(body, SIDE, marks, view.columns), marks)

    def _query(
        self,
        query: exp.Expr,
        home: QueryContext,
        known: Mapping[str, _Common],
        owner: str | None,
    ) -> tuple[exp.Query, Marks]:
        known = _with_common(query, known)
        if isinstance(query, exp.Subquery):
            return self._query(query.this, home, known, owner)
        if isinstance(query, exp.Select):
            return self._select(query, home, known, owner)
        check_union(query)
        assert isinstance(query, exp.Union)
        marks = self._next()
        for key, sign in (("this", _LEFT), ("expression", _RIGHT)):
            body, own = self._query(query.args[key].copy(), home, known, owner)
            query.set(key, renamed(body, own, marks, sign))
        return query, marks

    def _select(
        self,
        select: exp.Select,
        home: QueryContext,
        known: Mapping[str, _Common],
        owner: str | None,
    ) -> tuple[exp.Query, Marks]:
        check_select(select)
        joins: list[exp.Join] = select.args.get("joins") or []
        for join in joins:
            check_join(join)
        sources = [select.args["from_"].this, *(join.this for join in joins)]
        found = [self._source(source, home, known, owner) for source in sources]
        for column in select.find_all(exp.Column):
            column.set("catalog", None)
            column.set("db", None)
        shown = [without(column, found) for column in select.expressions]
        marks = self._next()
        select.set("expressions", [*joined(found, marks), *shown])
        return select, marks

    def _source(
        self,
        source: exp.Expr,
        home: QueryContext,
        known: Mapping[str, _Common],
        owner: str | None,
    ) -> tuple[str, Marks]:
        """Puts the rows of one source in its place; its short name and its marks."""
        short, given = source.alias_or_name, columns_of(source)
        if isinstance(source, exp.Subquery) and isinstance(source.this, exp.Query):
            body, marks = self._query(source.this.copy(), home, known, owner)
            source.replace(named(body, short, marks, given))
            return short, marks
        table = _table(source)
        common = known.get(table.name) if table.args.get("db") is None else None
        if common is not None:
            body, marks = self._query(common.query.copy(), home, common.known, owner)
            names = given or [column.name for column in common.columns]
            source.replace(named(body, short, marks, names))
            return short, marks
        return short, self._stored(table, resolve(parts_of(table), home), home, owner)

    def _stored(
        self, table: exp.Table, name: ObjectName, home: QueryContext, owner: str | None
    ) -> Marks:
        """Puts the rows of a table or view in its place."""
        short, given = table.alias_or_name, columns_of(table)
        view = self._place.view(name)
        if view is not None:
            body, marks = self._query(view.query.copy(), at_home(name, home), {}, view.owner)
            opened = named(body, short, marks, view.columns)
            shown = self._place.nested(opened, name, marks, owner)
            table.replace(named(shown, short, marks, given))
            return marks
        if given:
            raise UnsupportedError("the tracking of changes of a table whose columns are renamed")
        marks = self._next()
        self._place.table(table, name, marks, owner)
        return marks

    def _next(self) -> Marks:
        self._count += 1
        return Marks(f"_leap_row_{self._count}", f"_leap_touched_{self._count}")


def _table(source: exp.Expr) -> exp.Table:
    if isinstance(source, exp.Subquery):
        raise UnsupportedError("the tracking of changes of joins in parentheses")
    if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
        return source
    what = "'VALUES'" if isinstance(source, exp.Values) else "table functions"
    raise NotTrackableError(f"with {what}")


def _with_common(query: exp.Expr, known: Mapping[str, _Common]) -> Mapping[str, _Common]:
    """Takes the WITH clause off; what may be named from here on."""
    clause = query.args.get("with_")
    if clause is None:
        return known
    if clause.args.get("recursive"):
        raise NotTrackableError("with recursive common table expressions")
    for common in clause.expressions:
        columns = common.args["alias"].args.get("columns") or ()
        known = {**known, common.alias: _Common(common.this, columns, known)}
    query.set("with_", None)
    return known
