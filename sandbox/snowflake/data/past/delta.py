"""The difference of a table between two of its versions, as streams and CHANGES tell it.

A row that changed is told twice, as it was (`DELETE`) and as it is (`INSERT`), under one id; one
that came and went in between, or is again what it was, is not told.
https://docs.snowflake.com/en/user-guide/streams-intro#stream-columns
"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake.data.past.images import Images
from sandbox.snowflake.data.past.tables import ROW, text
from sandbox.snowflake.sql.names import quoted

ACTION: Final = "METADATA$ACTION"
IS_UPDATE: Final = "METADATA$ISUPDATE"
ROW_ID: Final = "METADATA$ROW_ID"
METADATA: Final = (ACTION, IS_UPDATE, ROW_ID)
"""The columns that follow those of the table."""
_TOUCHED: Final = "leap_touched"


def delta(images: Images, table: int, after: int, until: int) -> str:
    """A query of what changed after one version and up to another; `table` is the table's id."""
    only = f"SELECT * FROM {_TOUCHED}"
    now = _compared("now", "before", images)
    then = _compared("before", "now", images)
    return (
        f"WITH {_TOUCHED} AS MATERIALIZED ({images.touched(after, until)}), "
        f"leap_before AS MATERIALIZED ({images.rows(after, only)}), "
        f"leap_now AS MATERIALIZED ({images.rows(until, only)}) "
        f"SELECT {_listed(images, 'now')}, 'INSERT' AS {quoted(ACTION)}, "
        f"leap_before.{ROW} IS NOT NULL AS {quoted(IS_UPDATE)}, {_id(table, 'now')} {now} "
        f"UNION ALL "
        f"SELECT {_listed(images, 'before')}, 'DELETE', "
        f"leap_now.{ROW} IS NOT NULL, {_id(table, 'before')} {then}"
    )


def appended(images: Images, table: int, after: int, until: int) -> str:
    """A query of the rows that came in between, each as it came."""
    return _inserted(images, table, images.came(after, until))


def standing(images: Images, table: int, serial: int) -> str:
    """A query of all rows of a version, as if they had just come."""
    return _inserted(images, table, images.rows(serial))


def _inserted(images: Images, table: int, rows: str) -> str:
    return (
        f"SELECT {_listed(images, 'now')}, 'INSERT' AS {quoted(ACTION)}, "
        f"false AS {quoted(IS_UPDATE)}, {_id(table, 'now')} FROM ({rows}) AS leap_now"
    )


def _compared(one: str, other: str, images: Images) -> str:
    """FROM one side, with what the other has of its rows; those that are not the same."""
    columns = [name for name, *_ in images.columns]
    mine = ", ".join(f"leap_{one}.{quoted(name)}" for name in columns)
    others = ", ".join(f"leap_{other}.{quoted(name)}" for name in columns)
    return (
        f"FROM leap_{one} LEFT JOIN leap_{other} ON leap_{one}.{ROW} = leap_{other}.{ROW} "
        f"WHERE leap_{other}.{ROW} IS NULL OR ROW({mine}) IS DISTINCT FROM ROW({others})"
    )


def _listed(images: Images, side: str) -> str:
    return ", ".join(f"leap_{side}.{quoted(name)} AS {quoted(name)}" for name, *_ in images.columns)


def _id(table: int, side: str) -> str:
    """Forty digits, as Snowflake's."""
    return f"sha1({text(f'{table}:')} || leap_{side}.{ROW}) AS {quoted(ROW_ID)}"
