"""Which queries Snowflake tracks the changes of, and in which words it refuses the others.

https://docs.snowflake.com/en/user-guide/streams-intro#streams-on-views
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from sandbox.snowflake.errors import CompilationError

_CLAUSES: Final = {
    "distinct": "DISTINCT",
    "group": "GROUP BY",
    "having": "HAVING",
    "qualify": "QUALIFY",
    "order": "ORDER BY",
    "limit": "LIMIT",
    "offset": "LIMIT",
    "connect": "CONNECT BY",
    "match": "MATCH_RECOGNIZE",
    "laterals": "LATERAL",
    "pivots": "PIVOT",
    "sample": "SAMPLE",
    "when": "AT | BEFORE",
    "changes": "CHANGES",
}
_NOT_DETERMINISTIC: Final = re.compile(
    "CURRENT_(DATE|TIME|TIMESTAMP)|LOCALTIME(STAMP)?|NORMAL|RANDOM|RANDSTR|SEQ[1248]|UNIFORM|"
    "UUID_STRING|ZIPF"
)


class NotTrackableError(CompilationError):
    """A query whose changes nobody can tell."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Change tracking is not supported on queries {what}.")


class NotDeterministicError(CompilationError):
    """A query that answers something else each time."""

    def __init__(self, function: str) -> None:
        super().__init__(
            f"Query contains the function '{function}', but change tracking is not supported on "
            "queries with non-deterministic functions."
        )


def check_select(select: exp.Select) -> None:
    """NotTrackableError for clauses and expressions beyond projections and filters."""
    _check_clauses(select)
    if select.args.get("from_") is None:
        raise NotTrackableError("without a table")
    joins: list[exp.Join] = select.args.get("joins") or []
    sources = [select.args["from_"].this, *(join.this for join in joins)]
    for source in sources:
        _check_clauses(source)
    names = {source.alias_or_name for source in sources}
    parts = [*select.expressions, select.args.get("where")]
    for part in (*parts, *(join.args.get("on") for join in joins)):
        for node in part.walk() if part is not None else ():
            _check_expression(node, names)


def check_join(join: exp.Join) -> None:
    """NotTrackableError for all joins but inner and cross joins."""
    if join.side or join.kind not in ("", "INNER", "CROSS") or join.method not in ("", "NATURAL"):
        words = (join.method, join.side, join.kind)
        raise NotTrackableError(f"with {' '.join(word for word in words if word)} JOIN")


def check_union(query: exp.Expr) -> None:
    """NotTrackableError for all set operators but UNION ALL."""
    if not isinstance(query, exp.Union) or query.args.get("distinct"):
        word = "UNION" if isinstance(query, exp.Union) else query.key.upper()
        raise NotTrackableError(f"with {word}")
    _check_clauses(query, but="distinct")


def _check_clauses(node: exp.Expr, but: str = "") -> None:
    for key, word in _CLAUSES.items():
        if node.args.get(key) and key != but:
            raise NotTrackableError(f"with {word}")


def _check_expression(node: exp.Expr, names: set[str]) -> None:
    if isinstance(node, exp.Query):
        outer = any(column.table in names for column in node.find_all(exp.Column))
        raise NotTrackableError(f"with {'correlated ' if outer else ''}subquery expressions")
    if isinstance(node, exp.Window):
        raise NotTrackableError("with window functions")
    if not isinstance(node, exp.Func):
        return
    words = [node.name.upper()] if isinstance(node, exp.Anonymous) else node.sql_names()
    if isinstance(node, exp.AggFunc):
        raise NotTrackableError(f"containing the function '{words[0]}'")
    for word in filter(_NOT_DETERMINISTIC.fullmatch, words):
        raise NotDeterministicError(word)
