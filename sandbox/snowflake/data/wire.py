"""DuckDB's Arrow tables in the shape that Snowflake's drivers decode.

Timestamps travel as structs of epoch and fraction (and an offset for TIMESTAMP_TZ), times as
nanoseconds, semi-structured values as JSON text. The drivers read type, precision and scale from
both the fields' metadata and the response's `rowtype`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from sandbox.snowflake.data.types import BINARY_LENGTH, TEXT_LENGTH, DataType, from_duckdb
from sandbox.snowflake.result import SELECT, ArrowResult

_UTC_OFFSET: Final = 1440


def arrow_result(
    table: pa.Table, types: Sequence[DataType], statement_type: int = SELECT
) -> ArrowResult:
    """The answer with `table`'s rows; `types` are its columns' Snowflake types."""
    rowtype = [_rowtype(name, kind) for name, kind in zip(table.column_names, types, strict=True)]
    columns = [_column(column, kind) for column, kind in zip(table.columns, types, strict=True)]
    fields = [
        pa.field(entry["name"], column.type, metadata=_metadata(entry))
        for entry, column in zip(rowtype, columns, strict=True)
    ]
    sink = pa.BufferOutputStream()
    wire = pa.Table.from_arrays(columns, schema=pa.schema(fields))
    with pa.ipc.new_stream(sink, wire.schema) as writer:
        writer.write_table(wire)
    text = base64.b64encode(sink.getvalue()).decode("ascii") if table.num_rows else ""
    return ArrowResult(rowtype, text, table.num_rows, statement_type)


def duckdb_types(texts: Sequence[str]) -> list[DataType]:
    """The Snowflake types of a DuckDB result's columns."""
    return [from_duckdb(text) for text in texts]


def _rowtype(name: str, kind: DataType) -> dict[str, Any]:
    wire = kind.wire
    length = {"text": TEXT_LENGTH, "binary": BINARY_LENGTH}.get(wire)
    moment = wire.startswith("time")
    return {
        "name": name,
        "type": wire,
        "nullable": True,
        "length": length,
        "byteLength": length,
        "precision": kind.precision if wire == "fixed" else (0 if moment else None),
        "scale": kind.scale if wire == "fixed" else (9 if moment else None),
        "database": "",
        "schema": "",
        "table": "",
        "collation": None,
    }


def _metadata(entry: dict[str, Any]) -> dict[str, str]:
    return {
        "logicalType": str(entry["type"]).upper(),
        "precision": str(entry["precision"] or 38),
        "scale": str(entry["scale"] or 0),
        "charLength": str(entry["length"] or 0),
        "byteLength": str(entry["byteLength"] or 0),
    }


def _column(column: pa.ChunkedArray, kind: DataType) -> pa.Array:
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.array([], column.type)
    for matches, convert in _CONVERSIONS:
        if matches(whole.type):
            return convert(whole, kind)
    return whole


def _timestamp(column: pa.Array, kind: DataType) -> pa.Array:
    zone = column.type.tz
    micros = pc.cast(pc.cast(column, pa.timestamp("us", zone)), pa.int64())
    seconds = pc.cast(pc.floor_temporal(column, unit="second"), pa.timestamp("s", zone))
    epoch = pc.cast(seconds, pa.int64())
    fraction = pc.cast(
        pc.multiply(pc.subtract(micros, pc.multiply(epoch, 1_000_000)), 1000), pa.int32()
    )
    arrays = [epoch, fraction]
    fields = [pa.field("epoch", pa.int64()), pa.field("fraction", pa.int32())]
    if kind.family == "TIMESTAMP_TZ":
        arrays.append(pa.array([_UTC_OFFSET] * len(column), pa.int32()))
        fields.append(pa.field("timezone", pa.int32()))
    return pa.StructArray.from_arrays(arrays, fields=fields, mask=pc.is_null(column))


def _time(column: pa.Array, kind: DataType) -> pa.Array:
    return pc.multiply(pc.cast(pc.cast(column, pa.time64("us")), pa.int64()), 1000)


def _text(column: pa.Array, kind: DataType) -> pa.Array:
    return pc.cast(column, pa.string())


def _json_text(column: pa.Array, kind: DataType) -> pa.Array:
    texts = [None if v is None else json.dumps(v, default=str) for v in column.to_pylist()]
    return pa.array(texts, pa.string())


def _interval(column: pa.Array, kind: DataType) -> pa.Array:
    return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())


def _signed(column: pa.Array, kind: DataType) -> pa.Array:
    return pc.cast(column, pa.decimal128(38, 0) if column.type == pa.uint64() else pa.int64())


def _real(column: pa.Array, kind: DataType) -> pa.Array:
    return pc.cast(column, pa.float64())


_CONVERSIONS: Final[
    tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array, DataType], pa.Array]], ...]
] = (
    (pa.types.is_timestamp, _timestamp),
    (pa.types.is_time, _time),
    (pa.types.is_null, _text),
    (pa.types.is_nested, _json_text),
    (pa.types.is_interval, _interval),
    (pa.types.is_unsigned_integer, _signed),
    (pa.types.is_float32, _real),
)
