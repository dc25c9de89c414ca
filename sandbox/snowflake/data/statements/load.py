"""COPY INTO a table and LIST, as statements; the loading itself is in `data.load`."""

from __future__ import annotations

from sandbox.snowflake.data.statements.base import Statement
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.sql.reader import Reader


def read_copy(reader: Reader) -> Statement:
    """COPY INTO table FROM stage."""
    raise UnsupportedError(reader.text)


def read_list(reader: Reader) -> Statement:
    """LIST @stage."""
    raise UnsupportedError(reader.text)
