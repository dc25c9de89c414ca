"""What a view reads, down to the tables, where the changes of the view can be told."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.marks import Marks
from sandbox.snowflake.data.past.traced import Tracer
from sandbox.snowflake.data.protect.views import View, read_view
from sandbox.snowflake.data.statements.base import Execution


@dataclass
class Sources:
    """Notes what a view reads, down to the tables; nothing is put anywhere."""

    run: Execution
    tables: dict[ObjectName, None] = field(default_factory=dict)

    def view(self, name: ObjectName) -> View | None:
        """The view of that name."""
        return definition(self.run, name)

    def table(self, table: exp.Table, name: ObjectName, marks: Marks, owner: str | None) -> None:
        """One more."""
        self.tables[name] = None

    def nested(
        self, body: exp.Subquery, name: ObjectName, marks: Marks, owner: str | None
    ) -> exp.Query:
        """Views are as they are."""
        return body


def definition(run: Execution, name: ObjectName) -> View | None:
    """The query of a view; None for a table."""
    found = run.system.view_definition(name) if run.system is not None else None
    return read_view(*found) if found is not None else None


def tables_of(run: Execution, name: ObjectName) -> tuple[ObjectName, ...]:
    """The tables that a view reads.

    Raises:
        NotTrackableError: nobody can tell its changes.
    """
    view, sources = definition(run, name), Sources(run)
    assert view is not None
    Tracer(sources).view(name, view, run.context)
    return tuple(sources.tables)
