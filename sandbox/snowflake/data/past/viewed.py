"""What changed in a view, for streams on it and CHANGES of it: its rows then beside its rows now.

Policies of what the view reads hold for both. Rows are told apart by the rows of tables that they
come from; only those are compared of which one of these came, changed or went.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Final, NamedTuple

from sqlglot import exp

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past import delta
from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.past.marks import Marks
from sandbox.snowflake.data.past.moment import Moment
from sandbox.snowflake.data.past.placed import MORE, Placed
from sandbox.snowflake.data.past.streams import Reading, SourceGoneError
from sandbox.snowflake.data.past.tables import ROW
from sandbox.snowflake.data.past.traced import Tracer
from sandbox.snowflake.data.past.view_sources import definition, tables_of
from sandbox.snowflake.data.protect.reader import Guarded
from sandbox.snowflake.data.protect.views import View
from sandbox.snowflake.data.rewrite.rules import generate, rewrite
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.sql.names import quoted

_TOUCHED: Final = '"_leap_touched"'
_VIEW: Final = "leap_view"


class Mode(Enum):
    """Which changes are told."""

    ALL = "what is different"
    APPENDED = "what came"
    STANDING = "what stood, as if it had just come"


class Span(NamedTuple):
    """The changes of a table after one of its versions and up to another."""

    after: int
    until: int


Spans = Callable[[ObjectName, Images], Span]


@dataclass
class Rows:
    """Puts the rows of tables at one of two versions into a view's query."""

    run: Execution
    placed: Placed
    guarded: Guarded
    body: Callable[[Images, ObjectName], str]

    def view(self, name: ObjectName) -> View | None:
        """The view of that name."""
        return definition(self.run, name)

    def table(self, table: exp.Table, name: ObjectName, marks: Marks, owner: str | None) -> None:
        """The rows that the policies of the table let through."""
        rows = self.placed.rows(name, lambda images: self.body(images, name))
        listed = f"CAST({ROW} AS VARCHAR) AS {quoted(marks.row)}, {_TOUCHED} AS "
        hidden = f"* EXCLUDE ({ROW}, {_TOUCHED})"
        self.placed.put(
            table, name, f"SELECT {listed}{quoted(marks.touched)}, {hidden} FROM ({rows})"
        )
        table.meta[MORE] = tuple(marks)
        self.guarded.protect([(table, name)], owner)

    def nested(
        self, body: exp.Subquery, name: ObjectName, marks: Marks, owner: str | None
    ) -> exp.Query:
        """What the view's own policies let through."""
        return self.guarded.shown(body, name, marks, owner)


def beginning(
    run: Execution, name: ObjectName, moment: Moment | None
) -> tuple[int | None, tuple[int, ...]]:
    """The serial of the account at a point in the past, or now; None where a table of the view was
    not there yet. With which versions these tables began.
    """
    found = []
    for table in tables_of(run, name):
        run.require(table)
        found.append(Images(run.session.cursor, table))
    births = tuple(images.first() or 0 for images in found)
    if moment is None:
        return run.session.ledger.last, births
    then = [moment.serial(images) for images in found]
    known = [serial for serial in then if serial is not None]
    return (max(known) if len(known) == len(then) else None), births


def of_stream(run: Execution, placed: Placed, stream: ObjectName, read: Reading) -> str:
    """The query of what a stream on a view holds.

    Raises:
        SourceGoneError: a table that the view reads is gone, or another than when it was made.
    """
    facts = read.facts
    assert facts.source is not None

    def span(table: ObjectName, images: Images) -> Span:
        birth = images.first()
        if birth is None or (facts.births is not None and birth not in facts.births):
            raise SourceGoneError(str(table), str(stream))
        after = images.at_serial(read.after) or birth
        return Span(after, max(after, images.at_serial(read.until) or 0))

    mode = Mode.APPENDED if facts.append_only else Mode.ALL
    mode = Mode.STANDING if read.first else mode
    return _told(run, placed, facts.source, facts.source_id, mode, span)


def between(
    run: Execution,
    placed: Placed,
    name: ObjectName,
    number: int,
    span: Callable[[ObjectName, Images], tuple[int, int]],
    *,
    appended: bool,
) -> str:
    """The query of what changed in a view; `span` tells between which versions of a table.

    Raises:
        NotTrackedError: change tracking is off for a table that the view reads.
    """
    for table in tables_of(run, name):
        placed.tracked(table)
    mode = Mode.APPENDED if appended else Mode.ALL
    return _told(run, placed, name, number, mode, lambda table, images: Span(*span(table, images)))


def _told(
    run: Execution, placed: Placed, name: ObjectName, number: int, mode: Mode, spans: Spans
) -> str:
    """The query, with the columns of a stream; `number` is the id of the view."""
    found = {table: placed.look(table, partial(spans, table)) for table in tables_of(run, name)}
    is_moved = mode is Mode.STANDING or any(
        _is_touched(run, placed, table, span) for table, span in found.items()
    )
    columns = [column.info.name for column in run.metadata.columns(run.session.cursor, name)]

    def side(*, now: bool) -> str:
        return _side(run, placed, name, columns, _bodies(mode, found, is_moved, now=now))

    if mode is Mode.ALL:
        return delta.told(columns, number, side(now=False), side(now=True))
    return delta.inserted(columns, number, side(now=True))


def _is_touched(run: Execution, placed: Placed, table: ObjectName, span: Span) -> bool:
    rows = placed.rows(table, lambda images: images.touched(*span))
    found: bool = run.run(f"SELECT EXISTS (SELECT 1 FROM ({rows}))")[0][0]
    return found


def _bodies(
    mode: Mode, spans: Mapping[ObjectName, Span], is_moved: bool, *, now: bool
) -> Callable[[Images, ObjectName], str]:
    """Of each table, the rows on one side of the comparison; none at all where nothing moved."""

    def body(images: Images, table: ObjectName) -> str:
        after, until = spans[table]
        if mode is Mode.STANDING:
            return f"SELECT *, true AS {_TOUCHED} FROM ({images.rows(after)})"
        if mode is Mode.APPENDED:
            found = (
                f"SELECT *, false AS {_TOUCHED} FROM ({images.rows(after)}) UNION ALL "
                f"SELECT *, true FROM ({images.came(after, until)})"
            )
        else:
            touched = f"{ROW} IN ({images.touched(after, until)})"
            rows = images.rows(until if now else after)
            found = f"SELECT *, {touched} AS {_TOUCHED} FROM ({rows})"
        return found if is_moved else f"SELECT * FROM ({found}) WHERE false"

    return body


def _side(
    run: Execution,
    placed: Placed,
    name: ObjectName,
    columns: list[str],
    body: Callable[[Images, ObjectName], str],
) -> str:
    """The rows of the view that come from a touched row: identity, and the view's columns."""
    view = definition(run, name)
    assert view is not None
    tree = Tracer(Rows(run, placed, Guarded(run, placed), body)).view(name, view, run.context)
    text = placed.finished(generate(rewrite(tree)))
    names = ", ".join(map(quoted, columns))
    return (
        f"SELECT {ROW}, {names} FROM ({text}) AS {_VIEW}({ROW}, {_TOUCHED}, {names}) "
        f"WHERE {_TOUCHED}"
    )
