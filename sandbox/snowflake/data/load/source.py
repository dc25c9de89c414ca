"""A staged file's records as columns of text, with the records that cannot be read.

CSV is parsed by Arrow; files that Arrow cannot take (ragged on purpose, long delimiters) by the
standard library. JSON and Parquet records are one column of JSON.
https://docs.snowflake.com/en/sql-reference/sql/create-file-format
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from sandbox.snowflake.data.load.options import Format

_GZIP: Final = b"\x1f\x8b"
_BZIP: Final = b"BZh"


@dataclass(frozen=True)
class BadRecord:
    """A record that could not be split into columns; `row` counts records from 1."""

    row: int
    message: str
    code: str = "100080"


@dataclass(frozen=True)
class Source:
    """The readable records: columns `C1`, `C2`, … of text and `ROW` numbers; `json` for one column
    of JSON. `lines` answers a record's first line, `text` the raw content for pointing at errors.
    """

    table: pa.Table
    bad: Sequence[BadRecord] = ()
    json: bool = False
    header: Sequence[str] = ()
    text: str = ""
    first_row: int = 1

    @property
    def width(self) -> int:
        """How many columns the file has."""
        return int(self.table.num_columns) - 1

    def widened(self, width: int) -> Source:
        """The same with empty columns up to `width`: `$9` of a narrower file is NULL."""
        table = self.table
        for place in range(self.width, width):
            empty = pa.nulls(table.num_rows, pa.string())
            table = table.add_column(place, f"C{place + 1}", empty)
        return replace(self, table=table)

    def keys(self) -> Sequence[str]:
        """The JSON records' keys, in the order in which they first appear."""
        found: dict[str, None] = {}
        for text in self.table.column("C1").to_pylist():
            value = json.loads(text)
            if isinstance(value, dict):
                found.update(dict.fromkeys(value))
        return list(found)

    @property
    def parsed(self) -> int:
        """How many records the file has, bad ones included."""
        return int(self.table.num_rows) + len(self.bad)


def read_source(path: Path, options: Format, expected: int | None) -> Source:
    """Reads the file; `expected` is the number of columns that every record must have.

    A file that cannot be read at all has one bad record, so that the others still load.
    """
    try:
        return _read(path, options, expected)
    except UnicodeDecodeError as error:
        message = f"Invalid UTF8 detected in string '{error.object[error.start : error.end].hex()}'"
        return _unreadable(options, expected, message, "100144")
    except (pa.ArrowInvalid, csv.Error, gzip.BadGzipFile, zlib.error, EOFError) as error:
        return _unreadable(options, expected, str(error).split("\n")[0], "100080")


def _unreadable(options: Format, expected: int | None, message: str, code: str) -> Source:
    bad = [BadRecord(1, message, code)]
    return Source(_empty(expected or 1), bad, json=options.type != "CSV")


def _read(path: Path, options: Format, expected: int | None) -> Source:
    if options.type == "PARQUET":
        return _parquet(path)
    data = _decompressed(path.read_bytes())
    text = data.decode(
        "utf-8-sig", errors="replace" if options.replace_invalid_characters else "strict"
    )
    if options.type == "JSON":
        return _json(text, options)
    if options.record_delimiter not in (None, "\n", "\r", "\r\n"):
        text = text.replace(str(options.record_delimiter), "\n")
    return _csv(text, options, expected)


def csv_rows(text: str, options: Format) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it begins, the header's included."""
    delimiter = options.field_delimiter
    if delimiter is None or len(delimiter) > 1:
        for number, content in enumerate(text.splitlines(), start=1):
            yield number, content.split(delimiter) if delimiter else [content]
        return
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quotechar=options.enclosed_by,
        quoting=csv.QUOTE_MINIMAL if options.enclosed_by else csv.QUOTE_NONE,
        escapechar=options.escape,
        doublequote=True,
    )
    line = 1
    for fields in reader:
        yield line, fields
        line = reader.line_num + 1


def _csv(text: str, options: Format, expected: int | None) -> Source:
    skip = max(options.skip_header, int(options.parse_header))
    first = _first_record(text, options, skip)
    header = _first_record(text, options, 0) if options.parse_header else []
    width = expected or len(first)
    if not first:
        return Source(_empty(width), header=header, text=text, first_row=skip + 1)
    single = options.field_delimiter is not None and len(options.field_delimiter) == 1
    if single:
        source = _arrow_csv(text, options, width, skip)
        if expected is not None or not source.bad:
            return _finished(source, options, header)
    return _finished(_ragged_csv(text, options, expected, skip), options, header)


def _first_record(text: str, options: Format, skip: int) -> list[str]:
    records = (fields for _, fields in csv_rows(text[: 1 << 20], options))
    following = islice(records, skip, None)
    return next(filter(None, following), [])


def _arrow_csv(text: str, options: Format, width: int, skip: int) -> Source:
    data = text.encode()
    bad: list[BadRecord] = []

    def refuse(row: arrow_csv.InvalidRow) -> str:
        bad.append(_mismatch(row.number - skip, row.actual_columns, row.expected_columns))
        return "skip"

    names = _names(width)
    table = arrow_csv.read_csv(
        io.BytesIO(data),
        read_options=arrow_csv.ReadOptions(
            column_names=names,
            skip_rows=skip,
            use_threads=False,
            block_size=min(max(len(data) + 1, 1 << 20), 1 << 30),
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=options.field_delimiter,
            quote_char=options.enclosed_by or False,
            escape_char=options.escape or False,
            newlines_in_values=options.enclosed_by is not None,
            ignore_empty_lines=options.skip_blank_lines or width > 1,
            invalid_row_handler=refuse,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""] if options.empty_field_as_null else ["\\N"],
        ),
    )
    gone = {record.row for record in bad}
    total = table.num_rows + len(gone)
    rows = [row for row in range(1, total + 1) if row not in gone] if gone else range(1, total + 1)
    numbered = table.append_column("ROW", pa.array(rows, pa.int64()))
    if _is_open(text, options) and numbered.num_rows:
        bad.append(BadRecord(rows[-1], "End of record reached while expected to parse column"))
        numbered = numbered.slice(0, numbered.num_rows - 1)
    return Source(numbered, bad, text=text, first_row=skip + 1)


def _is_open(text: str, options: Format) -> bool:
    """Whether a quotation mark is never closed."""
    mark = options.enclosed_by
    return mark is not None and options.escape is None and text.count(mark) % 2 == 1


def _ragged_csv(text: str, options: Format, expected: int | None, skip: int) -> Source:
    records = [fields for _, fields in csv_rows(text, options)][skip:]
    if options.skip_blank_lines:
        records = [fields for fields in records if fields]
    bad = [
        _mismatch(row, len(fields), expected)
        for row, fields in enumerate(records, start=1)
        if expected is not None and len(fields) != expected
    ]
    gone = {record.row for record in bad}
    kept = [(row, f) for row, f in enumerate(records, start=1) if row not in gone]
    width = expected or max((len(fields) for _, fields in kept), default=1)
    columns = [
        pa.array(
            [
                (f[place] or (None if options.empty_field_as_null else ""))
                if place < len(f)
                else None
                for _, f in kept
            ],
            pa.string(),
        )
        for place in range(width)
    ]
    numbers = pa.array([row for row, _ in kept], pa.int64())
    table = pa.table([*columns, numbers], names=[*_names(width), "ROW"])
    return Source(table, bad, text=text, first_row=skip + 1)


def _finished(source: Source, options: Format, header: Sequence[str]) -> Source:
    """Trims and nulls, as the format asks."""
    table = source.table
    nulls = pa.array(options.null_if, pa.string())
    for place, name in enumerate(_names(source.width)):
        column = table.column(name)
        if options.trim_space:
            column = pc.utf8_trim_whitespace(column)
        if options.null_if:
            column = pc.if_else(pc.is_in(column, value_set=nulls), None, column)
        table = table.set_column(place, name, column)
    return Source(table, source.bad, False, header, source.text, source.first_row)


def _json(text: str, options: Format) -> Source:
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


def _parquet(path: Path) -> Source:
    rows = [json.dumps(row, default=str) for row in parquet.read_table(path).to_pylist()]
    numbers = pa.array(range(1, len(rows) + 1), pa.int64())
    return Source(pa.table([pa.array(rows, pa.string()), numbers], ["C1", "ROW"]), json=True)


def _decompressed(data: bytes) -> bytes:
    if data.startswith(_GZIP):
        return gzip.decompress(data)
    return bz2.decompress(data) if data.startswith(_BZIP) else data


def _mismatch(row: int, actual: int, expected: int | None) -> BadRecord:
    return BadRecord(
        row,
        f"Number of columns in file ({actual}) does not match that of the corresponding table "
        f"({expected}), use file format option error_on_column_count_mismatch=false to ignore "
        "this error",
    )


def _names(width: int) -> list[str]:
    return [f"C{place}" for place in range(1, width + 1)]


def _empty(width: int) -> pa.Table:
    columns = [pa.array([], pa.string()) for _ in range(width)]
    return pa.table([*columns, pa.array([], pa.int64())], names=[*_names(width), "ROW"])
