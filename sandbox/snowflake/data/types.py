"""Snowflake's column types: as declared, as DuckDB keeps them and as the drivers read them.

A whole number of up to 38 digits is a BIGINT here, so that joins and sums stay quick; beyond 18
digits the sandbox therefore ends where 64 bits end. Semi-structured and geography values are JSON.
https://docs.snowflake.com/en/sql-reference/intro-summary-data-types
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind

TEXT_LENGTH: Final = 16_777_216
BINARY_LENGTH: Final = 8_388_608

_INTEGERS: Final = frozenset({"INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"})
_TEXTS: Final = frozenset({"VARCHAR", "STRING", "TEXT", "NVARCHAR", "NVARCHAR2"})
_LETTERS: Final = frozenset({"CHAR", "CHARACTER", "NCHAR"})
_PLAIN: Final = {
    "FLOAT": "FLOAT",
    "FLOAT4": "FLOAT",
    "FLOAT8": "FLOAT",
    "DOUBLE": "FLOAT",
    "REAL": "FLOAT",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "VARIANT": "VARIANT",
    "OBJECT": "OBJECT",
    "ARRAY": "ARRAY",
    "GEOGRAPHY": "GEOGRAPHY",
    "GEOMETRY": "GEOMETRY",
}
_MOMENTS: Final = {
    "TIME": "TIME",
    "DATETIME": "TIMESTAMP_NTZ",
    "TIMESTAMP": "TIMESTAMP_NTZ",
    "TIMESTAMP_NTZ": "TIMESTAMP_NTZ",
    "TIMESTAMPNTZ": "TIMESTAMP_NTZ",
    "TIMESTAMP_LTZ": "TIMESTAMP_LTZ",
    "TIMESTAMPLTZ": "TIMESTAMP_LTZ",
    "TIMESTAMP_TZ": "TIMESTAMP_TZ",
    "TIMESTAMPTZ": "TIMESTAMP_TZ",
}
_DUCKDB: Final = {
    "FLOAT": "DOUBLE",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIME": "TIME",
    "VARIANT": "JSON",
    "OBJECT": "JSON",
    "ARRAY": "JSON",
    "GEOGRAPHY": "JSON",
    "GEOMETRY": "JSON",
    "TIMESTAMP_NTZ": "TIMESTAMP",
    "TIMESTAMP_LTZ": "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMP_TZ": "TIMESTAMP WITH TIME ZONE",
    "TEXT": "VARCHAR",
    "BINARY": "BLOB",
}
_WIRE: Final = {
    "NUMBER": "fixed",
    "FLOAT": "real",
    "TEXT": "text",
    "GEOGRAPHY": "object",
    "GEOMETRY": "object",
}


@dataclass(frozen=True, slots=True)
class DataType:
    """`family` is INFORMATION_SCHEMA's DATA_TYPE; the sizes are set where the family has them."""

    family: str
    precision: int | None = None
    scale: int | None = None
    length: int | None = None

    def __str__(self) -> str:
        """As DESCRIBE TABLE writes it."""
        if self.family == "NUMBER":
            return f"NUMBER({self.precision},{self.scale})"
        if self.family == "TEXT":
            return f"VARCHAR({self.length})"
        if self.family == "BINARY":
            return f"BINARY({self.length})"
        if self.precision is not None:
            return f"{self.family}({self.precision})"
        return self.family

    @property
    def duckdb(self) -> str:
        """The DuckDB type that holds it."""
        if self.family != "NUMBER":
            return _DUCKDB[self.family]
        precision, scale = self.precision or 38, self.scale or 0
        return f"DECIMAL({precision},{scale})" if scale or precision <= 18 else "BIGINT"

    @property
    def wire(self) -> str:
        """The driver's name of the type."""
        return _WIRE.get(self.family, self.family.lower())


NUMBER: Final = DataType("NUMBER", 38, 0)
TEXT: Final = DataType("TEXT", length=TEXT_LENGTH)
FLOAT: Final = DataType("FLOAT")
VARIANT: Final = DataType("VARIANT")

_FROM_DUCKDB: Final = {
    "VARCHAR": TEXT,
    "UUID": TEXT,
    "INTERVAL": TEXT,
    '"NULL"': TEXT,
    "DOUBLE": FLOAT,
    "FLOAT": FLOAT,
    "BOOLEAN": DataType("BOOLEAN"),
    "DATE": DataType("DATE"),
    "TIME": DataType("TIME", 9),
    "TIMESTAMP": DataType("TIMESTAMP_NTZ", 9),
    "TIMESTAMP_NS": DataType("TIMESTAMP_NTZ", 9),
    "TIMESTAMP_S": DataType("TIMESTAMP_NTZ", 9),
    "TIMESTAMP_MS": DataType("TIMESTAMP_NTZ", 9),
    "TIMESTAMP WITH TIME ZONE": DataType("TIMESTAMP_LTZ", 9),
    "BLOB": DataType("BINARY", length=BINARY_LENGTH),
    "JSON": VARIANT,
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


@lru_cache(maxsize=512)
def from_duckdb(text: str) -> DataType:
    """The Snowflake type that a DuckDB result column shows."""
    if match := _DECIMAL.fullmatch(text):
        return DataType("NUMBER", int(match[1]), int(match[2]))
    if text.endswith("]"):
        return DataType("ARRAY")
    if text.startswith(("STRUCT", "MAP")):
        return DataType("OBJECT")
    return _FROM_DUCKDB.get(text, NUMBER if text.endswith("INT") or "INTEGER" in text else TEXT)


@lru_cache(maxsize=512)
def parse_type(text: str) -> DataType:
    """The type that `text` declares; CompilationError for one that Snowflake does not have."""
    reader = Reader(text)
    declared = read_type(reader)
    reader.expect_end()
    return declared


def read_type(reader: Reader) -> DataType:
    """Takes a type from a column definition or cast."""
    name = reader.identifier()
    if name in _INTEGERS:
        return NUMBER
    if name in {"NUMBER", "DECIMAL", "NUMERIC", "DEC"}:
        sizes = _sizes(reader)
        return DataType("NUMBER", sizes[0] if sizes else 38, sizes[1] if sizes[1:] else 0)
    if name in _TEXTS or name in _LETTERS:
        varying = reader.accept("VARYING") or name in _TEXTS
        return DataType("TEXT", length=_size(reader, TEXT_LENGTH if varying else 1))
    if name in {"BINARY", "VARBINARY"}:
        return DataType("BINARY", length=_size(reader, BINARY_LENGTH))
    if name in _MOMENTS:
        return _moment(reader, name)
    if name in _PLAIN:
        reader.accept("PRECISION")
        return _structured(reader, _PLAIN[name])
    raise CompilationError(f"Unsupported data type '{name}'.")


def _moment(reader: Reader, name: str) -> DataType:
    family = _MOMENTS[name]
    precision = _size(reader, 9)
    if reader.accept("WITH", "LOCAL", "TIME", "ZONE"):
        family = "TIMESTAMP_LTZ"
    elif reader.accept("WITH", "TIME", "ZONE"):
        family = "TIMESTAMP_TZ"
    elif reader.accept("WITHOUT", "TIME", "ZONE"):
        family = "TIMESTAMP_NTZ"
    return DataType(family, precision)


def _structured(reader: Reader, family: str) -> DataType:
    """A structured OBJECT or ARRAY keeps its rows as an unstructured one."""
    if family in {"OBJECT", "ARRAY"} and reader.token.value == "(":
        reader.parenthesised()
    return DataType(family)


def _size(reader: Reader, default: int) -> int:
    sizes = _sizes(reader)
    return sizes[0] if sizes else default


def _sizes(reader: Reader) -> list[int]:
    if not (reader.token.value == "(" and reader.token.kind is TokenKind.SYMBOL):
        return []
    reader.expect_symbol("(")
    sizes = [reader.integer()]
    while reader.accept_symbol(","):
        sizes.append(reader.integer())
    reader.expect_symbol(")")
    return sizes
