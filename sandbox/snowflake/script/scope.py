"""The names of a running block: variables, cursors, result sets, exceptions; inner hide outer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sandbox.snowflake.errors import CompilationError, SnowflakeError
from sandbox.snowflake.script.nodes import DeclareException
from sandbox.snowflake.script.values import NULL, Rows, Value, quoted


class NotOpenError(SnowflakeError):
    """FETCH or CLOSE of a cursor that is not open."""

    code = "090248"
    sqlstate = "24000"

    def __init__(self, name: str) -> None:
        super().__init__(f"Cursor '{name}' is not open.")


@dataclass
class Variable:
    """A value; with a type, what is assigned is cast to it."""

    type: str | None = None
    value: Value = NULL


@dataclass
class ResultSet:
    """What a statement answered; None before one has."""

    rows: Rows | None = None


@dataclass
class OpenCursor:
    """A query, and how far its rows were fetched; `rows` is None while it is closed."""

    query: str
    rows: Rows | None = None
    position: int = 0


@dataclass
class Row:
    """The row variable of a FOR loop."""

    columns: Mapping[str, Value] = field(default_factory=dict)


Thing: TypeAlias = Variable | ResultSet | OpenCursor | Row | DeclareException


class Scopes:
    """A stack of scopes; names are in stored form."""

    def __init__(self) -> None:
        self._stack: list[dict[str, Thing]] = [{}]

    def enter(self) -> None:
        """Begin an inner scope."""
        self._stack.append({})

    def leave(self) -> None:
        """End the innermost scope."""
        self._stack.pop()

    def declare(self, name: str, thing: Thing) -> None:
        """Give a name a meaning in the innermost scope."""
        self._stack[-1][name] = thing

    def find(self, name: str) -> Thing | None:
        """The innermost meaning of a name."""
        return next((scope[name] for scope in reversed(self._stack) if name in scope), None)

    def variable(self, name: str) -> Variable:
        """The variable of that name, or the error of an unknown identifier."""
        thing = self.find(name)
        if not isinstance(thing, Variable):
            raise CompilationError(f"invalid identifier '{name}'")
        return thing

    def keep(self, **values: Value) -> None:
        """Set built-in variables (SQLROWCOUNT, …) in the outermost scope."""
        self._stack[0].update({name: Variable(None, value) for name, value in values.items()})

    def literal(self, name: str) -> str | None:
        """A variable's value as SQL; None where the name is no variable."""
        thing = self.find(name)
        return thing.value.literal() if isinstance(thing, Variable) else None

    def column(self, name: str, column: str) -> str | None:
        """A column of a row variable, or of a variable that holds an OBJECT: its SQL."""
        thing = self.find(name)
        if isinstance(thing, Row):
            value = thing.columns.get(column)
            if value is None:
                raise CompilationError(f"invalid identifier '{name}.{column}'")
            return value.literal()
        return None

    def table(self, name: str) -> str | None:
        """`TABLE(name)` of a result set: what stands between the parentheses."""
        thing = self.find(name)
        if isinstance(thing, ResultSet) and thing.rows is not None:
            return f"RESULT_SCAN({quoted(thing.rows.query_id)})"
        return None
