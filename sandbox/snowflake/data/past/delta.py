"""The difference of a table or view between two versions, as streams and CHANGES tell it.

A row that changed is told twice, as it was (`DELETE`) and as it is (`INSERT`), under one id; one
that came and went in between, or is again what it was, is not told.
https://docs.snowflake.com/en/user-guide/streams-intro#stream-columns
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.past.tables import ROW, text
from sandbox.snowflake.sql.names import quoted

ACTION: Final = "METADATA$ACTION"
IS_UPDATE: Final = "METADATA$ISUPDATE"
ROW_ID: Final = "METADATA$ROW_ID"
METADATA: Final = (ACTION, IS_UPDATE, ROW_ID)
"""The columns that follow those of the source."""
_TOUCHED: Final = "leap_touched"


def delta(images: Images, table: int, after: int, until: int) -> str:
    """A query of what changed after one version and up to another; `table` is the table's id."""
    only = f"SELECT * FROM {_TOUCHED}"
    touched = f"{_TOUCHED} AS MATERIALIZED ({images.touched(after, until)})"
    before, now = images.rows(after, only), images.rows(until, only)
    return told(_names(images), table, before, now, touched)


def appended(images: Images, table: int, after: int, until: int) -> str:
    """A query of the rows that came in between, each as it came."""
    return inserted(_names(images), table, images.came(after, until))


def standing(images: Images, table: int, serial: int) -> str:
    """A query of all rows of a version, as if they had just come."""
    return inserted(_names(images), table, images.rows(serial))


def told(columns: Sequence[str], source: int, before: str, now: str, more: str = "") -> str:
    """A query of the difference of two queries of `ROW` and the columns; `source` is the id of
    what is compared, `more` a common table expression that both read.
    """
    first = f"{more}, " if more else ""
    return (
        f"WITH {first}leap_before AS MATERIALIZED ({before}), leap_now AS MATERIALIZED ({now}) "
        f"SELECT {_listed(columns, 'now')}, 'INSERT' AS {quoted(ACTION)}, "
        f"leap_before.{ROW} IS NOT NULL AS {quoted(IS_UPDATE)}, {_id(source, 'now')} "
        f"{_compared('now', 'before', columns)} UNION ALL "
        f"SELECT {_listed(columns, 'before')}, 'DELETE', "
        f"leap_now.{ROW} IS NOT NULL, {_id(source, 'before')} "
        f"{_compared('before', 'now', columns)}"
    )


def inserted(columns: Sequence[str], source: int, rows: str) -> str:
    """A query of the rows of a query of `ROW` and the columns, each as if it had just come."""
    return (
        f"SELECT {_listed(columns, 'now')}, 'INSERT' AS {quoted(ACTION)}, "
        f"false AS {quoted(IS_UPDATE)}, {_id(source, 'now')} FROM ({rows}) AS leap_now"
    )


def _names(images: Images) -> list[str]:
    return [name for name, *_ in images.columns]


def _compared(one: str, other: str, columns: Sequence[str]) -> str:
    """FROM one side, with what the other has of its rows; those that are not the same."""
    mine = ", ".join(f"leap_{one}.{quoted(name)}" for name in columns)
    others = ", ".join(f"leap_{other}.{quoted(name)}" for name in columns)
    return (
        f"FROM leap_{one} LEFT JOIN leap_{other} ON leap_{one}.{ROW} = leap_{other}.{ROW} "
        f"WHERE leap_{other}.{ROW} IS NULL OR ROW({mine}) IS DISTINCT FROM ROW({others})"
    )


def _listed(columns: Sequence[str], side: str) -> str:
    return ", ".join(f"leap_{side}.{quoted(name)} AS {quoted(name)}" for name in columns)


def _id(source: int, side: str) -> str:
    """Forty digits, as Snowflake's."""
    return f"sha1({text(f'{source}:')} || leap_{side}.{ROW}) AS {quoted(ROW_ID)}"
