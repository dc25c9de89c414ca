"""File format and copy options, as COPY and the catalogue write them.

https://docs.snowflake.com/en/sql-reference/sql/create-file-format
https://docs.snowflake.com/en/sql-reference/sql/copy-into-table
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.snowflake.errors import InvalidValueError, UnsupportedError
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind

OptionValue = str | bool | int | Sequence[str] | None
_ESCAPES: Final = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\r\\n": "\r\n", "\\\\": "\\"}
_REFUSED: Final = ("STRIP_NULL_VALUES", "STRIP_OUTER_ELEMENT", "ENABLE_OCTAL")
_TYPES: Final = frozenset({"CSV", "JSON", "PARQUET"})


@dataclass(frozen=True)
class Format:
    """A file format's options that the sandbox acts on, with Snowflake's defaults."""

    type: str = "CSV"
    compression: str = "AUTO"
    field_delimiter: str | None = ","
    record_delimiter: str | None = None
    skip_header: int = 0
    parse_header: bool = False
    skip_blank_lines: bool = False
    enclosed_by: str | None = None
    escape: str | None = None
    null_if: tuple[str, ...] = ("\\N",)
    trim_space: bool = False
    empty_field_as_null: bool = True
    error_on_column_count_mismatch: bool = True
    date_format: str = "AUTO"
    time_format: str = "AUTO"
    timestamp_format: str = "AUTO"
    encoding: str = "UTF8"
    replace_invalid_characters: bool = False
    strip_outer_array: bool = False


def format_of(options: Mapping[str, Any]) -> Format:
    """The format that the options describe; UnsupportedError for what would change the rows."""
    given = {name.upper(): value for name, value in options.items() if value is not None}
    kind = str(given.get("TYPE", "CSV")).upper()
    if kind not in _TYPES:
        raise UnsupportedError(f"files of type {kind}")
    for name in _REFUSED:
        if _truth(given.get(name, False)):
            raise UnsupportedError(f"file format option {name}")
    default = Format(type=kind, null_if=("\\N",) if kind == "CSV" else ())
    header = _truth(given.get("PARSE_HEADER", False))
    return Format(
        type=kind,
        compression=str(given.get("COMPRESSION", "AUTO")).upper(),
        field_delimiter=_letter(given.get("FIELD_DELIMITER", ",")),
        record_delimiter=_letter(given.get("RECORD_DELIMITER")),
        skip_header=int(given.get("SKIP_HEADER", 0)),
        parse_header=header,
        skip_blank_lines=_truth(given.get("SKIP_BLANK_LINES", False)),
        enclosed_by=_letter(given.get("FIELD_OPTIONALLY_ENCLOSED_BY")),
        escape=_letter(given.get("ESCAPE")),
        null_if=_list(given["NULL_IF"]) if "NULL_IF" in given else default.null_if,
        trim_space=_truth(given.get("TRIM_SPACE", False)),
        empty_field_as_null=_truth(given.get("EMPTY_FIELD_AS_NULL", True)),
        error_on_column_count_mismatch=_truth(given.get("ERROR_ON_COLUMN_COUNT_MISMATCH", True)),
        date_format=str(given.get("DATE_FORMAT", "AUTO")),
        time_format=str(given.get("TIME_FORMAT", "AUTO")),
        timestamp_format=str(given.get("TIMESTAMP_FORMAT", "AUTO")),
        encoding=str(given.get("ENCODING", "UTF8")),
        replace_invalid_characters=_truth(given.get("REPLACE_INVALID_CHARACTERS", False)),
        strip_outer_array=_truth(given.get("STRIP_OUTER_ARRAY", False)),
    )


@dataclass(frozen=True)
class OnError:
    """What a bad row does: `action` ABORT_STATEMENT, CONTINUE or SKIP_FILE (from `limit` on)."""

    action: str = "ABORT_STATEMENT"
    limit: int = 1
    percent: bool = False

    def skips(self, errors: int, rows: int) -> bool:
        """Whether so many errors make a file fail."""
        if self.action != "SKIP_FILE":
            return self.action == "ABORT_STATEMENT" and errors > 0
        if self.percent:
            return errors > 0 and errors * 100 > self.limit * rows
        return errors >= self.limit

    def error_limit(self, rows: int) -> int:
        """COPY's `error_limit` column."""
        if self.action == "CONTINUE":
            return rows
        return max(rows * self.limit // 100, 1) if self.percent else self.limit


def on_error_of(text: str) -> OnError:
    """`CONTINUE`, `SKIP_FILE`, `SKIP_FILE_10`, `SKIP_FILE_5%`, `ABORT_STATEMENT`."""
    word = text.upper()
    if match := re.fullmatch(r"SKIP_FILE(?:_(\d+)(%?))?", word):
        return OnError("SKIP_FILE", int(match[1] or 1), bool(match[2]))
    if word not in {"CONTINUE", "ABORT_STATEMENT"}:
        raise InvalidValueError(text, "ON_ERROR")
    return OnError(word)


@dataclass
class CopyOptions:
    """Everything of COPY after its source."""

    files: tuple[str, ...] = ()
    pattern: str | None = None
    format_name: tuple[str, ...] | None = None
    format_options: dict[str, OptionValue] = field(default_factory=dict)
    on_error: OnError | None = None
    size_limit: int = 0
    purge: bool = False
    force: bool = False
    return_failed_only: bool = False
    match_by_column_name: str = "NONE"
    truncate_columns: bool = False
    load_uncertain_files: bool = False
    validation_mode: str | None = None


def read_copy_options(reader: Reader) -> CopyOptions:
    """Options in any order up to the end."""
    options = CopyOptions()
    while not reader.at_end:
        name = reader.identifier()
        reader.accept_symbol("=")
        if name == "FILE_FORMAT":
            _read_format(reader, options)
        else:
            _set_option(options, name, read_value(reader))
        reader.accept_symbol(",")
    return options


def read_value(reader: Reader) -> OptionValue:
    """A string, word, number or parenthesised list of strings."""
    if reader.accept_symbol("("):
        values: list[str] = []
        while not reader.accept_symbol(")"):
            values.append(reader.advance().value)
            reader.accept_symbol(",")
        return tuple(values)
    token = reader.advance()
    if token.kind is TokenKind.WORD:
        word = token.value.upper()
        if reader.token.value == "%" and reader.token.start == token.end:
            reader.advance()
            return f"{word}%"
        return {"TRUE": True, "FALSE": False, "NONE": None}.get(word, word)
    return int(token.value) if token.kind is TokenKind.NUMBER else token.value


def read_format_options(reader: Reader) -> dict[str, OptionValue]:
    """`( name = value … )`."""
    found: dict[str, OptionValue] = {}
    reader.expect_symbol("(")
    while not reader.accept_symbol(")"):
        name = reader.identifier()
        reader.expect_symbol("=")
        found[name] = read_value(reader)
        if found[name] is None:
            found[name] = "NONE"
        reader.accept_symbol(",")
    return found


def _read_format(reader: Reader, options: CopyOptions) -> None:
    if reader.token.value != "(":
        options.format_name = _name(reader)
        return
    if reader.ahead(1).word == "FORMAT_NAME":
        reader.expect_symbol("(")
        reader.advance()
        reader.expect_symbol("=")
        options.format_name = _name(reader)
        reader.expect_symbol(")")
        return
    options.format_options = read_format_options(reader)


def _name(reader: Reader) -> tuple[str, ...]:
    """A name, bare or as the text of a string."""
    string = reader.token.kind is TokenKind.STRING
    return Reader(reader.string()).path() if string else reader.path()


def _set_option(options: CopyOptions, name: str, value: OptionValue) -> None:
    setter = _SETTERS.get(name)
    if setter is None:
        raise UnsupportedError(f"COPY option {name}")
    field_name, convert = setter
    setattr(options, field_name, convert(value))


def _truth(value: Any) -> bool:
    return str(value).upper() == "TRUE"


def _list(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value or ())


def _letter(value: Any) -> str | None:
    """A delimiter: NONE, a letter, an escape sequence or a hexadecimal code."""
    if value is None or str(value).upper() == "NONE" or value == "":
        return None
    text = str(value)
    if match := re.fullmatch(r"(?:0x|\\x)([0-9A-Fa-f]{2})", text):
        return chr(int(match[1], 16))
    return _ESCAPES.get(text, text)


_SETTERS: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "FILES": ("files", _list),
    "PATTERN": ("pattern", str),
    "ON_ERROR": ("on_error", lambda value: on_error_of(str(value))),
    "SIZE_LIMIT": ("size_limit", int),
    "PURGE": ("purge", _truth),
    "FORCE": ("force", _truth),
    "RETURN_FAILED_ONLY": ("return_failed_only", _truth),
    "TRUNCATECOLUMNS": ("truncate_columns", _truth),
    "ENFORCE_LENGTH": ("truncate_columns", lambda value: not _truth(value)),
    "MATCH_BY_COLUMN_NAME": ("match_by_column_name", lambda value: str(value or "NONE").upper()),
    "VALIDATION_MODE": ("validation_mode", lambda value: str(value).upper()),
    "LOAD_UNCERTAIN_FILES": ("load_uncertain_files", _truth),
}
