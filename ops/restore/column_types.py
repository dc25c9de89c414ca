"""Whether a column's new type can hold less than its old one.

A type that is not known to be as wide counts as narrower: the person is asked once too often
rather than once too seldom. https://docs.snowflake.com/en/sql-reference/intro-summary-data-types
"""

from __future__ import annotations

import re
from typing import Final

_TYPE: Final = re.compile(r"^\s*([A-Za-z_ ]+?)\s*(?:\(([\d\s,]+)\))?\s*$")
_TEXT: Final = frozenset({"VARCHAR", "TEXT", "STRING", "CHAR VARYING", "NVARCHAR", "NVARCHAR2"})
_CHARACTER: Final = frozenset({"CHAR", "CHARACTER", "NCHAR"})
_NUMBER: Final = frozenset({"NUMBER", "DECIMAL", "DEC", "NUMERIC"})
_INTEGER: Final = frozenset({"INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"})
_FLOAT: Final = frozenset({"FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "DOUBLE PRECISION", "REAL"})
_LONGEST: Final = 16_777_216


def is_narrower(old: str, new: str) -> bool:
    """Whether values of the old type may be lost in the new one."""
    before, after = _read(old), _read(new)
    if before is None or after is None or before[0] != after[0] or len(before[1]) != len(after[1]):
        return old.strip().upper() != new.strip().upper()
    return any(b > a for b, a in zip(before[1], after[1], strict=True))


def _read(text: str) -> tuple[str, tuple[int, ...]] | None:
    """A family, and what it can hold: characters; digits before and behind the point; decimals."""
    match = _TYPE.match(text)
    if match is None:
        return None
    word = " ".join(match[1].upper().split())
    sizes = [int(size) for size in (match[2] or "").split(",") if size.strip()]
    if word in _TEXT or word in _CHARACTER:
        length = sizes[0] if sizes else (1 if word in _CHARACTER else _LONGEST)
        return "text", (length,)
    if word in _NUMBER or word in _INTEGER:
        precision = sizes[0] if sizes else 38
        scale = sizes[1] if len(sizes) > 1 else 0
        return "number", (precision - scale, scale)
    if word in _FLOAT:
        return "float", ()
    return word, tuple(sizes)
