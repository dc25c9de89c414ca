"""Puts the values of variables into SQL and expressions.

`:name` stands for a variable everywhere; in an expression the bare name does too, but not inside a
subquery. A colon right behind a name is a path into a VARIANT.
https://docs.snowflake.com/en/developer-guide/snowflake-scripting/variables
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.sql.tokens import Token, TokenKind, tokenize

Find = Callable[[str], str | None]
"""The literal of a variable, or None where there is none of that (stored) name."""
FindColumn = Callable[[str, str], str | None]
"""The literal of a column of a row variable."""

_NAMES: Final = (TokenKind.WORD, TokenKind.QUOTED)


class NotBoundError(SnowflakeError):
    """`:name` without such a variable."""

    code = "002049"
    sqlstate = "42601"

    def __init__(self, name: str) -> None:
        super().__init__(f"SQL compilation error:\nBind variable :{name} not set.")


@lru_cache(maxsize=512)
def tokens_of(text: str) -> tuple[Token, ...]:
    """The tokens of a text that is looked at again and again."""
    return tuple(tokenize(text))


def name_of(token: Token) -> str:
    """The stored form of a name."""
    return token.value if token.kind is TokenKind.QUOTED else token.value.upper()


def in_sql(text: str, find: Find, table: Find) -> str:
    """A statement with its `:name`s, and `TABLE(result_set)`, in place."""
    tokens = tokens_of(text)
    parts: list[tuple[int, int, str]] = []
    for place, token in enumerate(tokens):
        if _is_bind(tokens, place):
            parts.append((token.start, tokens[place + 1].end, _bound(tokens[place + 1], find)))
        elif token.word == "TABLE" and place + 3 < len(tokens) and tokens[place + 1].value == "(":
            named = tokens[place + 2]
            rows = table(name_of(named)) if tokens[place + 3].value == ")" else None
            if rows is not None:
                parts.append((named.start, named.end, rows))
    return _spliced(text, parts)


def in_expression(text: str, find: Find, column: FindColumn) -> str:
    """An expression with its variables in place."""
    tokens = tokens_of(text)
    parts: list[tuple[int, int, str]] = []
    depth, subquery = 0, 0
    for place, token in enumerate(tokens):
        symbol = token.value if token.kind is TokenKind.SYMBOL else ""
        depth += {"(": 1, ")": -1}.get(symbol, 0)
        if token.word in ("SELECT", "WITH") and not subquery:
            subquery = depth or 1
        elif subquery and depth < subquery:
            subquery = 0
        if _is_bind(tokens, place):
            parts.append((token.start, tokens[place + 1].end, _bound(tokens[place + 1], find)))
        elif not subquery and _is_free_name(tokens, place):
            part = _named(tokens, place, find, column)
            if part is not None:
                parts.append(part)
    return _spliced(text, parts)


def _is_bind(tokens: Sequence[Token], place: int) -> bool:
    token = tokens[place]
    if token.kind is not TokenKind.SYMBOL or token.value != ":":
        return False
    following = tokens[place + 1]
    if following.kind not in _NAMES or following.start != token.end:
        return False
    if place == 0 or tokens[place - 1].end != token.start:
        return True
    before = tokens[place - 1]
    return before.kind is TokenKind.SYMBOL and before.value not in (")", "]", "}")


def _bound(token: Token, find: Find) -> str:
    literal = find(name_of(token))
    if literal is None:
        raise NotBoundError(name_of(token))
    return literal


def _is_free_name(tokens: Sequence[Token], place: int) -> bool:
    token = tokens[place]
    if token.kind not in _NAMES or tokens[place + 1].value == "(":
        return False
    before = tokens[place - 1] if place else None
    return before is None or before.value not in (".", ":", "::")


def _named(
    tokens: Sequence[Token], place: int, find: Find, column: FindColumn
) -> tuple[int, int, str] | None:
    token = tokens[place]
    if tokens[place + 1].value == "." and tokens[place + 2].kind in _NAMES:
        literal = column(name_of(token), name_of(tokens[place + 2]))
        return (token.start, tokens[place + 2].end, literal) if literal is not None else None
    literal = find(name_of(token))
    return (token.start, token.end, literal) if literal is not None else None


def _spliced(text: str, parts: Sequence[tuple[int, int, str]]) -> str:
    done, position = [], 0
    for start, end, new in parts:
        done += [text[position:start], new]
        position = end
    return "".join([*done, text[position:]])
