"""The two columns that go before those of a query whose rows are told apart.

They are named anew at each level, because stars and natural joins must not meet them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlglot import exp

SIDE: Final = "leap_side"


class Marks(NamedTuple):
    """The names of the two columns that go before those of a query: identity, and whether a row of
    a table behind it came, changed or went.
    """

    row: str
    touched: str


def columns_of(source: exp.Expr) -> list[str]:
    alias = source.args.get("alias")
    return [column.name for column in (alias.args.get("columns") or ())] if alias else []


def named(body: exp.Query, name: str, marks: Marks, columns: Sequence[str]) -> exp.Subquery:
    """A query under a name, its columns named where names are given."""
    names = [exp.to_identifier(one, quoted=True) for one in (*marks, *columns) if columns]
    alias = exp.TableAlias(this=exp.to_identifier(name, quoted=True), columns=names)
    return exp.Subquery(this=body, alias=alias if name else None)


def listed(source: exp.Expr, marks: Marks) -> exp.Select:
    """All columns of a source, the marks first."""
    columns = [exp.column(mark, quoted=True) for mark in marks]
    return exp.select(*columns, _star(marks)).from_(source)


def renamed(body: exp.Query, own: Marks, marks: Marks, sign: str) -> exp.Select:
    """One side of a UNION ALL under the marks of the whole; `sign` tells it from the other."""
    row = exp.DPipe(this=exp.Literal.string(sign), expression=exp.column(own.row, quoted=True))
    touched = exp.column(own.touched, quoted=True)
    first = [
        exp.alias_(row, marks.row, quoted=True),
        exp.alias_(touched, marks.touched, quoted=True),
    ]
    return exp.select(*first, _star(own)).from_(named(body, SIDE, own, ()))


def joined(found: Sequence[tuple[str, Marks]], marks: Marks) -> list[exp.Expr]:
    """Identity and mark of a row of the join of these sources."""
    rows: exp.Expr = exp.column(found[0][1].row, quoted=True)
    if len(found) > 1:
        for sign, (_, one) in zip(("(", *(",",) * (len(found) - 1)), found, strict=True):
            column = exp.column(one.row, quoted=True)
            part = exp.DPipe(this=exp.Literal.string(sign), expression=column)
            rows = part if sign == "(" else exp.DPipe(this=rows, expression=part)
        rows = exp.DPipe(this=rows, expression=exp.Literal.string(")"))
    touched = exp.or_(*(exp.column(one.touched, quoted=True) for _, one in found))
    return [
        exp.alias_(rows, marks.row, quoted=True),
        exp.alias_(touched, marks.touched, quoted=True),
    ]


def without(column: exp.Expr, found: Sequence[tuple[str, Marks]]) -> exp.Expr:
    """A column of the select list; a star leaves the marks out."""
    star = column.this if isinstance(column, exp.Column) else column
    if isinstance(star, exp.Star):
        table = column.args.get("table") if star is not column else None
        hidden = [mark for name, marks in found for mark in marks if table in (None, _id(name))]
        star.set("except_", [*(star.args.get("except_") or ()), *_star(hidden).args["except_"]])
    return column


def _id(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)


def _star(hidden: Sequence[str]) -> exp.Star:
    return exp.Star(except_=[exp.column(mark, quoted=True) for mark in hidden])
