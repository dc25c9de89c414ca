"""Functions that DuckDB or sqlglot know and Snowflake does not: refused, as Snowflake refuses them.

A model that only runs here would be worth nothing. A name that nobody knows is left to DuckDB,
whose own refusal reads the same.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

import duckdb
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.tokenizer_core import Token, TokenType

from sandbox.snowflake.data.failure import UnknownFunctionError

_NAMES: Final = frozenset({TokenType.INTO, TokenType.TABLE, TokenType.ALIAS, TokenType.DOT})
_SYNTAX: Final = frozenset(
    {
        "ALL",
        "AND",
        "ANY",
        "ARRAY",
        "COLUMNS",
        "IF",
        "IN",
        "MAP",
        "NOT",
        "OR",
        "STRING",
        "STRUCT",
        "TIMESTAMP",
    }
)


def refuse_foreign(tokens: list[Token]) -> None:
    """UnknownFunctionError for the first call of a function that Snowflake does not have."""
    foreign = _foreign()
    for before, name, after in zip([None, *tokens], tokens, tokens[1:], strict=False):
        if after.token_type is not TokenType.L_PAREN or name.token_type is TokenType.STRING:
            continue
        if before is not None and before.token_type in _NAMES:
            continue
        if name.text.upper() in foreign:
            raise UnknownFunctionError(name.text)


@cache
def _foreign() -> frozenset[str]:
    text = resources.files("sandbox.snowflake.data").joinpath("functions.txt").read_text("utf-8")
    known = {word for line in text.splitlines() if line[0] != "#" for word in line.split()}
    with duckdb.connect(":memory:") as connection:
        rows = connection.execute("SELECT DISTINCT upper(function_name) FROM duckdb_functions()")
        others = {name for (name,) in rows.fetchall()}
    others |= set(Snowflake.parser_class.FUNCTIONS)
    return frozenset(name for name in others - known - _SYNTAX if name.isidentifier())
