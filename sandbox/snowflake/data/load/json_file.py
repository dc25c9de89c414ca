"""JSON and Parquet records: one column of JSON.

https://docs.snowflake.com/en/sql-reference/sql/create-file-format#type-json
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from sandbox.snowflake.data.load.options import Format
from sandbox.snowflake.data.load.records import BadRecord, Source


def read_json(text: str, options: Format) -> Source:
    """The documents of a JSON text, one record each."""
    documents, bad = _documents(text)
    if options.strip_outer_array:
        documents = [json.dumps(item) for document in documents for item in _items(document)]
        rows = list(range(1, len(documents) + 1))
    else:
        gone = {record.row for record in bad}
        total = len(documents) + len(bad)
        rows = [row for row in range(1, total + 1) if row not in gone]
    table = pa.table([pa.array(documents, pa.string()), pa.array(rows, pa.int64())], ["C1", "ROW"])
    return Source(table, bad, json=True, text=text)


def _items(document: str) -> Sequence[object]:
    value = json.loads(document)
    return value if isinstance(value, list) else [value]


def _documents(text: str) -> tuple[list[str], list[BadRecord]]:
    """One document a line if that reads; else documents wherever they end."""
    lines = [line for line in text.splitlines() if line.strip()]
    bad = [
        BadRecord(row, f"Error parsing JSON: {error}", "100069")
        for row, line in enumerate(lines, start=1)
        if (error := _json_error(line)) is not None
    ]
    if not bad:
        return lines, []
    whole = _stream(text)
    if whole is not None:
        return whole, []
    gone = {record.row for record in bad}
    return [line for row, line in enumerate(lines, start=1) if row not in gone], bad


def _json_error(line: str) -> str | None:
    try:
        json.loads(line)
    except json.JSONDecodeError as error:
        return f"{error.msg}, pos {error.pos + 1}"
    return None


def _stream(text: str) -> list[str] | None:
    decoder, position, found = json.JSONDecoder(), 0, list[str]()
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        try:
            _, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError:
            return None
        found.append(text[position:end])
        position = end
    return found


def read_parquet(path: Path) -> Source:
    """The rows of a Parquet file, each as a JSON object."""
    rows = [json.dumps(row, default=str) for row in parquet.read_table(path).to_pylist()]
    numbers = pa.array(range(1, len(rows) + 1), pa.int64())
    return Source(pa.table([pa.array(rows, pa.string()), numbers], ["C1", "ROW"]), json=True)
