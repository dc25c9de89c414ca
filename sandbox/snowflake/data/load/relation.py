"""A file lent to DuckDB for one statement: its columns and METADATA$… as a relation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sandbox.snowflake.data.load.options import Format
from sandbox.snowflake.data.load.records import Source
from sandbox.snowflake.data.load.source import read_source
from sandbox.snowflake.data.metadata import literal
from sandbox.snowflake.data.model import ObjectName, StagedFile
from sandbox.snowflake.data.statements.base import Execution

RELATION: Final = "leap_source"


@dataclass(frozen=True)
class Lent:
    """The relation's text (a subquery) and the file behind it."""

    relation: str
    source: Source


@contextmanager
def lend(
    run: Execution,
    stage: ObjectName,
    file: StagedFile,
    file_format: Format,
    expected: int | None,
    least: int = 0,
) -> Iterator[Lent]:
    """Reads the file and registers it, with at least `least` columns, while the block runs."""
    source = read_source(run.files.fetch(stage, file), file_format, expected).widened(least)
    cursor = run.session.cursor
    cursor.register(RELATION, source.table)
    record = 'CAST("C1" AS JSON) AS "C1", "ROW"' if source.json else "*"
    facts = (
        f'{literal(file.name)} AS "METADATA$FILENAME"',
        f'"ROW" + {source.first_row - 1} AS "METADATA$FILE_ROW_NUMBER"',
        f'{literal(file.etag)} AS "METADATA$FILE_CONTENT_KEY"',
        f'TIMESTAMPTZ {literal(file.last_modified.isoformat())} AS "METADATA$FILE_LAST_MODIFIED"',
        f'TIMESTAMPTZ {literal(run.context.now.isoformat())} AS "METADATA$START_SCAN_TIME"',
    )
    try:
        yield Lent(f"(SELECT {record}, {', '.join(facts)} FROM {RELATION}) AS records", source)
    finally:
        cursor.unregister(RELATION)
