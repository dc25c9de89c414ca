"""Answers decode in the Python connector, with its own Arrow reader."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.snowflake.data.types import from_duckdb, parse_type
from sandbox.snowflake.result import ArrowResult

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client

nanoarrow = pytest.importorskip("snowflake.connector.nanoarrow_arrow_iterator")

DECODED: tuple[tuple[str, object], ...] = (
    ("12::number(38,0)", 12),
    ("12.50::number(10,2)", Decimal("12.50")),
    ("sum(1)", 1),
    ("1.5::float", 1.5),
    ("'ä'", "ä"),
    ("true", True),
    ("'2020-01-31'::date", date(2020, 1, 31)),
    ("'2020-01-31 01:02:03.456'::timestamp_ntz", datetime(2020, 1, 31, 1, 2, 3, 456000)),
    ("'1960-01-01 00:00:00.5'::timestamp_ntz", datetime(1960, 1, 1, 0, 0, 0, 500000)),
    ("'01:02:03.5'::time", time(1, 2, 3, 500000)),
    ("parse_json('{\"a\":[1]}')", '{"a":[1]}'),
    ("array_construct(1, 'x')", '[1,"x"]'),
    ("x'4142'::binary", bytearray(b"AB")),
    ("null", None),
    ("null::timestamp_ntz", None),
    ("null::number(10,2)", None),
)


@pytest.mark.parametrize(("expression", "value"), DECODED)
def test_the_connector_reads_a_value(shared: Client, expression: str, value: object) -> None:
    assert decoded(shared, expression) == value


def test_the_connector_reads_local_timestamps(shared: Client) -> None:
    found = decoded(shared, "'2020-01-31 01:02:03 +02:00'::timestamp_ltz")

    assert found.astimezone(UTC) == datetime(2020, 1, 30, 23, 2, 3, tzinfo=UTC)


def decoded(client: Client, expression: str) -> Any:
    from snowflake.connector.arrow_context import ArrowConverterContext

    result = client.outcome(f"select {expression} as x from (values (1)) v").result
    assert isinstance(result, ArrowResult)
    import base64

    iterator = nanoarrow.PyArrowRowIterator(
        None,
        base64.b64decode(result.ipc_base64),
        ArrowConverterContext({"TIMEZONE": "UTC"}),
        False,
        False,
        False,
        True,
    )
    (row,) = list(iterator)
    return row[0]


@pytest.mark.parametrize(
    ("expression", "wire"),
    [
        ("1", {"type": "fixed", "precision": 38, "scale": 0}),
        ("1.25::number(10,2)", {"type": "fixed", "precision": 10, "scale": 2}),
        ("'x'", {"type": "text", "length": 16_777_216}),
        ("1::float", {"type": "real"}),
        ("current_timestamp()", {"type": "timestamp_ltz", "scale": 9}),
        ("sysdate()", {"type": "timestamp_ntz", "scale": 9}),
        ("current_date", {"type": "date"}),
        ("parse_json('1')", {"type": "variant"}),
        ("x'41'::binary", {"type": "binary"}),
    ],
)
def test_the_rowtype_tells_the_type(
    shared: Client, expression: str, wire: dict[str, object]
) -> None:
    (entry,) = shared.outcome(f"select {expression} as x").result.to_wire()["rowtype"]

    assert {key: entry[key] for key in wire} == wire
    assert entry["name"] == "X"


def test_an_empty_result_has_its_columns(shared: Client) -> None:
    result = shared.outcome("select 1 as a, current_timestamp() as b from (values (1)) where false")

    wire = result.result.to_wire()
    assert [c["name"] for c in wire["rowtype"]] == ["A", "B"]
    assert (wire["total"], wire["rowsetBase64"]) == (0, "")


@pytest.mark.parametrize(
    ("duckdb", "snowflake"),
    [
        ("BIGINT", "NUMBER(38,0)"),
        ("HUGEINT", "NUMBER(38,0)"),
        ("INTEGER", "NUMBER(38,0)"),
        ("DECIMAL(10,2)", "NUMBER(10,2)"),
        ("DOUBLE", "FLOAT"),
        ("VARCHAR", "VARCHAR(16777216)"),
        ("JSON", "VARIANT"),
        ("INTEGER[]", "ARRAY"),
        ("STRUCT(a INTEGER)", "OBJECT"),
        ("TIMESTAMP", "TIMESTAMP_NTZ(9)"),
        ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP_LTZ(9)"),
        ("BLOB", "BINARY(8388608)"),
    ],
)
def test_duckdbs_types_show_as_snowflakes(duckdb: str, snowflake: str) -> None:
    assert str(from_duckdb(duckdb)) == snowflake


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ("int", "NUMBER(38,0)"),
        ("decimal(10)", "NUMBER(10,0)"),
        ("character varying(10)", "VARCHAR(10)"),
        ("string", "VARCHAR(16777216)"),
        ("timestamp with time zone", "TIMESTAMP_TZ(9)"),
        ("timestamp_ltz(3)", "TIMESTAMP_LTZ(3)"),
        ("datetime", "TIMESTAMP_NTZ(9)"),
        ("object(a int, b varchar)", "OBJECT"),
    ],
)
def test_declared_types_show_in_full(declared: str, shown: str) -> None:
    assert str(parse_type(declared)) == shown
