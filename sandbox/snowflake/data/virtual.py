"""Row sources that are no stored table: INFORMATION_SCHEMA, RESULT_SCAN, other table functions.

The control plane is asked first; what it does not answer, and the data plane does not know, is an
error. GENERATOR and FLATTEN are rewrites, not sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
from sqlglot import exp

from sandbox.snowflake.data import information
from sandbox.snowflake.data.bulk import ROWS_NAME
from sandbox.snowflake.data.failure import ObjectMissingError, UnknownFunctionError
from sandbox.snowflake.data.load.query import stage_rows
from sandbox.snowflake.data.model import VirtualTable
from sandbox.snowflake.data.rewrite.rules import generate, rewrite
from sandbox.snowflake.data.scope import Tables
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.data.types import parse_type
from sandbox.snowflake.errors import SnowflakeError

_ARROW: Final = {
    "TEXT": pa.string(),
    "FLOAT": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP_NTZ": pa.timestamp("us"),
    "TIMESTAMP_LTZ": pa.timestamp("us", "UTC"),
    "TIMESTAMP_TZ": pa.timestamp("us", "UTC"),
}


class StatementNotFoundError(SnowflakeError):
    """RESULT_SCAN of a statement whose result is not kept."""

    code = "000709"
    sqlstate = "02000"

    def __init__(self, statement_id: str) -> None:
        super().__init__(f"Statement {statement_id} not found")


def sources(tables: Tables, tree: exp.Expr, run: Execution) -> Iterator[tuple[exp.Expr, pa.Table]]:
    """Each node that stands for such rows, with the rows."""
    for node, name in tables.virtual:
        if name == ROWS_NAME and run.rows is not None:
            yield node, run.rows
            continue
        answer = run.system.view(name, run.context) if run.system else None
        answer = answer or information.view(run, name)
        if answer is None:
            raise ObjectMissingError(str(name))
        yield node, to_arrow(answer)
    for stage in tables.stages:
        yield stage, stage_rows(stage, tree, run)
    for call in list(tree.find_all(exp.TableFromRows)):
        if isinstance(call.this, exp.Anonymous | exp.Dot):
            yield call, _function_rows(call.this, run)


def to_arrow(rows: VirtualTable) -> pa.Table:
    """The rows as an Arrow table, by the columns' Snowflake types."""
    types = [_arrow_type(kind) for _, kind in rows.columns]
    arrays = [
        pa.array([row[position] for row in rows.rows], kind) for position, kind in enumerate(types)
    ]
    return pa.table(arrays, names=[name for name, _ in rows.columns])


def _arrow_type(text: str) -> pa.DataType:
    kind = parse_type(text)
    if kind.family == "NUMBER":
        return pa.decimal128(kind.precision, kind.scale) if kind.scale else pa.int64()
    return _ARROW.get(kind.family, pa.string())


def _function_rows(call: exp.Expr, run: Execution) -> pa.Table:
    parts = call.flatten() if isinstance(call, exp.Dot) else iter([call])
    *path, function = list(parts)
    name = function.name.upper()
    arguments = _arguments(function, run)
    if name == "RESULT_SCAN":
        statement_id = str(arguments.get("0"))
        kept = run.session.recall(statement_id)
        if kept is None:
            raise StatementNotFoundError(statement_id)
        return kept
    names = [part.name for part in path if part.name != "INFORMATION_SCHEMA"]
    database = names[0] if names else run.context.database
    answer = None
    if run.system is not None:
        answer = run.system.function(database, name, arguments, run.context)
    answer = answer or information.function(run, database, name, arguments)
    if answer is None:
        raise UnknownFunctionError(name)
    return to_arrow(answer)


def _arguments(function: exp.Expr, run: Execution) -> dict[str, Any]:
    """The values of a table function's arguments, by name or position."""
    found: dict[str, exp.Expr] = {}
    for position, argument in enumerate(function.expressions):
        if isinstance(argument, exp.Kwarg | exp.PropertyEQ):
            found[argument.this.name.upper()] = argument.expression
        else:
            found[str(position)] = argument
    if not found:
        return {}
    select = rewrite(exp.select(*(value.copy() for value in found.values())))
    sql = generate(select)
    run.session.tell(run.context, run.text, sql)
    return dict(zip(found, run.run(sql)[0], strict=True))
