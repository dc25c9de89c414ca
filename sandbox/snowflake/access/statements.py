"""GRANT and REVOKE."""

from __future__ import annotations

from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.result import Result
from sandbox.snowflake.sql.reader import Reader


def grant(context: Context, reader: Reader) -> Result:
    """GRANT in all its forms."""
    raise UnsupportedError(context.statement.text)


def revoke(context: Context, reader: Reader) -> Result:
    """REVOKE in all its forms."""
    raise UnsupportedError(context.statement.text)
