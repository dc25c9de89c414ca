"""File formats: options by type, with Snowflake's defaults, in SHOW and DESCRIBE."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.snowflake.errors import CompilationError, InvalidPropertyError, InvalidValueError


def options(client: Any, name: str) -> dict[str, Any]:
    row = client.one(f"SHOW FILE FORMATS LIKE '{name}' IN SCHEMA DB.RAW")
    found: dict[str, Any] = json.loads(row["format_options"])
    return found


@pytest.mark.parametrize(
    ("type_", "some"),
    [
        ("CSV", {"FIELD_DELIMITER": ",", "NULL_IF": ["\\N"], "EMPTY_FIELD_AS_NULL": True}),
        ("JSON", {"STRIP_OUTER_ARRAY": False, "NULL_IF": [], "FILE_EXTENSION": None}),
        ("AVRO", {"COMPRESSION": "AUTO", "TRIM_SPACE": False}),
        ("ORC", {"NULL_IF": []}),
        ("PARQUET", {"BINARY_AS_TEXT": True}),
        ("XML", {"PRESERVE_SPACE": False, "SKIP_BYTE_ORDER_MARK": True}),
    ],
)
def test_a_format_shows_the_defaults_of_its_type(
    lake: Any, type_: str, some: dict[str, Any]
) -> None:
    lake(f"CREATE FILE FORMAT DB.RAW.F TYPE = {type_}")
    found = options(lake, "F")
    assert found["TYPE"] == type_
    assert some.items() <= found.items()


def test_values_are_shown_plain_and_described_escaped(lake: Any) -> None:
    lake(
        "CREATE FILE FORMAT DB.RAW.F TYPE = CSV RECORD_DELIMITER = '\\r\\n' ESCAPE = '\\\\' "
        "FIELD_OPTIONALLY_ENCLOSED_BY = '\\\"' NULL_IF = ('', 'NULL')"
    )
    shown = options(lake, "F")
    assert (shown["RECORD_DELIMITER"], shown["ESCAPE"]) == ("\r\n", "\\")
    assert shown["FIELD_OPTIONALLY_ENCLOSED_BY"] == '"'
    described = lake.properties("DESCRIBE FILE FORMAT DB.RAW.F")
    assert (described["RECORD_DELIMITER"], described["ESCAPE"]) == ("\\r\\n", "\\\\")
    assert described["NULL_IF"] == "[, NULL]"


def test_a_change_keeps_the_other_options(lake: Any) -> None:
    lake("CREATE FILE FORMAT DB.RAW.F TYPE = CSV SKIP_HEADER = 1 COMMENT = 'a'")
    lake("ALTER FILE FORMAT DB.RAW.F SET COMMENT = 'b' TRIM_SPACE = TRUE")
    assert {"SKIP_HEADER": 1, "TRIM_SPACE": True}.items() <= options(lake, "F").items()
    assert lake.one("SHOW FILE FORMATS IN SCHEMA DB.RAW")["comment"] == "b"


def test_a_format_is_renamed(lake: Any) -> None:
    lake("CREATE FILE FORMAT DB.RAW.F TYPE = CSV", "ALTER FILE FORMAT DB.RAW.F RENAME TO G")
    assert [row["name"] for row in lake("SHOW FILE FORMATS IN DATABASE DB")] == ["G"]


def test_an_option_of_another_type_is_refused(lake: Any) -> None:
    with pytest.raises(InvalidPropertyError, match=r"SKIP_HEADER.*TYPE = JSON"):
        lake("CREATE FILE FORMAT DB.RAW.F TYPE = JSON SKIP_HEADER = 1")


def test_header_options_exclude_each_other(lake: Any) -> None:
    with pytest.raises(CompilationError, match="PARSE_HEADER"):
        lake("CREATE FILE FORMAT DB.RAW.F TYPE = CSV SKIP_HEADER = 1 PARSE_HEADER = TRUE")


def test_an_unknown_type_or_compression_is_refused(lake: Any) -> None:
    with pytest.raises(InvalidValueError, match="EXCEL"):
        lake("CREATE FILE FORMAT DB.RAW.F TYPE = EXCEL")
    with pytest.raises(InvalidValueError, match="RAR"):
        lake("CREATE FILE FORMAT DB.RAW.F TYPE = CSV COMPRESSION = RAR")


def test_a_type_is_needed(lake: Any) -> None:
    with pytest.raises(CompilationError, match="TYPE"):
        lake("CREATE FILE FORMAT DB.RAW.F SKIP_HEADER = 1")
