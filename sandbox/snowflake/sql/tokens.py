"""Splits a statement into tokens, each with its place in the text.

Only what Snowflake's DDL needs: words, quoted identifiers, strings (also `$$ … $$`), numbers and
symbols. Queries are parsed by sqlglot on the data plane, not here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from sandbox.snowflake.errors import StatementSyntaxError


class TokenKind(StrEnum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted identifier"
    STRING = "string"
    NUMBER = "number"
    SYMBOL = "symbol"
    END = "end of statement"


@dataclass(frozen=True, slots=True)
class Token:
    """`value` is unescaped; `start` and `end` delimit the raw text."""

    kind: TokenKind
    value: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The upper-case keyword, or the empty string where this is no word."""
        return self.value.upper() if self.kind is TokenKind.WORD else ""


_PATTERN = re.compile(
    r"""
      (?P<skip>\s+|--[^\n]*|//[^\n]*|/\*.*?\*/)
    | (?P<dollar>\$\$.*?\$\$)
    | (?P<string>'(?:[^'\\]|''|\\.)*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w$]))
    | (?P<word>[A-Za-z_\d$][\w$]*)
    | (?P<symbol>=>|->|::|:=|<>|!=|<=|>=|\|\||[^\w\s])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}


def unescape(body: str) -> str:
    """The value of a single-quoted literal's body, after Snowflake's escape rules.

    https://docs.snowflake.com/en/sql-reference/data-types-text#escape-sequences-in-single-quoted-string-constants
    """

    def value(match: re.Match[str]) -> str:
        return "'" if match[0] == "''" else _ESCAPES.get(match[0][1], match[0][1])

    return re.sub(r"''|\\.", value, body, flags=re.DOTALL)


def tokenize(text: str) -> list[Token]:
    """All tokens of `text`, ended by one of kind END; a trailing semicolon is dropped."""
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _PATTERN.match(text, position)
        if match is None:
            raise StatementSyntaxError(
                f"syntax error at position {position}, unexpected '{text[position]}'."
            )
        if match.lastgroup != "skip":
            tokens.append(_token(match))
        position = match.end()
    while tokens and tokens[-1].value == ";" and tokens[-1].kind is TokenKind.SYMBOL:
        tokens.pop()
    tokens.append(Token(TokenKind.END, "", len(text), len(text)))
    return tokens


def _token(match: re.Match[str]) -> Token:
    raw, start, end = match[0], match.start(), match.end()
    match match.lastgroup:
        case "dollar":
            return Token(TokenKind.STRING, raw[2:-2], start, end)
        case "string":
            return Token(TokenKind.STRING, unescape(raw[1:-1]), start, end)
        case "quoted":
            return Token(TokenKind.QUOTED, raw[1:-1].replace('""', '"'), start, end)
        case "number":
            return Token(TokenKind.NUMBER, raw, start, end)
        case "word":
            return Token(TokenKind.WORD, raw, start, end)
        case _:
            return Token(TokenKind.SYMBOL, raw, start, end)
