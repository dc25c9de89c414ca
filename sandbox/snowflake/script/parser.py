"""Reads a block: declarations, statements, handlers.

What is not known here is taken for SQL up to the next semicolon, and judged when it runs.
https://docs.snowflake.com/en/sql-reference-snowflake-scripting
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from sandbox.snowflake.errors import StatementSyntaxError, UnsupportedError
from sandbox.snowflake.script import nodes
from sandbox.snowflake.script.pieces import (
    labelled_end,
    name,
    names,
    optional_type,
    place,
    text_until,
    within_parentheses,
)
from sandbox.snowflake.script.sql_text import read_immediate, read_sql
from sandbox.snowflake.sql.reader import Reader

_TRANSACTION: Final = ("TRANSACTION", "WORK", "NAME")


def is_block(text: str) -> bool:
    """Whether a text is a block, not a transaction's BEGIN."""
    reader = Reader(text)
    if reader.accept("DECLARE"):
        return True
    return reader.accept("BEGIN") and _begins_block(reader)


@lru_cache(maxsize=128)
def parse(text: str) -> nodes.Block:
    """The block that a text is; StatementSyntaxError for anything else."""
    reader = Reader(text)
    block = _block(reader)
    reader.accept_symbol(";")
    reader.expect_end()
    return block


def _begins_block(reader: Reader) -> bool:
    """Behind BEGIN: whether statements follow."""
    ended = reader.at_end or reader.token.value == ";"
    return not ended and reader.token.word not in _TRANSACTION


def _block(reader: Reader) -> nodes.Block:
    line, column = place(reader)
    declarations: list[nodes.Node] = []
    if reader.accept("DECLARE"):
        while reader.token.word != "BEGIN":
            declarations.append(_declaration(reader))
            reader.expect_symbol(";")
    reader.expect("BEGIN")
    body = _body(reader, "END", "EXCEPTION")
    handlers = _handlers(reader) if reader.accept("EXCEPTION") else ()
    reader.expect("END")
    if reader.token.value != ";" and not reader.at_end:
        reader.identifier()
    return nodes.Block(line, column, tuple(declarations), body, handlers)


def _handlers(reader: Reader) -> tuple[nodes.Handler, ...]:
    found: list[nodes.Handler] = []
    while reader.accept("WHEN"):
        caught = [name(reader)]
        while reader.accept("OR"):
            caught.append(name(reader))
        way = reader.accept_any("EXIT", "CONTINUE")
        reader.expect("THEN")
        body = _body(reader, "WHEN", "END")
        found.append(nodes.Handler(tuple(caught), body, way == "CONTINUE"))
    if not found:
        raise reader.error()
    return tuple(found)


def _body(reader: Reader, *ends: str) -> nodes.Body:
    """Statements up to one of the words."""
    found: list[nodes.Node] = []
    while reader.token.word not in ends:
        if reader.at_end:
            raise reader.error()
        found.append(_statement(reader))
        reader.expect_symbol(";")
    return tuple(found)


def _statement(reader: Reader) -> nodes.Node:
    word = reader.token.word
    if word == "BEGIN":
        reader.advance()
        if not _begins_block(reader):
            return _transaction(reader)
        reader.back()
        return _block(reader)
    if reader.ahead(1).value == ":=":
        return _assignment(reader)
    read = _READERS.get(word)
    return read(reader) if read is not None else read_sql(reader)


def _transaction(reader: Reader) -> nodes.Node:
    line, column = place(reader)
    rest = text_until(reader)
    return nodes.Sql(line, column, f"BEGIN {rest or 'TRANSACTION'}")


def _assignment(reader: Reader) -> nodes.Node:
    line, column = place(reader)
    target = name(reader)
    reader.expect_symbol(":=")
    statement = _result_statement(reader)
    if statement is not None:
        return nodes.DeclareResultSet(line, column, target, statement, declared=False)
    return nodes.Assign(line, column, target, text_until(reader))


def _result_statement(reader: Reader) -> nodes.Node | None:
    """`(statement)` that fills a result set; None where it is an ordinary expression."""
    if reader.token.word == "ASYNC":
        raise UnsupportedError("ASYNC child jobs in Snowflake Scripting")
    words = ("SHOW", "DESCRIBE", "DESC", "EXECUTE", "CALL", "INSERT", "UPDATE", "DELETE", "MERGE")
    if reader.token.value != "(" or reader.ahead(1).word not in words:
        return None
    return _inside(reader)


def _inside(reader: Reader) -> nodes.Node:
    """A statement in parentheses."""
    line, column = place(reader)
    inner = Reader(within_parentheses(reader))
    node = read_immediate(inner) if inner.token.word == "EXECUTE" else read_sql(inner)
    inner.expect_end()
    return _moved(node, line, column)


def _moved(node: nodes.Node, line: int, column: int) -> nodes.Node:
    """The node as if it stood at another place."""
    if isinstance(node, nodes.Immediate):
        return nodes.Immediate(line, column, node.expression, node.using, node.into)
    assert isinstance(node, nodes.Sql)
    return nodes.Sql(line, column, node.text, node.into)


def _let(reader: Reader) -> nodes.Node:
    reader.expect("LET")
    return _declaration(reader)


def _declaration(reader: Reader) -> nodes.Node:
    """name {CURSOR FOR … | RESULTSET [:= (…)] | EXCEPTION [(…)] | [type] [{:= | DEFAULT} …]}."""
    line, column = place(reader)
    given = name(reader)
    if reader.accept("CURSOR", "FOR"):
        return nodes.DeclareCursor(line, column, given, text_until(reader))
    if reader.accept("RESULTSET"):
        filled = reader.accept_symbol(":=") or reader.accept("DEFAULT")
        if filled and reader.token.word == "ASYNC":
            raise UnsupportedError("ASYNC child jobs in Snowflake Scripting")
        return nodes.DeclareResultSet(line, column, given, _inside(reader) if filled else None)
    if reader.accept("EXCEPTION"):
        return _exception(reader, given, line, column)
    type_ = optional_type(reader)
    expression = None
    if reader.accept_symbol(":=") or reader.accept("DEFAULT"):
        expression = text_until(reader)
    if type_ is None and expression is None:
        raise reader.error()
    return nodes.Declare(line, column, given, type_, expression)


def _exception(reader: Reader, given: str, line: int, column: int) -> nodes.Node:
    """EXCEPTION [(number [, 'message'])]; numbers lie between -20999 and -20000."""
    code, message = -20000, f"Raised {given}."
    if reader.accept_symbol("("):
        code = reader.integer()
        if reader.accept_symbol(","):
            message = reader.string()
        reader.expect_symbol(")")
    if not -20999 <= code <= -20000:
        raise StatementSyntaxError(f"Invalid exception number {code}: -20999 to -20000 is allowed.")
    return nodes.DeclareException(line, column, given, code, message)


def _if(reader: Reader) -> nodes.Node:
    line, column = place(reader)
    reader.expect("IF")
    branches = [(text_until(reader, "THEN"), _then(reader))]
    while True:
        if reader.accept("ELSEIF") or reader.accept("ELSIF"):
            branches.append((text_until(reader, "THEN"), _then(reader)))
            continue
        break
    otherwise = _body(reader, "END") if reader.accept("ELSE") else ()
    reader.expect("END")
    reader.accept("IF")
    return nodes.If(line, column, tuple(branches), otherwise)


def _then(reader: Reader) -> nodes.Body:
    reader.expect("THEN")
    return _body(reader, "ELSEIF", "ELSIF", "ELSE", "END", "WHEN")


def _case(reader: Reader) -> nodes.Node:
    line, column = place(reader)
    reader.expect("CASE")
    subject = None if reader.token.word == "WHEN" else text_until(reader, "WHEN")
    branches = []
    while reader.accept("WHEN"):
        branches.append((text_until(reader, "THEN"), _then(reader)))
    otherwise = _body(reader, "END") if reader.accept("ELSE") else None
    reader.expect("END")
    reader.accept("CASE")
    return nodes.Case(line, column, subject, tuple(branches), otherwise)


def _for(reader: Reader) -> nodes.Node:
    line, column = place(reader)
    reader.expect("FOR")
    given = name(reader)
    reader.expect("IN")
    reverse = reader.accept("REVERSE")
    first = text_until(reader, "TO", "DO", "LOOP")
    last = text_until(reader, "DO", "LOOP") if reader.accept("TO") else None
    body, label = _loop_body(reader, "FOR")
    if last is None:
        return nodes.ForRows(line, column, given, first, body, label)
    return nodes.ForRange(line, column, given, first, last, reverse, body, label)


def _loop_body(reader: Reader, kind: str) -> tuple[nodes.Body, str | None]:
    if reader.accept_any("DO", "LOOP") is None:
        raise reader.error()
    body = _body(reader, "END")
    return body, labelled_end(reader, kind)


def _while(reader: Reader) -> nodes.Node:
    line, column = place(reader)
    reader.expect("WHILE")
    condition = text_until(reader, "DO", "LOOP")
    body, label = _loop_body(reader, "WHILE")
    return nodes.Loop(line, column, body, before=condition, label=label)


def _repeat(reader: Reader) -> nodes.Node:
    line, column = place(reader)
    reader.expect("REPEAT")
    body = _body(reader, "UNTIL")
    reader.expect("UNTIL")
    condition = text_until(reader, "END")
    return nodes.Loop(line, column, body, until=condition, label=labelled_end(reader, "REPEAT"))


def _loop(reader: Reader) -> nodes.Node:
    line, column = place(reader)
    reader.expect("LOOP")
    body = _body(reader, "END")
    return nodes.Loop(line, column, body, label=labelled_end(reader, "LOOP"))


def _leave(reader: Reader) -> nodes.Node:
    line, column = place(reader)
    again = reader.advance().word in ("CONTINUE", "ITERATE")
    label = name(reader) if reader.token.value != ";" else None
    return nodes.Leave(line, column, label, again)


def _return(reader: Reader) -> nodes.Node:
    line, column = place(reader)
    reader.expect("RETURN")
    if reader.token.word == "TABLE" and reader.ahead(1).value == "(":
        reader.advance()
        return nodes.Return(line, column, within_parentheses(reader), table=True)
    return nodes.Return(line, column, text_until(reader) or None)


def _cursor(reader: Reader) -> nodes.Node:
    """OPEN c [USING (…)], FETCH c INTO …, CLOSE c."""
    line, column = place(reader)
    action, given = reader.advance().word, name(reader)
    arguments: tuple[str, ...] = ()
    if action == "FETCH":
        reader.expect("INTO")
        arguments = names(reader)
    elif action == "OPEN" and reader.accept("USING"):
        from_text = Reader(within_parentheses(reader))
        arguments = names(from_text)
    return nodes.Cursor(line, column, action, given, arguments)


def _raise(reader: Reader) -> nodes.Node:
    line, column = place(reader)
    reader.expect("RAISE")
    return nodes.Raise(line, column, name(reader) if reader.token.value != ";" else None)


def _null(reader: Reader) -> nodes.Node:
    line, column = place(reader)
    reader.expect("NULL")
    return nodes.Nothing(line, column)


def _refused(reader: Reader) -> nodes.Node:
    raise UnsupportedError(f"{reader.token.word} in Snowflake Scripting")


_READERS: Final[dict[str, Callable[[Reader], nodes.Node]]] = {
    "DECLARE": _block,
    "LET": _let,
    "IF": _if,
    "CASE": _case,
    "FOR": _for,
    "WHILE": _while,
    "REPEAT": _repeat,
    "LOOP": _loop,
    "BREAK": _leave,
    "EXIT": _leave,
    "CONTINUE": _leave,
    "ITERATE": _leave,
    "RETURN": _return,
    "OPEN": _cursor,
    "FETCH": _cursor,
    "CLOSE": _cursor,
    "RAISE": _raise,
    "NULL": _null,
    "EXECUTE": read_immediate,
    "ASYNC": _refused,
    "AWAIT": _refused,
    "CANCEL": _refused,
}
