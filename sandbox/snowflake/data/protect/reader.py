"""Reading through policies: each protected table of a query becomes a subquery.

The subquery filters the rows first and masks the columns of those that remain, in Snowflake's
order. A view that reads something protected is replaced by its query, in which the same happens;
the view's own policies then apply to what that answers. Objects without policies stay as they are.
https://docs.snowflake.com/en/user-guide/security-column-intro#query-runtime-behavior
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from sqlglot import exp

from sandbox.snowflake.data.model import ObjectName, Protection
from sandbox.snowflake.data.past.placed import MORE, Placed
from sandbox.snowflake.data.protect.policy import applied, masked
from sandbox.snowflake.data.protect.views import View, at_home, read_view
from sandbox.snowflake.data.scope import find_tables
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.errors import CompilationError

SOURCE: Final = "leap_source"
ROW: Final = "leap_row"
_MOVED: Final = ("joins", "laterals", "pivots", "sample")
_read_view = lru_cache(maxsize=256)(read_view)


class Guarded:
    """What is protected, as it was at one version of the catalogue."""

    def __init__(self, run: Execution, past: Placed) -> None:
        self._run = run
        self._past = past
        self._found: dict[ObjectName, Protection | None] = {}
        self._views: dict[ObjectName, View | None] = {}

    def protect(
        self, tables: Sequence[tuple[exp.Table, ObjectName]], invoker: str | None = None
    ) -> list[str]:
        """Puts subqueries in the place of what is protected; the short names of those."""
        changed: list[str] = []
        for table, name in tables:
            if name in self._run.session.temporary:
                continue
            body = self._body(table, name, invoker)
            if body is not None:
                if more := table.meta.get(MORE):
                    body = body.select(*(exp.column(c, SOURCE, quoted=True) for c in more))
                changed.append(table.alias or name.name)
                _put_in_place(table, name, body)
        return changed

    def of(self, name: ObjectName) -> Protection | None:
        """The policies of an object itself."""
        if name not in self._found:
            system = self._run.system
            self._found[name] = system.protection(name) if system else None
        return self._found[name]

    def select(
        self, source: exp.Expr, name: ObjectName, protection: Protection, invoker: str | None
    ) -> exp.Select:
        """The columns of `source` as a reader may see them."""
        run = self._run
        columns = [stored.info.name for stored in run.metadata.columns(run.session.cursor, name)]
        self._check(protection, columns)
        shown = [
            exp.alias_(
                masked(protection.masks[column], SOURCE, run, invoker)
                if column in protection.masks
                else exp.column(column, table=SOURCE, quoted=True),
                column,
                quoted=True,
            )
            for column in columns
        ]
        select = exp.select(*shown).from_(source)
        if protection.rows is not None:
            select = select.where(applied(protection.rows, SOURCE, run, invoker))
        return select

    def shown(
        self, opened: exp.Subquery, name: ObjectName, more: Sequence[str], invoker: str | None
    ) -> exp.Query:
        """A view that was opened elsewhere, through its own policies; `more` are columns before
        its own.
        """
        protection = self.of(name)
        if protection is None:
            return exp.select("*").from_(opened)
        opened.args["alias"].set("this", exp.to_identifier(SOURCE, quoted=True))
        select = self.select(opened, name, protection, invoker)
        columns = [exp.column(column, SOURCE, quoted=True) for column in more]
        select.set("expressions", [*columns, *select.expressions])
        return select

    def _check(self, protection: Protection, columns: Sequence[str]) -> None:
        for policy in protection.masks.values():
            for given in policy.given:
                if given not in columns:
                    raise CompilationError(f"invalid identifier '{given}'")

    def _body(self, table: exp.Table, name: ObjectName, invoker: str | None) -> exp.Query | None:
        protection = self.of(name)
        view = self._view(name) if MORE not in table.meta else None  # its changes are there already
        when = table.args.get("when")
        if view is not None and (when is not None or self._is_touched(name, set())):
            names = [exp.to_identifier(column, quoted=True) for column in view.columns]
            alias = exp.TableAlias(this=exp.to_identifier(SOURCE, quoted=True), columns=names)
            opened = exp.Subquery(this=self._opened(name, view, when), alias=alias)
            if protection is None:
                return exp.select("*").from_(opened)
            return self.select(opened, name, protection, invoker)
        if protection is None:
            return None
        plain = exp.Table(**{key: table.args.get(key) for key in ("this", "db", "catalog")})
        plain = plain.copy()
        plain.set("alias", exp.TableAlias(this=exp.to_identifier(SOURCE, quoted=True)))
        return self.select(plain, name, protection, invoker)

    def _opened(self, name: ObjectName, view: View, when: exp.Expr | None) -> exp.Query:
        """The view's query with everything below it protected; its owner is who reads there.

        A view that is read in the past (`when`) reads the past of what it reads.
        """
        run = self._run
        query = view.query.copy()
        tables = find_tables(query, at_home(name, run.context))
        for table, inner in tables.objects:
            short = table.name
            for key, part in zip(("catalog", "db", "this"), inner, strict=True):
                table.set(key, exp.to_identifier(part, quoted=True))
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(short, quoted=True)))
            if when is not None:
                table.set("when", when.copy())
        placed = self._past.tables(tables.objects)
        unqualified(query, [*placed, *self.protect(tables.objects, view.owner)])
        assert isinstance(query, exp.Query)
        return query

    def _is_touched(self, name: ObjectName, seen: set[ObjectName]) -> bool:
        """Whether a view reads anything protected, at any depth."""
        view = self._view(name)
        if view is None or name in seen:
            return False
        seen.add(name)
        tables = find_tables(view.query, at_home(name, self._run.context))
        return any(
            self.of(inner) is not None or self._is_touched(inner, seen)
            for _, inner in tables.objects
        )

    def _view(self, name: ObjectName) -> View | None:
        if name not in self._views:
            system = self._run.system
            found = system.view_definition(name) if system else None
            self._views[name] = _read_view(*found) if found else None
        return self._views[name]


def unqualified(tree: exp.Expr, names: Sequence[str]) -> None:
    """Takes database and schema off columns of tables that are subqueries now."""
    if not names:
        return
    for column in tree.find_all(exp.Column):
        if column.args.get("db") is not None and column.table in names:
            column.set("catalog", None)
            column.set("db", None)


def _put_in_place(table: exp.Table, name: ObjectName, body: exp.Query) -> None:
    alias = table.args.get("alias") or exp.TableAlias()
    if alias.this is None:
        alias.set("this", exp.to_identifier(name.name, quoted=True))
    new = exp.Subquery(this=body, alias=alias)
    for key in _MOVED:
        if kept := table.args.get(key):
            new.set(key, kept)
    table.replace(new)
