"""Generated files: the same bytes each time, shaped as their feeds say, consistent."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingestion.feed import feed_named, load_feeds
from ingestion.generate import AS_OF, SAMPLES, generate
from ingestion.places import places
from ingestion.yaml_file import InvalidInputError

FEEDS = [feed.name for feed in load_feeds()]


def rows_of(feed: str) -> list[dict[str, str]]:
    (path,) = (SAMPLES / feed).glob("*.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def documents() -> list[dict[str, Any]]:
    (path,) = (SAMPLES / "gym_events").glob("*.json")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("feed", FEEDS)
def test_the_committed_samples_can_be_made_again_byte_for_byte(feed: str, tmp_path: Path) -> None:
    (written,) = generate(tmp_path, feeds=[feed])
    committed = SAMPLES / written.path.relative_to(tmp_path)
    assert written.path.read_bytes() == committed.read_bytes()
    assert written.size == committed.stat().st_size


def test_another_seed_gives_other_data_of_the_same_size(tmp_path: Path) -> None:
    (one,) = generate(tmp_path / "1", feeds=["census_demographics"], seed=1)
    (two,) = generate(tmp_path / "2", feeds=["census_demographics"], seed=2)
    assert one.rows == two.rows == 3_000
    assert one.path.read_bytes() != two.path.read_bytes()


def test_rows_of_a_county_do_not_depend_on_the_scale(tmp_path: Path) -> None:
    (written,) = generate(tmp_path, feeds=["census_demographics"], scale=2)
    lines = written.path.read_text(encoding="utf-8").splitlines()
    (sample,) = (SAMPLES / "census_demographics").glob("*.csv")
    travis = [line for line in sample.read_text(encoding="utf-8").splitlines() if ",Travis" in line]
    assert [line for line in lines if ",Travis" in line] == travis


def test_files_are_split_by_rows(tmp_path: Path) -> None:
    written = generate(tmp_path, feeds=["gyms"], rows_a_file=300)
    assert [file.rows for file in written] == [300, 300, 196]
    assert written[2].path.name == "gyms-0003.csv"
    assert {file.path.read_text(encoding="utf-8").split(",")[0] for file in written} == {"gym_id"}


def test_wrong_arguments_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        generate(tmp_path / "out", scale=0, feeds=["gym", "visits"], rows_a_file=-1)
    assert len(caught.value.problems) == 4
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("feed", ["census_demographics", "gyms"])
def test_the_columns_of_a_file_are_those_of_its_feed(feed: str) -> None:
    names = [column.name.lower() for column in feed_named(feed).columns]
    assert list(rows_of(feed)[0]) == names


def test_the_samples_are_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 3_000_000


def test_block_groups_have_unique_names_in_real_counties() -> None:
    counties = {(place.county_fips, place.state, place.county) for place in places()}
    rows = rows_of("census_demographics")
    names = [row["census_block_group"] for row in rows]
    assert len(set(names)) == len(names)
    assert {len(name) for name in names} == {12}
    assert {
        (name[:5], row["state"], row["county"]) for name, row in zip(names, rows, strict=True)
    } <= (counties)


def test_ages_add_up_to_the_population() -> None:
    for row in rows_of("census_demographics"):
        ages = [int(row[key]) for key in row if key.startswith("age_")]
        assert sum(ages) == int(row["population"])
        assert min(ages) >= 0


def test_some_block_groups_are_without_people_and_then_without_medians() -> None:
    empty = [row for row in rows_of("census_demographics") if row["population"] == "0"]
    assert empty
    assert {(row["median_age"], row["median_household_income_usd"]) for row in empty} == {("", "")}


def test_a_gym_is_within_reach_of_its_zip_code() -> None:
    by_zip = {place.zip_code: place for place in places()}
    for row in rows_of("gyms"):
        place = by_zip[row["zip_code"]]
        assert row["state"] == place.state
        assert abs(float(row["latitude"]) - place.latitude) < 0.25
        assert abs(float(row["longitude"]) - place.longitude) < 0.6


def test_nothing_is_later_than_the_day_of_the_export() -> None:
    for row in rows_of("gyms"):
        opened, closed = row["opened_on"], row["closed_on"]
        assert date.fromisoformat(opened) < AS_OF
        assert not closed or opened < closed <= AS_OF.isoformat()
        assert row["updated_at"] < AS_OF.isoformat()
    assert max(event["occurred_at"] for event in documents()) < AS_OF.isoformat()


def test_corrections_and_repeated_events_are_there_for_the_staging_models() -> None:
    gyms = [row["gym_id"] for row in rows_of("gyms")]
    events = [event["event_id"] for event in documents()]
    assert len(set(gyms)) < len(gyms)
    assert len(set(events)) == 3_000 < len(events)


def test_an_event_is_of_an_open_gym() -> None:
    gyms = {row["gym_id"]: row for row in rows_of("gyms")}
    for event in documents():
        gym = gyms[event["gym"]["id"]]
        assert not gym["closed_on"]
        assert event["gym"]["geo"]["lat"] == float(gym["latitude"])
