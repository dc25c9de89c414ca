"""CALL of what every account has: the procedures of Snowflake itself, and methods of budgets.

https://docs.snowflake.com/en/sql-reference/stored-procedures-overview
"""

from __future__ import annotations

from sandbox.snowflake.context import Context
from sandbox.snowflake.notification import procedures as notification
from sandbox.snowflake.result import Result
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs import budget, waiting
from sandbox.snowflake.verbs.procedure import BuiltIn

_BUILT_IN: dict[str, BuiltIn] = {**notification.PROCEDURES, **waiting.PROCEDURES}


def call(context: Context, reader: Reader) -> Result | None:
    """Run the procedure that is named; None where it is none of Snowflake's own."""
    answer = budget.call_method(context, reader)
    if answer is not None:
        return answer
    name = reader.token.word
    built_in = _BUILT_IN.get(name)
    if built_in is None:
        return None
    reader.advance()
    arguments = reader.parenthesised()
    reader.expect_end()
    return built_in.call(context, name, arguments)
