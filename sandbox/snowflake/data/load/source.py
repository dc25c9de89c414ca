"""Opens a staged file: decompresses it and reads its records by its format."""

from __future__ import annotations

import bz2
import csv
import gzip
import zlib
from pathlib import Path
from typing import Final

import pyarrow as pa

from sandbox.snowflake.data.load.csv_file import read_csv
from sandbox.snowflake.data.load.json_file import read_json, read_parquet
from sandbox.snowflake.data.load.options import Format
from sandbox.snowflake.data.load.records import BadRecord, Source, no_records

_GZIP: Final = b"\x1f\x8b"
_BZIP: Final = b"BZh"


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
    return Source(no_records(expected or 1), bad, json=options.type != "CSV")


def _read(path: Path, options: Format, expected: int | None) -> Source:
    if options.type == "PARQUET":
        return read_parquet(path)
    data = _decompressed(path.read_bytes())
    text = data.decode(
        "utf-8-sig", errors="replace" if options.replace_invalid_characters else "strict"
    )
    if options.type == "JSON":
        return read_json(text, options)
    if options.record_delimiter not in (None, "\n", "\r", "\r\n"):
        text = text.replace(str(options.record_delimiter), "\n")
    return read_csv(text, options, expected)


def _decompressed(data: bytes) -> bytes:
    if data.startswith(_GZIP):
        return gzip.decompress(data)
    return bz2.decompress(data) if data.startswith(_BZIP) else data
