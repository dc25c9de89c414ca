"""Column definitions in DuckDB's words: types, defaults, identities and what we keep of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.snowflake.data.metadata import literal
from sandbox.snowflake.data.model import ObjectName
from sandbox.snowflake.data.past.tables import HIDDEN_SCHEMA
from sandbox.snowflake.data.reading import parse_expression
from sandbox.snowflake.data.rewrite.rules import generate, rewrite
from sandbox.snowflake.data.scope import upper_identifiers
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.data.statements.definition import ColumnDefinition
from sandbox.snowflake.data.types import TEXT, from_duckdb
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.sql.names import quoted


def definition_sql(
    columns: Sequence[ColumnDefinition], identities: Mapping[str, str], run: Execution
) -> str:
    """The parenthesised columns of CREATE TABLE."""
    names = [column.name for column in columns]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise CompilationError(f"duplicate column name '{twice}'")
    if any(column.default for column in columns):
        run.session.tell(run.context, run.text)
    parts = [column_sql(column, identities.get(column.name)) for column in columns]
    return f"({', '.join(parts)})"


def column_sql(column: ColumnDefinition, identity: str | None = None) -> str:
    """One column: name, type, default and NOT NULL."""
    words = [quoted(column.name), (column.type or TEXT).duckdb]
    if identity is not None:
        words.append(f"DEFAULT {identity}")
    elif column.default is not None:
        words.append(f"DEFAULT ({default_sql(column.default)})")
    if not column.nullable:
        words.append("NOT NULL")
    return " ".join(words)


def default_sql(text: str) -> str:
    """A default's expression for DuckDB; context functions tell of the inserting session."""
    tree = parse_expression(text)
    upper_identifiers(tree)
    return generate(rewrite(tree))


def column_facts(columns: Sequence[ColumnDefinition]) -> dict[str, dict[str, Any]]:
    """What DuckDB does not keep of each column; nothing where the type says all."""
    return {column.name: facts_of(column) for column in columns}


def facts_of(column: ColumnDefinition) -> dict[str, Any]:
    """What is kept of one column beside its DuckDB type."""
    declared = column.type
    told = declared is None or from_duckdb(declared.duckdb) == declared
    return {
        "type": None if told else str(declared),
        "comment": column.comment,
        "default": column.default,
        "primary_key": column.primary_key,
        "unique_key": column.unique_key,
    }


def sequence_sql(
    name: ObjectName, columns: Sequence[ColumnDefinition]
) -> tuple[list[str], dict[str, str]]:
    """A hidden sequence for each identity column, and the default that draws from it."""
    statements: list[str] = []
    defaults: dict[str, str] = {}
    for column in columns:
        if column.identity is None:
            continue
        start, step = column.identity
        parts = (name.database, HIDDEN_SCHEMA, f"identity_{secrets.token_hex(6)}")
        sequence = ".".join(quoted(part) for part in parts)
        statements.append(f"CREATE SEQUENCE {sequence} START {start} INCREMENT {step}")
        defaults[column.name] = f"nextval({literal(sequence)})"
    return statements, defaults
