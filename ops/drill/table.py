"""A table's contents told in a few numbers, who holds what on it, and what a query of it returns.

HASH is the account's own and says nothing outside of it; equal rows give equal sums whatever their
order. https://docs.snowflake.com/en/sql-reference/functions/hash
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from ingestion.quoting import identifier
from ops.drill.step import Ask
from ops.restore.account import Path, RefusedError, columns, find
from ops.restore.inventory import grants_on

OWNERSHIP: Final = "OWNERSHIP"


def statement(*words: str) -> str:
    """One statement from words that are SQL already: names and constants that were quoted."""
    return " ".join(word for word in words if word)


def fingerprint(ask: Ask, path: Path, at: str = "") -> dict[str, Any]:
    """Rows and a sum over all values; `at` is a clause of time travel."""
    names = ", ".join(identifier(name) for name, _ in columns(ask, path))
    count = f"COUNT(*) AS N, SUM(HASH({names})) AS H"
    row = ask(statement("SELECT", count, "FROM", identifier(*path), at))[0]
    return {"rows": int(row["n"]), "hash": str(row["h"])}


def grants(ask: Ask, kind: str, path: Path) -> list[str]:
    """Who holds what on an object, in words that can be compared."""
    found = grants_on(ask, kind, path)
    return sorted(
        f"{one.privilege} to {one.to} {one.holder}" + (" with grant option" if one.option else "")
        for one in found
    )


def owner(ask: Ask, kind: str, path: Path) -> str:
    """The role that owns an object."""
    row = find(ask, kind, path)
    if row is None:
        raise RefusedError(f"{kind} {'.'.join(path)} does not exist")
    return str(row["owner"])


def missing(ask: Ask, first: str, second: str) -> int:
    """How many rows of the first are not in the second; both are FROM clauses."""
    inner = statement("SELECT * FROM", first, "MINUS SELECT * FROM", second)
    rows = ask(statement("SELECT COUNT(*) AS N FROM", f"({inner})"))
    return int(rows[0]["n"])


def smoke_query(path: Path) -> str:
    """What a dashboard asks of the mart; scores are summed up in tenths, because a sum of fractions
    in floating point is another one in another order of rows.
    """
    return statement(
        "SELECT OPPORTUNITY_TIER, COUNT(*) AS BLOCK_GROUPS, SUM(POPULATION) AS POPULATION,",
        *("SUM(ROUND(OPPORTUNITY_SCORE * 10)) AS SCORE FROM", identifier(*path)),
        "GROUP BY OPPORTUNITY_TIER ORDER BY OPPORTUNITY_TIER",
    )


def plain(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows as JSON has them."""
    return [{name: _value(value) for name, value in row.items()} for row in rows]


def smoke(ask: Callable[[str], Sequence[Any]], path: Path) -> dict[str, Any]:
    """The rows that a dashboard sees, or the words in which it is refused."""
    try:
        return {"rows": plain(ask(smoke_query(path)))}
    except RefusedError as error:
        return {"error": " ".join(str(error).split())}


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
