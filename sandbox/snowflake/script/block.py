"""Blocks that are sent as they are, and EXECUTE IMMEDIATE outside a block.

https://docs.snowflake.com/en/sql-reference/sql/execute-immediate
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.result import AnyResult, Column, Result
from sandbox.snowflake.script import nodes
from sandbox.snowflake.script.immediate import immediate_text
from sandbox.snowflake.script.machine import evaluated
from sandbox.snowflake.script.parser import is_block, parse
from sandbox.snowflake.script.runner import Runner
from sandbox.snowflake.script.scope import Variable
from sandbox.snowflake.script.sql_text import read_immediate
from sandbox.snowflake.script.values import NULL, Value
from sandbox.snowflake.sql.names import quoted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs import data

ANONYMOUS = "anonymous block"


def run_block(
    context: Context,
    text: str,
    *,
    name: str = ANONYMOUS,
    returns: str | None = None,
    arguments: Mapping[str, Variable] | None = None,
) -> AnyResult:
    """The answer of a block: a table, or one cell in a column of that name."""
    answer = Runner(context, arguments).run(parse(text))
    return answer.table or cell(context, answer.value, name, returns)


def cell(context: Context, value: Value, name: str, type_: str | None = None) -> AnyResult:
    """One value, cast to a type if one is given, as a statement's answer."""
    if value is NULL and type_ is None:
        return Result([Column(name)], [[None]])
    cast = f"({value.literal()})::{type_}" if type_ is not None else value.literal()
    return data.execute(context, f"SELECT {cast} AS {quoted(name)}").result


def block_or_transaction(context: Context, text: str) -> AnyResult | None:
    """A block's answer; None where BEGIN opens a transaction."""
    return run_block(context, text) if is_block(text) else None


def execute_immediate(context: Context, text: str) -> AnyResult:
    """EXECUTE IMMEDIATE of a session: literals, `$variables` and expressions of them."""
    reader = Reader(text)
    if reader.ahead(1).word != "IMMEDIATE":
        raise UnsupportedError(" ".join(text.split()[:4]))
    node = read_immediate(reader)
    reader.expect_end()
    assert isinstance(node, nodes.Immediate)
    arguments = [evaluated(context, one) for one in node.using]
    inner = immediate_text(evaluated(context, node.expression), arguments)
    if is_block(inner):
        return run_block(context, inner)
    return context.account.execute(context.session, inner)[1]
