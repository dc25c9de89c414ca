"""Feeds: what their files say, and every mistake in them told at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from ingestion import yaml_file
from ingestion.feed import METADATA_COLUMNS, Feed, feed_named, load_feeds
from ingestion.yaml_file import InvalidInputError

GOOD: dict[str, Any] = {
    "name": "visits",
    "description": "Visits",
    "format": {"type": "CSV", "options": {"skip_header": 1}},
    "columns": [{"name": "visit_id", "type": "VARCHAR(12)", "comment": "Key"}],
}


def problems_of(folder: Path, **changes: Any) -> list[str]:
    content = {key: value for key, value in {**GOOD, **changes}.items() if value is not ...}
    (folder / "visits.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(InvalidInputError) as caught:
        load_feeds(folder)
    return list(caught.value.problems)


def test_the_platform_has_three_feeds() -> None:
    assert [feed.name for feed in load_feeds()] == ["census_demographics", "gym_events", "gyms"]


def test_a_good_file_is_a_feed(tmp_path: Path) -> None:
    (tmp_path / "visits.yaml").write_text(yaml.safe_dump(GOOD), encoding="utf-8")
    assert [feed.table for feed in load_feeds(tmp_path)] == ["VISITS"]


def test_a_copy_takes_the_columns_by_position_and_says_where_each_row_came_from() -> None:
    feed = Feed.model_validate({**GOOD, "pattern": ".*[.]csv"})
    assert feed.copy_statement('My"DB').splitlines() == [
        'COPY INTO "My""DB"."RAW"."VISITS" ("VISIT_ID", "_FILE_NAME", "_FILE_ROW", "_LOADED_AT")',
        "FROM (SELECT $1, METADATA$FILENAME, METADATA$FILE_ROW_NUMBER, "
        "CONVERT_TIMEZONE('UTC', METADATA$START_SCAN_TIME)::TIMESTAMP_NTZ",
        'FROM @"My""DB"."RAW"."VISITS_STAGE")',
        """FILE_FORMAT = (FORMAT_NAME = '"My""DB"."RAW"."VISITS_FORMAT"')""",
        "PATTERN = '.*[.]csv'",
        "ON_ERROR = SKIP_FILE",
    ]


def test_a_path_in_a_document_is_cast_to_the_type_of_its_column() -> None:
    columns = [{"name": "at", "type": "DATE", "comment": "Day", "source": "$1:visit.day"}]
    feed = Feed.model_validate({**GOOD, "format": {"type": "JSON"}, "columns": columns})
    assert "SELECT $1:visit.day::DATE," in feed.copy_statement("DB")


def test_every_raw_table_ends_with_the_columns_on_its_load() -> None:
    for feed in load_feeds():
        assert feed.table_columns[-3:] == METADATA_COLUMNS


def test_the_event_feed_keeps_the_document_whole() -> None:
    (column,) = feed_named("gym_events").columns
    assert (column.name, column.type, column.source) == ("EVENT", "VARIANT", "$1")


def test_an_unknown_feed_is_told_with_the_known_ones() -> None:
    with pytest.raises(InvalidInputError, match="got 'gym', allowed census_demographics, gym_"):
        feed_named("gym")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"description": ...}, "visits.yaml:description: got nothing, allowed a value"),
        ({"colour": "red"}, "visits.yaml:colour: got an unknown key, allowed columns, description"),
        ({"on_error": "ABORT"}, ":on_error: got 'ABORT', allowed 'SKIP_FILE' or 'CONTINUE'"),
        ({"name": "visit"}, "visits.yaml:name: got 'visit', allowed 'visits'"),
        ({"name": 3}, "visits.yaml:name: got 3, allowed text"),
        ({"pattern": "("}, "visits.yaml:pattern: got '(' (missing ), unterminated subpattern"),
        ({"format": {"type": "XML"}}, ":format.type: got 'XML', allowed 'CSV' or 'JSON'"),
        (
            {"format": {"type": "JSON", "options": {"skip_header": 1}}},
            ":format: got skip_header: 1, allowed for JSON allow_duplicate (bool)",
        ),
        (
            {"format": {"type": "CSV", "options": {"skip_header": True}}},
            ":format: got skip_header: True, allowed for CSV compression (str)",
        ),
        (
            {"format": {"type": "CSV", "options": {"skip_header": 1.5}}},
            ":format.options.skip_header: got 1.5, allowed true, false, a whole number",
        ),
        ({"columns": []}, ":columns: got [], allowed one column or more"),
        ({"columns": GOOD["columns"] * 2}, ":columns: got VISIT_ID twice, allowed once"),
        (
            {"columns": [{"name": "_file_row", "type": "DATE", "comment": "c"}]},
            ":columns: got _FILE_ROW twice, allowed once",
        ),
        (
            {"columns": [{"name": "a", "type": "STRINGY", "comment": "c"}]},
            ":columns.0.type: got 'STRINGY', allowed text that matches",
        ),
        (
            {"format": {"type": "JSON"}},
            "visits.yaml: got VISIT_ID without source, allowed $1 or $1:path",
        ),
    ],
)
def test_a_mistake_names_file_key_given_and_allowed(
    tmp_path: Path, changes: dict[str, Any], problem: str
) -> None:
    (found,) = problems_of(tmp_path, **changes)
    assert found.startswith("ingestion/feeds/visits.yaml:")
    assert problem in found


def test_all_mistakes_of_all_files_come_together(tmp_path: Path) -> None:
    (tmp_path / "gyms.yaml").write_text("name: gyms\nname: gyms\n", encoding="utf-8")
    (tmp_path / "torn.yaml").write_text("name: [", encoding="utf-8")
    found = problems_of(tmp_path, name=..., description=...)
    assert [problem.split(": ")[0] for problem in found] == [
        "ingestion/feeds/gyms.yaml:name",
        "ingestion/feeds/torn.yaml:1",
        "ingestion/feeds/visits.yaml:name",
        "ingestion/feeds/visits.yaml:description",
    ]


def test_words_and_dates_without_quotes_are_text_as_in_the_environments(tmp_path: Path) -> None:
    class Words(BaseModel):
        a: str
        b: str
        c: int

    file = tmp_path / "words.yaml"
    file.write_text("a: no\nb: 2026-01-16\nc: 7\n", encoding="utf-8")
    assert yaml_file.read(file, "words.yaml", Words) == Words(a="no", b="2026-01-16", c=7)
