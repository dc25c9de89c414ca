"""What a block consists of, as the parser found it.

Expressions and SQL stay text: the data plane evaluates them when they run.
https://docs.snowflake.com/en/sql-reference-snowflake-scripting
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Node:
    """`line` counts from 1, `column` from 0, as error texts tell them."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Sql(Node):
    """Any SQL statement; `into` are the variables that take its one row."""

    text: str
    into: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Immediate(Node):
    """EXECUTE IMMEDIATE <expression> [USING (…)]."""

    expression: str
    using: tuple[str, ...] = ()
    into: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declare(Node):
    """A variable with a type, a value or both."""

    name: str
    type: str | None
    expression: str | None


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """name := expression."""

    name: str
    expression: str


@dataclass(frozen=True, slots=True)
class DeclareResultSet(Node):
    """A RESULTSET, and the statement that fills it (None: later). `declared`: no assignment."""

    name: str
    statement: Statement | None
    declared: bool = True


@dataclass(frozen=True, slots=True)
class DeclareCursor(Node):
    """A CURSOR over a query or over a result set."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class DeclareException(Node):
    """An EXCEPTION that RAISE may name."""

    name: str
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class If(Node):
    """IF and ELSEIF with their bodies, and ELSE."""

    branches: tuple[tuple[str, Body], ...]
    otherwise: Body


@dataclass(frozen=True, slots=True)
class Case(Node):
    """CASE, simple (with a subject) or searched."""

    subject: str | None
    branches: tuple[tuple[str, Body], ...]
    otherwise: Body | None


@dataclass(frozen=True, slots=True)
class ForRows(Node):
    """FOR row IN cursor or result set."""

    name: str
    source: str
    body: Body
    label: str | None


@dataclass(frozen=True, slots=True)
class ForRange(Node):
    """FOR counter IN [REVERSE] first TO last."""

    name: str
    first: str
    last: str
    reverse: bool
    body: Body
    label: str | None


@dataclass(frozen=True, slots=True)
class Loop(Node):
    """WHILE, REPEAT … UNTIL and LOOP: whichever condition there is decides."""

    body: Body
    before: str | None = None
    until: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Leave(Node):
    """BREAK, or with `again` CONTINUE, of the innermost loop or of that label."""

    label: str | None
    again: bool


@dataclass(frozen=True, slots=True)
class Return(Node):
    """RETURN [expression], or RETURN TABLE(…)."""

    expression: str | None
    table: bool = False


@dataclass(frozen=True, slots=True)
class Cursor(Node):
    """OPEN [USING], FETCH INTO or CLOSE."""

    action: str
    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Raise(Node):
    """RAISE name, or the exception in hand."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Nothing(Node):
    """NULL: no statement."""


@dataclass(frozen=True, slots=True)
class Handler:
    """WHEN names [EXIT | CONTINUE] THEN body."""

    names: tuple[str, ...]
    body: Body
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Block(Node):
    """[DECLARE …] BEGIN … [EXCEPTION …] END."""

    declarations: Body
    body: Body
    handlers: tuple[Handler, ...] = ()


Statement: TypeAlias = Node
Body: TypeAlias = tuple[Node, ...]
