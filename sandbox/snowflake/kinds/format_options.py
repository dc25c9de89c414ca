"""The options of each file format type, with Snowflake's defaults, and how they are written.

Shared by file formats and by the `FILE_FORMAT = (…)` of stages.
https://docs.snowflake.com/en/sql-reference/sql/create-file-format#format-type-options-formattypeoptions
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Property
from sandbox.snowflake.errors import CompilationError, InvalidPropertyError
from sandbox.snowflake.sql.reader import Reader

_TEXT_COMPRESSION: Final = ("AUTO", "GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE")
_MOMENTS: Final = {"DATE_FORMAT": "AUTO", "TIME_FORMAT": "AUTO", "TIMESTAMP_FORMAT": "AUTO"}
_UNREADABLE: Final = {"REPLACE_INVALID_CHARACTERS": False}

DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "CSV": {
        "RECORD_DELIMITER": "\n",
        "FIELD_DELIMITER": ",",
        "FILE_EXTENSION": None,
        "SKIP_HEADER": 0,
        "PARSE_HEADER": False,
        **_MOMENTS,
        "BINARY_FORMAT": "HEX",
        "ESCAPE": "NONE",
        "ESCAPE_UNENCLOSED_FIELD": "\\",
        "TRIM_SPACE": False,
        "FIELD_OPTIONALLY_ENCLOSED_BY": "NONE",
        "NULL_IF": ["\\N"],
        "COMPRESSION": "AUTO",
        "ERROR_ON_COLUMN_COUNT_MISMATCH": True,
        "VALIDATE_UTF8": True,
        "SKIP_BLANK_LINES": False,
        **_UNREADABLE,
        "EMPTY_FIELD_AS_NULL": True,
        "SKIP_BYTE_ORDER_MARK": True,
        "ENCODING": "UTF8",
        "MULTI_LINE": True,
    },
    "JSON": {
        "FILE_EXTENSION": None,
        **_MOMENTS,
        "BINARY_FORMAT": "HEX",
        "TRIM_SPACE": False,
        "NULL_IF": [],
        "COMPRESSION": "AUTO",
        "ENABLE_OCTAL": False,
        "ALLOW_DUPLICATE": False,
        "STRIP_OUTER_ARRAY": False,
        "STRIP_NULL_VALUES": False,
        "IGNORE_UTF8_ERRORS": False,
        **_UNREADABLE,
        "SKIP_BYTE_ORDER_MARK": True,
        "MULTI_LINE": True,
    },
    "AVRO": {"TRIM_SPACE": False, "NULL_IF": [], "COMPRESSION": "AUTO", **_UNREADABLE},
    "ORC": {"TRIM_SPACE": False, "NULL_IF": [], **_UNREADABLE},
    "PARQUET": {
        "TRIM_SPACE": False,
        "NULL_IF": [],
        "COMPRESSION": "AUTO",
        "BINARY_AS_TEXT": True,
        "USE_LOGICAL_TYPE": False,
        "USE_VECTORIZED_SCANNER": False,
        **_UNREADABLE,
    },
    "XML": {
        "COMPRESSION": "AUTO",
        "IGNORE_UTF8_ERRORS": False,
        "PRESERVE_SPACE": False,
        "STRIP_OUTER_ELEMENT": False,
        "DISABLE_SNOWFLAKE_DATA": False,
        "DISABLE_AUTO_CONVERT": False,
        **_UNREADABLE,
        "SKIP_BYTE_ORDER_MARK": True,
    },
}
"""By type, in the order in which Snowflake describes them."""

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "TYPE": tuple(DEFAULTS),
    "BINARY_FORMAT": ("HEX", "BASE64", "UTF8", "UTF-8"),
    "COMPRESSION": (*_TEXT_COMPRESSION, "NONE", "LZO", "SNAPPY"),
}
_NONE_IS_A_WORD: Final = frozenset(
    (
        "RECORD_DELIMITER",
        "FIELD_DELIMITER",
        "ESCAPE",
        "ESCAPE_UNENCLOSED_FIELD",
        "FIELD_OPTIONALLY_ENCLOSED_BY",
    )
)


def _read_character(reader: Reader, item: Property) -> str | None:
    """A string, or the bare word NONE in any case."""
    given = value.read_text(reader, item)
    return "NONE" if given is not None and given.upper() == "NONE" else given


def _property(name: str, default: Any) -> Property:
    if name in _WORDS:
        return value.word(name, *_WORDS[name])
    if name in _NONE_IS_A_WORD:
        return value.of(name, _read_character)
    if isinstance(default, bool):
        return value.boolean(name)
    if isinstance(default, int):
        return value.integer(name)
    return value.of(name, value.read_texts) if isinstance(default, list) else value.text(name)


PROPERTIES: Final[Mapping[str, Property]] = {"TYPE": _property("TYPE", "CSV")} | {
    name: _property(name, default)
    for options in DEFAULTS.values()
    for name, default in options.items()
}
"""Every option of any type; none has a default, as that depends on the type."""


def complete(given: Mapping[str, Any]) -> dict[str, Any]:
    """All options of the given type (CSV when none is given): those given, else the defaults."""
    type_ = given.get("TYPE") or "CSV"
    defaults = DEFAULTS[type_]
    said = {name: given[name] for name in defaults if given.get(name) is not None}
    return {"TYPE": type_, **defaults, **said}


def check(given: Mapping[str, Any]) -> None:
    """Fail on an option that the type does not have, or on values that exclude each other."""
    type_ = given.get("TYPE") or "CSV"
    for name in PROPERTIES:
        if given.get(name) is not None and name != "TYPE" and name not in DEFAULTS[type_]:
            raise InvalidPropertyError(name, f"{', '.join(DEFAULTS[type_])} (TYPE = {type_})")
    if given.get("PARSE_HEADER") and given.get("SKIP_HEADER"):
        raise CompilationError("Invalid file format option: PARSE_HEADER excludes SKIP_HEADER.")
    if given.get("IGNORE_UTF8_ERRORS") and given.get("REPLACE_INVALID_CHARACTERS"):
        raise CompilationError(
            "Invalid file format option: IGNORE_UTF8_ERRORS excludes REPLACE_INVALID_CHARACTERS."
        )


def rows(options: Mapping[str, Any]) -> Iterable[tuple[str, str, str, str]]:
    """`(property, type, value, default)` as DESCRIBE writes them, TYPE first."""
    type_ = options["TYPE"]
    yield "TYPE", "String", type_, "CSV"
    for name, default in DEFAULTS[type_].items():
        # Snowflake tells the default of CSV for every type
        usual = DEFAULTS["CSV"]["NULL_IF"] if name == "NULL_IF" else default
        yield name, _type(default), written(options[name]), written(usual)


def _type(default: Any) -> str:
    if isinstance(default, bool):
        return "Boolean"
    if isinstance(default, int):
        return "Integer"
    return "List" if isinstance(default, list) else "String"


def written(item: Any) -> str:
    """A value as DESCRIBE writes it: backslashes and line ends stay escaped."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, list):
        return f"[{', '.join(written(part) for part in item)}]"
    text = "" if item is None else str(item)
    for character, escape in (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(character, escape)
    return text
