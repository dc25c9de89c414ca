"""DuckDB's errors in Snowflake's words, so that clients which match on them keep working.

The order matters: the first pattern that fits wins. What fits none is passed on with DuckDB's own
first line, as a compilation error: never a traceback.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import duckdb

from sandbox.snowflake.errors import (
    AlreadyExistsError,
    CompilationError,
    SnowflakeError,
    StatementSyntaxError,
    UnsupportedError,
)


class ObjectMissingError(SnowflakeError):
    """A table or view that is absent, or that the role may not see."""

    code = "002003"
    sqlstate = "42S02"

    def __init__(self, name: str, kind: str = "Object") -> None:
        super().__init__(
            f"SQL compilation error:\n{kind} '{name}' does not exist or not authorized."
        )


class InvalidIdentifierError(SnowflakeError):
    """A column that no source has."""

    code = "000904"
    sqlstate = "42000"

    def __init__(self, name: str) -> None:
        super().__init__(f"SQL compilation error:\ninvalid identifier '{name}'")


class AmbiguousColumnError(SnowflakeError):
    """A column that two sources have."""

    code = "001006"
    sqlstate = "42601"

    def __init__(self, name: str) -> None:
        super().__init__(f"SQL compilation error:\nambiguous column name '{name}'")


class UnknownFunctionError(SnowflakeError):
    """A function that neither Snowflake nor the sandbox knows."""

    code = "002140"
    sqlstate = "42601"

    def __init__(self, name: str) -> None:
        super().__init__(f"SQL compilation error:\nUnknown function {name.upper()}")


class ValueFormatError(SnowflakeError):
    """Text that is no value of the asked type."""

    code = "100038"
    sqlstate = "22018"

    def __init__(self, value: str, kind: str) -> None:
        super().__init__(f"{kind} value '{value}' is not recognized")


class TextLengthError(SnowflakeError):
    """A string longer than its column."""

    code = "100074"
    sqlstate = "54000"


class DivisionByZeroError(SnowflakeError):
    """A division by zero."""

    code = "100051"
    sqlstate = "22012"

    def __init__(self) -> None:
        super().__init__("Division by zero")


class NullResultError(SnowflakeError):
    """NULL for a column that takes none."""

    code = "100072"
    sqlstate = "22000"

    def __init__(self, column: str) -> None:
        super().__init__(f"NULL result in a non-nullable column '{column}'")


class NumberRangeError(SnowflakeError):
    """A number outside its type."""

    code = "100039"
    sqlstate = "22003"

    def __init__(self, detail: str) -> None:
        super().__init__(f"Numeric value out of range: {detail}")


class DuplicateRowError(SnowflakeError):
    """MERGE found two source rows for one target row."""

    code = "100090"
    sqlstate = "42P18"

    def __init__(self) -> None:
        super().__init__("Duplicate row detected during DML action")


class ColumnCountError(SnowflakeError):
    """INSERT with another number of values than columns."""

    code = "002020"
    sqlstate = "21S01"

    def __init__(self, columns: str, values: str) -> None:
        super().__init__(
            "SQL compilation error:\nInsert value list does not match column list expecting "
            f"{columns} but got {values}"
        )


class LockedError(SnowflakeError):
    """Another transaction holds the rows."""

    code = "000625"
    sqlstate = "57014"

    def __init__(self) -> None:
        super().__init__(
            "Statement was aborted because the number of waiters for this lock exceeds the limit."
        )


Build = Callable[[re.Match[str]], SnowflakeError]

_KINDS: Final = {
    "INT": "Numeric",
    "DEC": "Numeric",
    "DOU": "Numeric",
    "FLO": "Numeric",
    "BOO": "Boolean",
    "DAT": "Date",
    "TIM": "Timestamp",
    "HUG": "Numeric",
}


def _value(match: re.Match[str]) -> SnowflakeError:
    return ValueFormatError(match[1], _KINDS.get(match[2][:3].upper(), "Numeric"))


_RULES: Final[tuple[tuple[re.Pattern[str], Build], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), build)
    for pattern, build in (
        (r"Division by zero", lambda m: DivisionByZeroError()),
        (r"'(User character length limit .*)' to", lambda m: TextLengthError(m[1])),
        (r"current transaction is aborted|Current transaction is aborted", lambda m: _aborted()),
        (r"MERGE INTO command cannot affect", lambda m: DuplicateRowError()),
        (r"NOT NULL constraint failed: [^.]+\.(.+)$", lambda m: NullResultError(m[1])),
        (r"Could not convert string ['\"](.*?)['\"] to (\w+)", _value),
        (r"Could not cast value (.*?) to (DECIMAL.*?\))", lambda m: NumberRangeError(m[1])),
        (
            r"(date|timestamp|time) field value out of range: \"(.*?)\"",
            lambda m: ValueFormatError(m[2], m[1].capitalize()),
        ),
        (
            r"invalid (date|timestamp|time) field format: \"(.*?)\"",
            lambda m: ValueFormatError(m[2], m[1].capitalize()),
        ),
        (
            r"(?:Table|View|Sequence) with name \"?([^\"\s]+)\"? does not exist",
            lambda m: ObjectMissingError(m[1]),
        ),
        (
            r"(?:Scalar|Table|Aggregate)?[^\n]*Function with name \"?(\S+?)\"? (?:does not|is not)",
            lambda m: UnknownFunctionError(m[1]),
        ),
        (r"with name \"?(.+?)\"? already exists", lambda m: AlreadyExistsError(m[1])),
        (r"Ambiguous reference to column name \"(.+?)\"", lambda m: AmbiguousColumnError(m[1])),
        (r"Referenced column \"(.+?)\" (?:was )?not found", lambda m: InvalidIdentifierError(m[1])),
        (r"Referenced update column (.+?) not found", lambda m: InvalidIdentifierError(m[1])),
        (r"Referenced table \"(.+?)\" not found", lambda m: InvalidIdentifierError(m[1])),
        (
            r"does not have a column (?:with name|named) \"(.+?)\"",
            lambda m: InvalidIdentifierError(m[1]),
        ),
        (
            r"has (\d+) columns but (\d+) values were supplied",
            lambda m: ColumnCountError(m[1], m[2]),
        ),
        (r"column \"(.+?)\" must appear in the GROUP BY", lambda m: _group_by(m[1])),
        (r"Overflow in (.*)$", lambda m: NumberRangeError(m[1].split("\n")[0])),
        (r"Malformed JSON", lambda m: _json()),
        (r"Conflict on|conflict on", lambda m: LockedError()),
        (r"syntax error at or near \"(.+?)\"", lambda m: _syntax(m[1])),
    )
)


def _group_by(column: str) -> SnowflakeError:
    return CompilationError(f"'{column}' is not a valid group by expression")


def _json() -> SnowflakeError:
    error = SnowflakeError("Error parsing JSON")
    error.code, error.sqlstate = "100069", "22P02"
    return error


def _aborted() -> SnowflakeError:
    return SnowflakeError(
        "An earlier error ended the transaction; the LEAP sandbox needs ROLLBACK before it goes on."
    )


def _syntax(near: str) -> SnowflakeError:
    return StatementSyntaxError(f"syntax error unexpected '{near}'.")


def translated(error: duckdb.Error) -> SnowflakeError:
    """The Snowflake error that stands for DuckDB's."""
    text = str(error)
    for pattern, build in _RULES:
        if match := pattern.search(text):
            return build(match)
    first = text.split("\n")[0]
    if isinstance(error, duckdb.NotSupportedError):
        return UnsupportedError(first)
    return CompilationError(first)


def is_conflict(error: duckdb.Error) -> bool:
    """Whether the same statement may succeed when it is tried again."""
    return isinstance(error, duckdb.TransactionException) and "onflict" in str(error)
