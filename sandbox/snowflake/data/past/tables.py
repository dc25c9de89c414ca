"""The hidden tables of each database that hold the past of its tables.

`versions` has a line for each committed change of a table: its serial, which grows through all
databases, how many rows it added, when, by which statements, and the columns in which rows that
stood before may differ from what they were (NULL where that is not known). Rows have numbers that
never change, from the serial times `ROWS` on; DuckDB keeps rows in the order in which they came.

`removed` names the tables that hold rows as they were before they were changed or deleted (their
images), one generation of tables for each set of columns; when columns change it ends, and every
row has an image in it. `consumed` tells how far changes of this database have read streams, a line
for each time; of all databases' lines on a stream the one with the highest serial is true.
"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.sql.names import quoted

HIDDEN_SCHEMA: Final = "_leap"
VERSIONS: Final = "versions"
REMOVED: Final = "removed"
CONSUMED: Final = "consumed"
ROWS: Final = 1 << 36
"""More rows than one version can add."""
AT: Final = '"_leap_at"'
"""DuckDB's id of a row that stands; it may change whenever DuckDB tidies up."""
PLACE: Final = '"_leap_place"'
"""How many rows of the table stand before the row."""
ROW: Final = '"_leap_row"'
UNTIL: Final = '"_leap_until"'
"""The serial of the version from which on the image is not true any more."""
CAUSE: Final = '"_leap_cause"'
CHANGED: Final = 0
GONE: Final = 1
COLUMNS: Final = 2
"""Causes of an image: the row was changed, deleted, or got other columns."""


def hidden(database: str, name: str) -> str:
    """The DuckDB name of a hidden table."""
    return ".".join(quoted(part) for part in (database, HIDDEN_SCHEMA, name))


def text(value: str) -> str:
    """A DuckDB string literal."""
    return "'" + value.replace("'", "''") + "'"


def of_table(name: ObjectName) -> str:
    """The condition on the lines of one table."""
    return f"schema_name = {text(name.schema)} AND table_name = {text(name.name)}"
