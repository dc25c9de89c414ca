"""COPY INTO: chooses the files, loads each with its line in the load history, tells what happened.

A file's rows and its history commit together, so a crash never loads a file twice nor half. With
ON_ERROR = ABORT_STATEMENT all files commit together.
https://docs.snowflake.com/en/sql-reference/sql/copy-into-table
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

import duckdb
import pyarrow as pa
from sqlglot import exp

from sandbox.snowflake.data.failure import InvalidIdentifierError, translated
from sandbox.snowflake.data.load.history import History
from sandbox.snowflake.data.load.location import Inspection, RowError
from sandbox.snowflake.data.load.options import CopyOptions, Format, OnError, format_of
from sandbox.snowflake.data.load.projection import Filled, highest_position, projection
from sandbox.snowflake.data.load.relation import Lent, lend
from sandbox.snowflake.data.metadata import StoredColumn
from sandbox.snowflake.data.model import FileLoad, ObjectName, StagedFile
from sandbox.snowflake.data.scope import resolve
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.sql.names import quoted

_BAD: Final = "leap_bad_rows"
_ADVICE: Final = (
    "  If you would like to continue loading when an error is encountered, use other values such "
    "as 'SKIP_FILE' or 'CONTINUE' for the ON_ERROR option. For more information on loading "
    "options, please run 'info loading_data' in a SQL client."
)


@dataclass(frozen=True)
class CopyPlan:
    """What COPY says, resolved: from where, into which columns, how."""

    table: ObjectName
    columns: tuple[str, ...]
    stage: ObjectName
    path: str
    query: exp.Select | None
    options: CopyOptions = field(default_factory=CopyOptions)


class Loader:
    """One COPY statement at work."""

    def __init__(self, plan: CopyPlan, run: Execution) -> None:
        run.require(plan.table, "Table")
        self._plan = plan
        self._run = run
        self._history = History(run, plan.table, plan.stage)
        self._format = file_format(plan.stage, plan.options, run)
        self._columns = _target_columns(plan, run)
        default = OnError("SKIP_FILE") if run.pipe else OnError()
        self._on_error = plan.options.on_error or default

    def load(self) -> list[FileLoad]:
        """Loads what is not loaded yet; raises the first error when that aborts the statement."""
        files = self._limited(self._wanted())
        if self._on_error.action == "ABORT_STATEMENT":
            loads = self._together(files)
        else:
            loads = [load for file in files for load in self._together([file])]
        if self._plan.options.purge:
            for file, load in zip(files, loads, strict=True):
                if load.status == "LOADED":
                    self._run.files.remove(self._plan.stage, file)
        return loads

    def check(self) -> list[tuple[StagedFile, RowError]]:
        """VALIDATION_MODE: the errors of all files; nothing is loaded."""
        found: list[tuple[StagedFile, RowError]] = []
        for file in self._wanted():
            with self._lent(file) as lent:
                inspection = self._inspect(lent, self._filled(lent))
                found += [(file, error) for error in inspection.errors(self._format)]
        return found

    def _wanted(self) -> list[StagedFile]:
        files = self._run.staged
        if files is None:
            files = chosen_files(self._plan.stage, self._plan.path, self._plan.options, self._run)
        if self._plan.options.force:
            return list(files)
        return [file for file in files if not self._history.has(file)]

    def _limited(self, files: Sequence[StagedFile]) -> list[StagedFile]:
        limit, size, kept = self._plan.options.size_limit, 0, list[StagedFile]()
        for file in files:
            if limit and kept and size >= limit:
                break
            kept.append(file)
            size += file.size
        return kept

    def _together(self, files: Sequence[StagedFile]) -> list[FileLoad]:
        """Loads the files in one transaction, unless the client has one open already."""
        session = self._run.session
        own = not session.in_transaction
        self._run.guarded(session.begin)
        try:
            loads = [self._one(file) for file in files]
        except (SnowflakeError, duckdb.Error, OSError):
            if own:
                session.rollback()
            raise
        if own:
            self._run.guarded(session.commit)
        return loads

    def _one(self, file: StagedFile) -> FileLoad:
        with self._lent(file) as lent:
            filled = self._filled(lent)
            inspection = self._inspect(lent, filled)
            bad, parsed = inspection.rows, lent.source.parsed
            first = next(iter(inspection.errors(self._format, limit=1)), None)
            if first is not None and self._on_error.action == "ABORT_STATEMENT":
                raise aborted(file, first)
            skipped = self._on_error.skips(len(bad), parsed)
            if not skipped:
                self._insert(lent, filled, bad)
            load = self._told(file, parsed, 0 if skipped else parsed - len(bad), len(bad), first)
            self._history.add(file, load)
            return load

    def _lent(self, file: StagedFile) -> AbstractContextManager[Lent]:
        strict = self._plan.query is None and self._plan.options.match_by_column_name == "NONE"
        exact = strict and self._format.error_on_column_count_mismatch
        expected = len(self._columns) if exact else None
        least = highest_position(self._plan.query) if self._plan.query is not None else 0
        return lend(self._run, self._plan.stage, file, self._format, expected, least)

    def _filled(self, lent: Lent) -> list[Filled]:
        plan = self._plan
        return projection(self._columns, plan.query, lent.source, plan.options, self._format)

    def _inspect(self, lent: Lent, filled: Sequence[Filled]) -> Inspection:
        try:
            return Inspection(self._run, lent, filled, self._plan.table.name)
        except duckdb.Error as error:
            raise translated(error) from None

    def _insert(self, lent: Lent, filled: Sequence[Filled], bad: Sequence[int]) -> None:
        cursor = self._run.session.cursor
        cursor.register(_BAD, pa.table({"ROW": pa.array(bad, pa.int64())}))
        try:
            names = ", ".join(quoted(item.column.info.name) for item in filled)
            values = ", ".join(item.sql for item in filled)
            rows = self._run.session.run(
                f"INSERT INTO {self._run.place(self._plan.table)} ({names}) "
                f'SELECT {values} FROM {lent.relation} WHERE "ROW" NOT IN '
                f'(SELECT "ROW" FROM {_BAD}) ORDER BY "ROW"'
            )
            self._run.session.note(self._plan.table, rows[0][0])
        except duckdb.Error as error:
            raise translated(error) from None
        finally:
            cursor.unregister(_BAD)

    def _told(
        self, file: StagedFile, parsed: int, loaded: int, errors: int, first: RowError | None
    ) -> FileLoad:
        status = "LOADED" if not errors else ("PARTIALLY_LOADED" if loaded else "LOAD_FAILED")
        return FileLoad(
            file=file.url or file.name,
            status=status,
            rows_parsed=parsed,
            rows_loaded=loaded,
            error_limit=self._on_error.error_limit(parsed),
            errors_seen=errors,
            first_error=first.message if first else None,
            first_error_line=first.line if first else None,
            first_error_character=first.character if first else None,
            first_error_column=first.column if first else None,
            size=file.size,
        )


def aborted(file: StagedFile, error: RowError) -> SnowflakeError:
    """The error of ON_ERROR = ABORT_STATEMENT: the value's, with its place in the file."""
    where = f"  File '{file.name}', line {error.line}, character {error.character}\n"
    column = f", column {error.column}" if error.column else ""
    found = SnowflakeError(f"{error.message}\n{where}  Row {error.row}{column}\n{_ADVICE}")
    found.code, found.sqlstate = error.code, error.sqlstate
    return found


def file_format(stage: ObjectName, options: CopyOptions, run: Execution) -> Format:
    """The stage's format with what the statement says on top."""
    found = dict(run.files.stage_format(stage))
    if (name := found.pop("FORMAT_NAME", None)) is not None:
        found = dict(run.files.file_format(resolve(tuple(str(name).split(".")), run.context)))
    if options.format_name is not None:
        found = dict(run.files.file_format(resolve(options.format_name, run.context)))
    return format_of(found | options.format_options)


def chosen_files(
    stage: ObjectName, path: str, options: CopyOptions, run: Execution
) -> list[StagedFile]:
    """The stage's files under the path that FILES and PATTERN leave."""
    files = list(run.files.stage_files(stage, path))
    if options.files:
        ends = tuple(f"{path}{name}" if path.endswith("/") else name for name in options.files)
        files = [file for file in files if file.name.endswith(ends)]
    if options.pattern is not None:
        pattern = re.compile(options.pattern)
        files = [file for file in files if pattern.fullmatch(file.name)]
    return files


def _target_columns(plan: CopyPlan, run: Execution) -> list[StoredColumn]:
    stored = run.metadata.columns(run.session.cursor, run.stored(plan.table))
    if not plan.columns:
        return stored
    by_name = {column.info.name: column for column in stored}
    for name in plan.columns:
        if name not in by_name:
            raise InvalidIdentifierError(name)
    return [by_name[name] for name in plan.columns]
