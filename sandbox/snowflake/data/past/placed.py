"""Puts the past of tables into a query: each `t AT(…)` becomes a name, the name a subquery.

The name stands in the tree while policies and rewrites are applied, so that they hold for the past
as for the present; in the finished text the rows take its place. Rows of the past have today's
columns. Where the session has changed the table in its open transaction, they come from outside it.
https://docs.snowflake.com/en/user-guide/data-time-travel#querying-historical-data
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
from sqlglot import exp

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.past.moment import Moment, read_moment, serial_then
from sandbox.snowflake.data.past.tables import ROW
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.errors import UnsupportedError

_NAME: Final = "leap past of "


class Placed:
    """What one statement reads of the past."""

    def __init__(self, run: Execution) -> None:
        self._run = run
        self._bodies: dict[str, str] = {}
        self.lent: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._bodies)

    def tables(self, tables: Sequence[tuple[exp.Table, ObjectName]]) -> list[str]:
        """Places each table that is read in the past; the short names of those.

        A view keeps its clause: whoever opens it hands it on to what the view reads.
        """
        changed = []
        for table, name in tables:
            if table.args.get("when") is None or self._is_view(name):
                continue
            moment = self.moment(table)
            changed.append(table.alias or name.name)
            self.put(table, name, self._rows(name, moment))
        return changed

    def moment(self, table: exp.Table) -> Moment:
        """The point in the past at which a table is read."""
        when = table.args["when"]
        assert isinstance(when, exp.HistoricalData)
        return read_moment(when, self._run)

    def put(self, table: exp.Table, name: ObjectName, body: str) -> None:
        """Has a query's text stand for the table."""
        placeholder = f"{_NAME}{name.name} {len(self._bodies)}"
        self._bodies[placeholder] = body
        if not table.alias:
            alias = exp.TableAlias(this=exp.to_identifier(name.name, quoted=True))
            table.set("alias", alias)
        for key in ("catalog", "db", "when"):
            table.set(key, None)
        table.set("this", exp.to_identifier(placeholder, quoted=True))

    def lend(self, rows: pa.Table) -> str:
        """Registers rows with the session's connection; the query of them."""
        name = f"leap_past_{len(self.lent)}"
        self._run.session.cursor.register(name, rows)
        self.lent.append(name)
        return f"SELECT * FROM {name}"

    def finished(self, sql: str) -> str:
        """The statement's text with all rows in their places."""
        for placeholder, body in self._bodies.items():
            quoted = '"' + placeholder.replace('"', '""') + '"'
            sql = sql.replace(quoted, f"({body})")
        return sql

    def _rows(self, name: ObjectName, moment: Moment) -> str:
        run = self._run
        if name in run.session.temporary:
            raise UnsupportedError(f"AT | BEFORE on the temporary table {name.name}")
        run.require(name)
        if name not in run.session.changes:
            images = Images(run.session.cursor, name)
            serial = serial_then(images, moment, run, name)
            return f"SELECT * EXCLUDE ({ROW}) FROM ({images.rows(serial)})"
        with run.store.connection() as cursor:
            images = Images(cursor, name)
            rows = images.rows(serial_then(images, moment, run, name))
            return self.lend(cursor.sql(f"SELECT * EXCLUDE ({ROW}) FROM ({rows})").to_arrow_table())

    def _is_view(self, name: ObjectName) -> bool:
        system = self._run.system
        return system is not None and system.view_definition(name) is not None
