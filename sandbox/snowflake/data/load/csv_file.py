"""CSV records: by Arrow where it can, else by the standard library.

Arrow does not take what is ragged on purpose, nor delimiters of several letters.
https://docs.snowflake.com/en/sql-reference/sql/create-file-format#type-csv
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from sandbox.snowflake.data.load.options import Format
from sandbox.snowflake.data.load.records import BadRecord, Source, column_names, no_records


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


def read_csv(text: str, options: Format, expected: int | None) -> Source:
    """The records of a CSV text; `expected` is the number of columns each must have."""
    skip = max(options.skip_header, int(options.parse_header))
    first = _first_record(text, options, skip)
    header = _first_record(text, options, 0) if options.parse_header else []
    width = expected or len(first)
    if not first:
        return Source(no_records(width), header=header, text=text, first_row=skip + 1)
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

    names = column_names(width)
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
    table = pa.table([*columns, numbers], names=[*column_names(width), "ROW"])
    return Source(table, bad, text=text, first_row=skip + 1)


def _finished(source: Source, options: Format, header: Sequence[str]) -> Source:
    """Trims and nulls, as the format asks."""
    table = source.table
    nulls = pa.array(options.null_if, pa.string())
    for place, name in enumerate(column_names(source.width)):
        column = table.column(name)
        if options.trim_space:
            column = pc.utf8_trim_whitespace(column)
        if options.null_if:
            column = pc.if_else(pc.is_in(column, value_set=nulls), None, column)
        table = table.set_column(place, name, column)
    return Source(table, source.bad, False, header, source.text, source.first_row)


def _mismatch(row: int, actual: int, expected: int | None) -> BadRecord:
    return BadRecord(
        row,
        f"Number of columns in file ({actual}) does not match that of the corresponding table "
        f"({expected}), use file format option error_on_column_count_mismatch=false to ignore "
        "this error",
    )
