"""Policies and tags in CREATE TABLE and CREATE VIEW: read here, set by the catalogue.

https://docs.snowflake.com/en/sql-reference/sql/create-table#optional-parameters
"""

from __future__ import annotations

from sandbox.snowflake.data.model import Governed
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.sql.reader import Reader

BEGINNINGS = frozenset({"WITH", "MASKING", "TAG", "PROJECTION"})
"""Words after a column's name that are no type."""


def read_of_column(reader: Reader, column: str) -> Governed | None:
    """`[WITH] MASKING POLICY p [USING (…)]` or `[WITH] TAG (…)`; None where neither begins."""
    if reader.token.word not in BEGINNINGS:
        return None
    reader.accept("WITH")
    if reader.accept("MASKING", "POLICY"):
        return Governed("MASKING POLICY", _policy(reader, "USING"), column)
    if reader.accept("TAG"):
        return Governed("TAG", reader.parenthesised(), column)
    raise UnsupportedError(f"a column with {reader.token.value} {reader.ahead(1).value}")


def read_of_object(reader: Reader) -> Governed | None:
    """`[WITH] ROW ACCESS POLICY p ON (…)` or `[WITH] TAG (…)`; None where neither begins."""
    after = reader.ahead(1).word if reader.token.word == "WITH" else reader.token.word
    if after == "TAG":
        reader.accept("WITH")
        reader.expect("TAG")
        return Governed("TAG", reader.parenthesised())
    if after != "ROW":
        return None
    reader.accept("WITH")
    reader.expect("ROW", "ACCESS", "POLICY")
    return Governed("ROW ACCESS POLICY", _policy(reader, "ON"))


def _policy(reader: Reader, word: str) -> str:
    start = reader.token.start
    reader.path()
    if reader.accept(word):
        reader.parenthesised()
    return reader.text[start : reader.last.end]
