"""SQL inside a block: its text, and the INTO of SELECT, CALL and EXECUTE IMMEDIATE.

https://docs.snowflake.com/en/sql-reference/constructs/into
"""

from __future__ import annotations

from sandbox.snowflake.script import nodes
from sandbox.snowflake.script.pieces import name, names, place, text_until
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind
from sandbox.snowflake.verbs.procedure import split


def read_sql(reader: Reader) -> nodes.Node:
    """A SQL statement up to the next semicolon."""
    line, column = place(reader)
    word = reader.token.word
    text = text_until(reader)
    if not text:
        raise reader.error()
    if word in ("SELECT", "WITH", "CALL"):
        text, into = without_into(text)
        return nodes.Sql(line, column, text, into)
    return nodes.Sql(line, column, text)


def without_into(text: str) -> tuple[str, tuple[str, ...]]:
    """The statement without `INTO :a, :b`, and the names there."""
    reader = Reader(text)
    depth = 0
    while not reader.at_end:
        token = reader.token
        follows = reader.ahead(1)
        if depth == 0 and token.word == "INTO" and follows.value == ":":
            reader.advance()
            into = names(reader)
            kept = f"{text[: token.start]} {text[reader.token.start :]}"
            return kept.strip(), into
        if token.kind is TokenKind.SYMBOL:
            depth += {"(": 1, ")": -1}.get(token.value, 0)
        reader.advance()
    return text, ()


def read_immediate(reader: Reader) -> nodes.Node:
    """EXECUTE IMMEDIATE expression [INTO …] [USING (…)]; EXECUTE TASK and its like are SQL."""
    if reader.ahead(1).word != "IMMEDIATE":
        return read_sql(reader)
    line, column = place(reader)
    reader.expect("EXECUTE", "IMMEDIATE")
    if reader.token.word == "FROM":
        raise reader.error()
    expression = text_until(reader, "USING", "INTO")
    into: tuple[str, ...] = ()
    using: tuple[str, ...] = ()
    while word := reader.accept_any("USING", "INTO"):
        if word == "INTO":
            into = (*into, name(reader))
            while reader.accept_symbol(","):
                into = (*into, name(reader))
        else:
            using = tuple(split(reader.parenthesised()))
    if not expression:
        raise reader.error()
    return nodes.Immediate(line, column, expression, using, into)
