"""Dates and times: a DATE stays a DATE, and numbers become timestamps by their size.

https://docs.snowflake.com/en/sql-reference/functions-date-time
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from sandbox.snowflake.data.rewrite.functions import call

_ELEMENTS: Final = {
    "YYYY": "%Y",
    "YY": "%y",
    "MMMM": "%B",
    "MON": "%b",
    "MM": "%m",
    "DD": "%d",
    "DY": "%a",
    "HH24": "%H",
    "HH12": "%I",
    "AM": "%p",
    "PM": "%p",
    "MI": "%M",
    "SS": "%S",
    "FF3": "%g",
    "FF6": "%f",
}
"""https://docs.snowflake.com/en/sql-reference/date-time-input-output#about-the-elements-used-in-input-and-output-formats"""
_ELEMENT: Final = re.compile("|".join(_ELEMENTS) + r"|[A-Za-z0-9]+|[^A-Za-z0-9]", re.IGNORECASE)
_DATE_UNITS: Final = frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})


def date_add(node: exp.Expr) -> exp.Expr:
    """`DATEADD(day, 1, d)` of a DATE is a DATE, unless the unit is below a day."""
    if not isinstance(node, exp.DateAdd) or node.unit is None:
        return node
    unit = node.unit.name.upper()
    amount = exp.Interval(this=exp.Paren(this=node.expression), unit=exp.var(unit))
    if isinstance(node.expression, exp.Literal):
        amount = exp.Interval(this=node.expression, unit=exp.var(unit))
    moment = _moment(node.this)
    if unit in _DATE_UNITS:
        return call("leap_dateadd", moment, amount)
    return exp.Add(this=moment, expression=amount)


def add_months(node: exp.Expr) -> exp.Expr:
    """`ADD_MONTHS(d, n)` of a DATE is a DATE; a month's last day stays the last day."""
    if not isinstance(node, exp.AddMonths):
        return node
    is_date = isinstance(node.this, exp.Cast) and node.this.to.this == exp.DataType.Type.DATE
    return exp.cast(node, "date") if is_date else node


def date_trunc(node: exp.Expr) -> exp.Expr:
    """`DATE_TRUNC(month, d)` of a DATE is a DATE."""
    if not isinstance(node, exp.TimestampTrunc | exp.DateTrunc):
        return node
    unit = exp.Literal.string(node.unit.name if node.unit is not None else "day")
    return call("leap_date_trunc", unit, _moment(node.this))


def to_timestamp(node: exp.Expr) -> exp.Expr:
    """`TO_TIMESTAMP(x[, scale])`: digits are seconds (or finer by their size), text is a date."""
    if isinstance(node, exp.UnixToTime):
        scale = node.args.get("scale") or exp.Literal.number(0)
        return call("leap_timestamp", node.this, scale)
    if isinstance(node, exp.Anonymous) and node.name.upper() in {
        "TO_TIMESTAMP",
        "TO_TIMESTAMP_NTZ",
    }:
        return call("leap_timestamp", node.expressions[0], exp.Literal.number(0))
    return node


def to_char(node: exp.Expr) -> exp.Expr:
    """`TO_CHAR(moment, 'YYYY-MM-DD HH24:MI')`: formats of dates and times, not those of numbers."""
    given = node.args.get("format") if isinstance(node, exp.ToChar) else None
    if not isinstance(given, exp.Literal) or not given.is_string:
        return node
    parts = _ELEMENT.findall(given.this)
    known = [_ELEMENTS.get(part.upper(), part) for part in parts]
    if known == parts or any(
        part[0].isalnum() and part == said for part, said in zip(parts, known, strict=True)
    ):
        return node
    return call("strftime", _moment(node.this), exp.Literal.string("".join(known)))


def _moment(value: exp.Expr) -> exp.Expr:
    if isinstance(value, exp.Literal) and value.is_string:
        return exp.cast(value, "timestamp")
    return value
