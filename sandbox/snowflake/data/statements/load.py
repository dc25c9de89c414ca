"""COPY INTO a table and LIST, as statements; the loading itself is in `data.load`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlglot import exp

from sandbox.snowflake.data.load.copy import CopyPlan, Loader, chosen_files
from sandbox.snowflake.data.load.options import CopyOptions, read_copy_options
from sandbox.snowflake.data.model import Analysis, FileLoad, Outcome, QueryContext
from sandbox.snowflake.data.prepare import analyse_query
from sandbox.snowflake.data.reading import parse
from sandbox.snowflake.data.scope import resolve, stage_and_path
from sandbox.snowflake.data.statements.base import Execution
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.result import SELECT, Column, Result
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind

_COPY: Final = 0x3600
_LOADED: Final = (
    Column("file"),
    Column("status"),
    Column("rows_parsed", "fixed"),
    Column("rows_loaded", "fixed"),
    Column("error_limit", "fixed"),
    Column("errors_seen", "fixed"),
    Column("first_error"),
    Column("first_error_line", "fixed"),
    Column("first_error_character", "fixed"),
    Column("first_error_column_name"),
)
_CHECKED: Final = (
    Column("ERROR"),
    Column("FILE"),
    Column("LINE", "fixed"),
    Column("CHARACTER", "fixed"),
    Column("BYTE_OFFSET", "fixed"),
    Column("CATEGORY"),
    Column("CODE", "fixed"),
    Column("SQL_STATE"),
    Column("COLUMN_NAME"),
    Column("ROW_NUMBER", "fixed"),
    Column("ROW_START_LINE", "fixed"),
    Column("REJECTED_RECORD"),
)
_LISTED: Final = (
    Column("name"),
    Column("size", "fixed"),
    Column("md5"),
    Column("last_modified"),
)


@dataclass(frozen=True)
class Copy:
    """COPY INTO table [(columns)] FROM @stage[/path] or (SELECT … FROM @stage[/path])."""

    path: tuple[str, ...]
    columns: tuple[str, ...]
    stage: str
    query: exp.Select | None
    options: CopyOptions

    def plan(self, context: QueryContext) -> CopyPlan:
        """The statement with its names resolved."""
        stage, path = stage_and_path(self.stage, context)
        table = resolve(self.path, context, "COPY")
        return CopyPlan(table, self.columns, stage, path, self.query, self.options)

    def analyse(self, context: QueryContext) -> Analysis:
        """The table that is written and the stage that is read."""
        plan = self.plan(context)
        named = self.options.format_name
        query = analyse_query(self.query, context, "COPY") if self.query is not None else None
        return Analysis(
            "COPY",
            reads=query.reads if query is not None else frozenset(),
            virtual=query.virtual if query is not None else frozenset(),
            file_formats=frozenset({resolve(named, context)} if named is not None else ()),
            writes={plan.table: frozenset({"INSERT"})},
            stages=frozenset({plan.stage}),
            needs_warehouse=True,
        )

    def execute(self, run: Execution) -> Outcome:
        """Loads the files and answers one row a file."""
        plan = self.plan(run.context)
        run.session.tell(run.context, run.text)
        with run.store.loading(plan.table):
            loader = Loader(plan, run)
            if self.options.validation_mode is not None:
                return Outcome(_checked(loader))
            loads = loader.load()
        if not loads:
            rows = [("Copy executed with 0 files processed.",)]
            return Outcome(Result((Column("status"),), rows, _COPY))
        told = loads
        if self.options.return_failed_only:
            told = [load for load in loads if load.errors_seen]
        return Outcome(
            Result(_LOADED, [_row(load) for load in told], _COPY),
            writes=frozenset({plan.table}),
            rows_produced=sum(load.rows_loaded for load in loads),
            loads=tuple(loads),
        )


@dataclass(frozen=True)
class ListFiles:
    """LIST @stage[/path] [PATTERN = '…']."""

    stage: str
    pattern: str | None = None

    def analyse(self, context: QueryContext) -> Analysis:
        """The stage that is read."""
        return Analysis("LIST", stages=frozenset({stage_and_path(self.stage, context)[0]}))

    def execute(self, run: Execution) -> Outcome:
        """One row a file."""
        stage, path = stage_and_path(self.stage, run.context)
        files = chosen_files(stage, path, CopyOptions(pattern=self.pattern), run)
        rows = [
            (
                file.url or file.name,
                file.size,
                file.etag,
                file.last_modified.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            )
            for file in files
        ]
        return Outcome(Result(_LISTED, rows, SELECT))


def read_copy(reader: Reader) -> Copy:
    """COPY INTO table; unloading to a stage is refused."""
    reader.expect("COPY")
    reader.expect("INTO")
    if reader.token.value == "@" or reader.token.kind is TokenKind.STRING:
        raise UnsupportedError("COPY INTO a stage (unloading)")
    path = reader.path()
    columns = _names(reader) if reader.token.value == "(" else ()
    reader.expect("FROM")
    if reader.token.value == "(":
        query = parse(reader.parenthesised())
        stage = _stage_of(query)
    else:
        query, stage = None, _stage(reader)
    assert query is None or isinstance(query, exp.Select)
    return Copy(path, columns, stage, query, read_copy_options(reader))


def read_list(reader: Reader) -> ListFiles:
    """LIST or LS."""
    reader.advance()
    stage = _stage(reader)
    pattern = None
    if reader.accept("PATTERN"):
        reader.accept_symbol("=")
        pattern = reader.string()
    return ListFiles(stage, pattern)


def _stage_of(query: exp.Expr) -> str:
    source = query.args.get("from_")
    table = source.this if isinstance(source, exp.From) else None
    plain = isinstance(query, exp.Select) and not query.args.get("where")
    if plain and isinstance(table, exp.Table) and isinstance(table.this, exp.Var):
        return str(table.this.name)
    raise UnsupportedError("COPY from a query that is more than SELECT … FROM @stage")


def _stage(reader: Reader) -> str:
    """The raw stage reference, up to the next space outside quotes."""
    if reader.token.kind is TokenKind.STRING:
        return reader.string()
    start = end = reader.token.start
    while not reader.at_end and reader.token.start == end:
        end = reader.advance().end
    return reader.text[start:end]


def _names(reader: Reader) -> tuple[str, ...]:
    reader.expect_symbol("(")
    names = [reader.identifier()]
    while reader.accept_symbol(","):
        names.append(reader.identifier())
    reader.expect_symbol(")")
    return tuple(names)


def _row(load: FileLoad) -> Sequence[Any]:
    return (
        load.file,
        load.status,
        load.rows_parsed,
        load.rows_loaded,
        load.error_limit,
        load.errors_seen,
        load.first_error,
        load.first_error_line,
        load.first_error_character,
        load.first_error_column,
    )


def _checked(loader: Loader) -> Result:
    rows = [
        (
            error.message,
            file.name,
            error.line,
            error.character,
            None,
            "conversion",
            int(error.code),
            error.sqlstate,
            error.column,
            error.row,
            error.line,
            error.record,
        )
        for file, error in loader.check()
    ]
    return Result(_CHECKED, rows, SELECT)
