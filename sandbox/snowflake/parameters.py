"""Account, session and object parameters: their defaults and how a level inherits from the next.

A value set on an object wins over its schema's, that over its database's, that over the account's.
The level of a value that nobody set is the empty string.
https://docs.snowflake.com/en/sql-reference/parameters
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.snowflake.errors import InvalidValueError
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; `type` is BOOLEAN, NUMBER or STRING, values are kept as text."""

    name: str
    type: str
    default: str
    description: str = ""
    choices: tuple[str, ...] = ()

    def read(self, reader: Reader) -> str:
        """The value after `=`, checked and in the spelling that SHOW gives back."""
        sign = "-" if reader.accept_symbol("-") else ""
        token = reader.token
        if token.kind not in (TokenKind.WORD, TokenKind.STRING, TokenKind.NUMBER, TokenKind.QUOTED):
            raise reader.error()
        reader.advance()
        return self.checked(sign + token.value)

    def checked(self, value: str) -> str:
        """The value in its canonical spelling."""
        if self.type == "BOOLEAN":
            if value.lower() not in ("true", "false"):
                raise InvalidValueError(value, self.name)
            return value.lower()
        if self.type == "NUMBER" and not value.lstrip("-").isdigit():
            raise InvalidValueError(value, self.name)
        if self.choices and value.upper() not in self.choices:
            raise InvalidValueError(value, self.name)
        return value.upper() if self.choices else value


PARAMETERS: dict[str, Parameter] = {
    item.name: item
    for item in (
        Parameter("MAX_CONCURRENCY_LEVEL", "NUMBER", "8"),
        Parameter("STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", "NUMBER", "0"),
        Parameter("STATEMENT_TIMEOUT_IN_SECONDS", "NUMBER", "172800"),
    )
}
ACCOUNT_LEVEL: frozenset[str] = frozenset(PARAMETERS)
"""Parameters that ALTER ACCOUNT takes."""
SESSION_LEVEL: frozenset[str] = frozenset(PARAMETERS)
"""Parameters that ALTER SESSION takes."""
