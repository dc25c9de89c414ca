"""Names that carry argument types: `"DB"."SC"."P"(VARCHAR, NUMBER)`.

The last part of such an object's path is `P(VARCHAR, NUMBER)`, so that overloads stand beside each
other; sizes of types do not count.
https://docs.snowflake.com/en/developer-guide/udf-stored-procedure-naming-conventions
"""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.snowflake.data.types import parse_type, read_type
from sandbox.snowflake.sql.names import Path
from sandbox.snowflake.sql.reader import Reader


def bare_type(text: str) -> str:
    """A type without its size, as signatures write it."""
    family = parse_type(text).family
    return "VARCHAR" if family == "TEXT" else family


def signed(path: Path, types: Iterable[str]) -> Path:
    """The path of an object with these argument types."""
    return (*path[:-1], f"{path[-1]}({', '.join(bare_type(text) for text in types)})")


def read_signed_path(reader: Reader) -> Path:
    """A name and, in parentheses, its argument types."""
    path = reader.path()
    types: list[str] = []
    reader.expect_symbol("(")
    while not reader.accept_symbol(")"):
        types.append(str(read_type(reader)))
        reader.accept_symbol(",")
    return signed(path, types)
