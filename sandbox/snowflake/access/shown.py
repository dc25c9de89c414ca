"""SHOW GRANTS in all its forms."""

from __future__ import annotations

from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.result import Result
from sandbox.snowflake.sql.reader import Reader


def show_grants(context: Context, reader: Reader) -> Result:
    """SHOW GRANTS [ON | TO | OF] …."""
    raise UnsupportedError(context.statement.text)


def show_future_grants(context: Context, reader: Reader) -> Result:
    """SHOW FUTURE GRANTS {IN | TO} …."""
    raise UnsupportedError(context.statement.text)
