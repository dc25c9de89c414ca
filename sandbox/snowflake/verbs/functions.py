"""`SELECT SYSTEM$…(…) [AS name]`: system functions that the catalogue answers.

Only as a whole statement; inside a larger query they are not supported, and the data plane says so.
https://docs.snowflake.com/en/sql-reference/functions-system
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.reader import Reader

SystemFunction = Callable[[Context, list[str]], str | bool | None]


def system_select(context: Context) -> Result | None:
    """The answer, or None where the statement is no such SELECT."""
    if "SYSTEM$" not in context.statement.text.upper():
        return None
    reader = Reader(context.statement.text)
    reader.expect("SELECT")
    name = reader.token.value.upper()
    if not name.startswith("SYSTEM$"):
        return None
    reader.advance()
    start = reader.token.start
    arguments = _arguments(reader)
    label = f"{name}{reader.text[start : reader.token.start].rstrip()}"
    if reader.accept("AS") or not reader.at_end:
        label = reader.identifier()
    reader.expect_end()
    function = context.account.system_functions.get(name)
    if function is None:
        raise UnsupportedError(f"{name}()")
    with context.store.lock:
        answer = function(context, arguments)
    kind = "boolean" if isinstance(answer, bool) else "text"
    return Result([Column(label, kind)], [[answer]])


def with_system_functions(context: Context, text: str) -> str:
    """An expression with each `SYSTEM$…(literals)` in it replaced by what it answers, as text."""
    if "SYSTEM$" not in text.upper():
        return text
    reader, parts, position = Reader(text), [], 0
    while not reader.at_end:
        token = reader.advance()
        if not token.word.startswith("SYSTEM$"):
            continue
        function = context.account.system_functions.get(token.word)
        if function is None:
            raise UnsupportedError(f"{token.word}()")
        answer = function(context, _arguments(reader))
        parts += [text[position : token.start], literal(answer)]
        position = reader.last.end
    return "".join([*parts, text[position:]])


def literal(answer: str | bool | None) -> str:
    """What a system function answers, as it is written in a statement."""
    if isinstance(answer, bool):
        return str(answer).upper()
    return "NULL" if answer is None else "'" + answer.replace("\\", "\\\\").replace("'", "''") + "'"


def _arguments(reader: Reader) -> list[str]:
    arguments: list[str] = []
    reader.expect_symbol("(")
    while not reader.accept_symbol(")"):
        arguments.append(str(reader.integer()) if reader.token.value.isdigit() else reader.string())
        reader.accept_symbol(",")
    return arguments


def collect(*groups: Mapping[str, SystemFunction]) -> dict[str, SystemFunction]:
    """All functions by their upper-case name."""
    return {name: function for group in groups for name, function in group.items()}
