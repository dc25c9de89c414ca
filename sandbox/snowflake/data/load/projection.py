"""From a file's columns to a table's: which expression fills which column, in its type.

Without a query, columns match by position (CSV), by name (MATCH_BY_COLUMN_NAME) or the one VARIANT
column takes the record. Each expression fails as a cast fails, so that TRY can point at bad rows.
https://docs.snowflake.com/en/user-guide/data-load-transform
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from sandbox.snowflake.data.load.options import CopyOptions, Format
from sandbox.snowflake.data.load.records import Source
from sandbox.snowflake.data.metadata import StoredColumn, literal
from sandbox.snowflake.data.rewrite.rules import generate, rewrite
from sandbox.snowflake.data.scope import upper_identifiers
from sandbox.snowflake.data.types import TEXT_LENGTH
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.sql.names import quoted

METADATA: Final = (
    "METADATA$FILENAME",
    "METADATA$FILE_ROW_NUMBER",
    "METADATA$FILE_CONTENT_KEY",
    "METADATA$FILE_LAST_MODIFIED",
    "METADATA$START_SCAN_TIME",
)
_FORMATS: Final = (
    ("YYYY", "%Y"),
    ("YY", "%y"),
    ("MMMM", "%B"),
    ("MON", "%b"),
    ("MM", "%m"),
    ("DD", "%d"),
    ("DY", "%a"),
    ("HH24", "%H"),
    ("HH12", "%I"),
    ("AM", "%p"),
    ("PM", "%p"),
    ("MI", "%M"),
    ("SS", "%S"),
    ("FF9", "%n"),
    ("FF6", "%f"),
    ("FF3", "%g"),
    ("FF", "%f"),
    ("TZHTZM", "%z"),
    ("TZH:TZM", "%z"),
    ('"T"', "T"),
)


@dataclass(frozen=True)
class Filled:
    """A table column and the DuckDB expression that fills it; `place` is the plain file column."""

    column: StoredColumn
    sql: str
    place: int | None


def projection(
    columns: Sequence[StoredColumn],
    query: exp.Select | None,
    source: Source,
    options: CopyOptions,
    file_format: Format,
) -> list[Filled]:
    """What fills each column; CompilationError when the file and the table do not fit."""
    raw: list[tuple[str, int | None]]
    if query is not None:
        if len(query.expressions) != len(columns):
            raise CompilationError(
                f"Insert value list does not match column list expecting {len(columns)} "
                f"but got {len(query.expressions)}"
            )
        raw = [(_query_sql(item), None) for item in query.expressions]
    elif options.match_by_column_name != "NONE":
        raw = [_by_name(column, source, options) for column in columns]
    elif source.json:
        raw = [_whole_record(columns)]
    else:
        raw = [
            (quoted(f"C{place}") if place <= source.width else "NULL", place)
            for place in range(1, len(columns) + 1)
        ]
    typed = source.json or query is not None
    return [
        Filled(column, _in_type(sql, column, options, file_format, typed=typed), place)
        for column, (sql, place) in zip(columns, raw, strict=True)
    ]


def stage_columns(tree: exp.Expr) -> exp.Expr:
    """`$1`, `t.$1` and METADATA$… of a query on a stage become the source's columns."""
    for parameter in list(tree.find_all(exp.Parameter)):
        if not isinstance(parameter.this, exp.Literal):
            continue
        column: exp.Expr = exp.column(exp.to_identifier(f"C{parameter.this.this}", quoted=True))
        inside = isinstance(parameter.parent, exp.Column)
        place = parameter.parent if inside and parameter.parent is not None else parameter
        if place is tree:
            return column
        if isinstance(place.parent, exp.Select) and place.arg_key == "expressions":
            column = exp.alias_(column, f"${parameter.this.this}", quoted=True)
        place.replace(column)
    return tree


def highest_position(tree: exp.Expr) -> int:
    """The highest n of the `$n` in a query."""
    numbers = (p.this.this for p in tree.find_all(exp.Parameter) if p.this.is_number)
    return max((int(number) for number in numbers), default=0)


def _query_sql(item: exp.Expr) -> str:
    tree = item.unalias().copy()
    upper_identifiers(tree)
    for column in tree.find_all(exp.Column):
        column.set("table", None)
    return generate(rewrite(stage_columns(tree)))


def _by_name(column: StoredColumn, source: Source, options: CopyOptions) -> tuple[str, int | None]:
    sensitive = options.match_by_column_name == "CASE_SENSITIVE"
    name = column.info.name
    if source.json:
        keys = source.keys()
        found = next((key for key in keys if _same(key, name, sensitive=sensitive)), None)
        if found is None:
            return "NULL", None
        return f'json_extract("C1", leap_key({literal(found)}))', None
    for place, title in enumerate(source.header, start=1):
        if _same(title, name, sensitive=sensitive):
            return quoted(f"C{place}"), place
    return "NULL", None


def _same(left: str, right: str, *, sensitive: bool) -> bool:
    return left == right if sensitive else left.upper() == right.upper()


def _whole_record(columns: Sequence[StoredColumn]) -> tuple[str, int | None]:
    if len(columns) != 1 or columns[0].type.duckdb != "JSON":
        raise CompilationError(
            "JSON file format can produce one and only one column of variant, object, or array "
            "type. Load data into separate columns using the MATCH_BY_COLUMN_NAME copy option or "
            "copy with transformation."
        )
    return '"C1"', 1


def _in_type(
    sql: str, column: StoredColumn, options: CopyOptions, file_format: Format, *, typed: bool
) -> str:
    kind = column.type
    if kind.family == "TEXT":
        text = f"leap_text({sql})" if typed else sql
        if (kind.length or TEXT_LENGTH) >= TEXT_LENGTH:
            return f"CAST({text} AS VARCHAR)"
        macro = "left" if options.truncate_columns else "leap_limited"
        return f"{macro}(CAST({text} AS VARCHAR), {kind.length})"
    if kind.duckdb == "JSON":
        return f"to_json({sql})" if typed else f"leap_variant({sql})"
    if typed:
        return f"CAST({sql} AS {kind.duckdb})"
    if kind.family == "BOOLEAN":
        return f"leap_boolean({sql})"
    if kind.family == "BINARY":
        return f"unhex({sql})"
    wanted = _moment_format(kind.family, file_format)
    if wanted is not None:
        return f"CAST(strptime({sql}, {literal(wanted)}) AS {kind.duckdb})"
    return f"CAST({sql} AS {kind.duckdb})"


def _moment_format(family: str, file_format: Format) -> str | None:
    text = "AUTO"
    if family == "DATE":
        text = file_format.date_format
    elif family == "TIME":
        text = file_format.time_format
    elif family.startswith("TIMESTAMP"):
        text = file_format.timestamp_format
    if text.upper() == "AUTO":
        return None
    found, position = "", 0
    while position < len(text):
        for name, code in _FORMATS:
            if text[position : position + len(name)].upper() == name.upper():
                found, position = found + code, position + len(name)
                break
        else:
            found, position = found + text[position].replace("%", "%%"), position + 1
    return found
