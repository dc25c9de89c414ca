"""Procedures that are part of every account, and how the arguments of a CALL become values.

An argument is any expression, also a scalar subquery; the data plane evaluates it for the session.
https://docs.snowflake.com/en/sql-reference/sql/call
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.result import AnyResult, ArrowResult, Result
from sandbox.snowflake.sql.tokens import TokenKind, tokenize
from sandbox.snowflake.verbs import data
from sandbox.snowflake.verbs.functions import literal

_SYSTEM: Final = re.compile(r"\s*(?:SELECT\s+)?(SYSTEM\$\w+)\s*\((.*)\)\s*", re.I | re.S)
"""One call of a system function, also as a query."""


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """What is done with the values, and how many there may be."""

    run: Callable[[Context, Sequence[Any]], Result]
    least: int
    most: int

    def call(self, context: Context, name: str, arguments: str) -> Result:
        """Evaluate the text between the parentheses, and run."""
        texts = split(arguments)
        if not self.least <= len(texts) <= self.most:
            raise CompilationError(f"Invalid argument types for function '{name}': {arguments}")
        return self.run(context, values(context, texts))


def split(text: str) -> list[str]:
    """The arguments of a call, as written."""
    parts: list[str] = []
    depth, start = 0, 0
    for token in tokenize(text):
        symbol = token.value if token.kind is TokenKind.SYMBOL else ""
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(symbol, 0)
        if token.kind is TokenKind.END or (symbol == "," and depth == 0):
            parts.append(text[start : token.start].strip())
            start = token.end
    return parts if parts != [""] else []


def values(context: Context, texts: Sequence[str]) -> list[Any]:
    """What the expressions are for the session; `(a, b)` gives a list."""
    groups = [[_evaluated(context, part) for part in _members(text)] for text in texts]
    flat = [text for group in groups for text in group]
    if not flat:
        return []
    columns = ", ".join(f'({text}) AS "V{place}"' for place, text in enumerate(flat))
    found = iter(first_row(data.execute(context, f"SELECT {columns}").result))
    return [next(found) if len(group) == 1 else [next(found) for _ in group] for group in groups]


def _evaluated(context: Context, text: str) -> str:
    """The expression, or as a literal what its one call of a system function answers."""
    match = _SYSTEM.fullmatch(_inside(text) or text)
    function = context.account.system_functions.get(match[1].upper()) if match else None
    if match is None or function is None:
        return text
    with context.store.lock:
        answer = function(context, [str(value) for value in values(context, split(match[2]))])
    return literal(answer)


def _members(text: str) -> list[str]:
    """The parts of `(a, b)`; a subquery or any other expression is one part."""
    inside = _inside(text)
    if inside is None or inside.lstrip().upper().startswith(("SELECT", "WITH")):
        return [text]
    return split(inside)


def _inside(text: str) -> str | None:
    """What one pair of parentheses around the whole text holds; None where there is none."""
    tokens = tokenize(text)
    if tokens[0].value != "(" or tokens[-2].value != ")":
        return None
    depth = 0
    for token in tokens[:-2]:
        symbol = token.value if token.kind is TokenKind.SYMBOL else ""
        depth += {"(": 1, ")": -1}.get(symbol, 0)
        if depth == 0:
            return None
    return text[tokens[0].end : tokens[-2].start]


def first_row(result: AnyResult) -> list[Any]:
    """The values of a query's first row."""
    if isinstance(result, Result):
        return list(result.rows[0])
    assert isinstance(result, ArrowResult)
    with pa.ipc.open_stream(base64.b64decode(result.ipc_base64)) as stream:
        return list(stream.read_all().slice(0, 1).to_pylist()[0].values())
