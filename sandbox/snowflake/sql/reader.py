"""A cursor over the tokens of one statement, with the moves that DDL needs."""

from __future__ import annotations

from sandbox.snowflake.errors import StatementSyntaxError
from sandbox.snowflake.sql.names import Path
from sandbox.snowflake.sql.tokens import Token, TokenKind, tokenize


class Reader:
    """Reads left to right. `accept` moves on success only; `expect` fails with Snowflake's text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokenize(text)
        self._index = 0

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self._tokens[self._index]

    @property
    def last(self) -> Token:
        """The token that was taken last (the first one when none was)."""
        return self._tokens[max(self._index - 1, 0)]

    @property
    def at_end(self) -> bool:
        """Whether everything was read."""
        return self.token.kind is TokenKind.END

    def ahead(self, distance: int) -> Token:
        """The token `distance` places on (the end token beyond the last)."""
        return self._tokens[min(self._index + distance, len(self._tokens) - 1)]

    def advance(self) -> Token:
        """Take the next token, whatever it is."""
        token = self.token
        if token.kind is not TokenKind.END:
            self._index += 1
        return token

    def back(self) -> None:
        """Give the token that was taken last back."""
        self._index = max(self._index - 1, 0)

    def accept(self, *words: str) -> bool:
        """Take the words if they all come next, in order."""
        for distance, word in enumerate(words):
            if self.ahead(distance).word != word:
                return False
        self._index += len(words)
        return True

    def accept_any(self, *words: str) -> str | None:
        """Take one of `words` if it comes next, and say which."""
        if self.token.word in words:
            return self.advance().word
        return None

    def accept_symbol(self, symbol: str) -> bool:
        """Take the symbol if it comes next."""
        if self.token.kind is TokenKind.SYMBOL and self.token.value == symbol:
            self._index += 1
            return True
        return False

    def expect(self, *words: str) -> None:
        """Take the words, or fail."""
        if not self.accept(*words):
            raise self.error()

    def expect_symbol(self, symbol: str) -> None:
        """Take the symbol, or fail."""
        if not self.accept_symbol(symbol):
            raise self.error()

    def expect_end(self) -> None:
        """Fail if anything is left: what was not understood must not pass for done."""
        if not self.at_end:
            raise self.error()

    def error(self) -> StatementSyntaxError:
        """The syntax error at this place."""
        token = self.token
        before = self.text[: token.start]
        line, column = before.count("\n") + 1, token.start - (before.rfind("\n") + 1)
        seen = self.text[token.start : token.end] or "<EOF>"
        return StatementSyntaxError(
            f"syntax error line {line} at position {column} unexpected '{seen}'."
        )

    def identifier(self) -> str:
        """One identifier: upper-cased when bare, as written when quoted.

        A string is taken as well (`IDENTIFIER('x')`, `USE ROLE 'x'`), as Snowflake does in places.
        """
        token = self.token
        if token.kind is TokenKind.WORD:
            self.advance()
            return token.value.upper()
        if token.kind is TokenKind.QUOTED:
            self.advance()
            return token.value
        raise self.error()

    def path(self) -> Path:
        """A dotted name; `DB..OBJECT` means the PUBLIC schema."""
        if self.token.word == "IDENTIFIER" and self.ahead(1).value == "(":
            self.advance()
            self.advance()
            path = Reader(self.string()).path()
            self.expect_symbol(")")
            return path
        parts = [self.identifier()]
        while self.accept_symbol("."):
            if self.token.value == ".":
                parts.append("PUBLIC")
            else:
                parts.append(self.identifier())
        return tuple(parts)

    def string(self) -> str:
        """One string literal."""
        if self.token.kind is not TokenKind.STRING:
            raise self.error()
        return self.advance().value

    def integer(self) -> int:
        """One whole number, with a sign if there is one."""
        sign = -1 if self.accept_symbol("-") else 1
        token = self.token
        if token.kind is not TokenKind.NUMBER or not token.value.isdigit():
            raise self.error()
        self.advance()
        return sign * int(token.value)

    def raw_until_end(self) -> str:
        """Everything that is left, as written."""
        raw = self.text[self.token.start :].strip().rstrip(";").rstrip()
        self._index = len(self._tokens) - 1
        return raw

    def parenthesised(self) -> str:
        """The raw text inside a balanced pair of parentheses."""
        self.expect_symbol("(")
        start, depth = self.token.start, 1
        while depth:
            if self.at_end:
                raise self.error()
            token = self.advance()
            if token.kind is TokenKind.SYMBOL:
                depth += {"(": 1, ")": -1}.get(token.value, 0)
        return self.text[start : self._tokens[self._index - 1].start].strip()
