"""Small parts of a block's grammar: names, places, and raw text up to a word."""

from __future__ import annotations

from sandbox.snowflake.data.types import read_type
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import Token, TokenKind


def place(reader: Reader) -> tuple[int, int]:
    """Line (from 1) and column (from 0) of what comes next."""
    before = reader.text[: reader.token.start]
    return before.count("\n") + 1, reader.token.start - (before.rfind("\n") + 1)


def name(reader: Reader) -> str:
    """A variable's stored name; a colon before it is passed over."""
    reader.accept_symbol(":")
    return reader.identifier()


def names(reader: Reader) -> tuple[str, ...]:
    """a, b, …"""
    found = [name(reader)]
    while reader.accept_symbol(","):
        found.append(name(reader))
    return tuple(found)


def optional_type(reader: Reader) -> str | None:
    """A data type, as SQL writes it, unless a value comes next."""
    if reader.token.value == ":=" or reader.token.word == "DEFAULT":
        return None
    return str(read_type(reader))


def text_until(reader: Reader, *words: str) -> str:
    """The raw text up to one of the words, outside parentheses and CASE; or to a semicolon."""
    start, end, depth, cases = reader.token.start, reader.token.start, 0, 0
    while not reader.at_end:
        token = reader.token
        if depth == 0 and token.value == ";" and token.kind is TokenKind.SYMBOL:
            break
        if depth == 0 and cases == 0 and token.word in words:
            break
        depth += _depth(token)
        cases += {"CASE": 1, "END": -1}.get(token.word, 0) if words else 0
        end = reader.advance().end
    return reader.text[start:end]


def within_parentheses(reader: Reader) -> str:
    """The raw text between a balanced pair of parentheses."""
    return reader.parenthesised()


def labelled_end(reader: Reader, kind: str) -> str | None:
    """END <kind> [label]; the ending word of a FOR or WHILE may be LOOP."""
    reader.expect("END")
    if reader.accept_any(kind, "LOOP") is None:
        raise reader.error()
    return reader.identifier() if reader.token.value != ";" else None


def _depth(token: Token) -> int:
    if token.kind is not TokenKind.SYMBOL:
        return 0
    return {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.value, 0)
