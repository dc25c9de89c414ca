"""CALL: Snowflake's own procedures, methods of budgets, and procedures that were created.

https://docs.snowflake.com/en/sql-reference/stored-procedures-overview
"""

from __future__ import annotations

from sandbox.snowflake.context import Context
from sandbox.snowflake.notification import procedures as notification
from sandbox.snowflake.result import AnyResult
from sandbox.snowflake.script.procedure import call_procedure
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.tasking import statements as tasking
from sandbox.snowflake.verbs import budget, waiting
from sandbox.snowflake.verbs.procedure import BuiltIn

_BUILT_IN: dict[str, BuiltIn] = {
    **notification.PROCEDURES,
    **tasking.PROCEDURES,
    **waiting.PROCEDURES,
}


def call(context: Context, reader: Reader) -> AnyResult:
    """Run the procedure that is named."""
    answer = budget.call_method(context, reader)
    if answer is not None:
        return answer
    name = reader.token.word
    built_in = _BUILT_IN.get(name)
    if built_in is None:
        return call_procedure(context, reader)
    reader.advance()
    arguments = reader.parenthesised()
    reader.expect_end()
    return built_in.call(context, name, arguments)
