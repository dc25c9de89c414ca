"""Nearest gyms and counts, against every gym for every block group in plain Python."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from random import Random
from typing import Any, Final, NamedTuple

import pytest

from ingestion.dice import dice
from ingestion.feed import feed_named
from ingestion.generate import SAMPLES

Build = Callable[[dict[str, Any]], Any]
MILES_PER_DEGREE: Final = 6371 * math.pi / 180 / 1.609344
AT: Final = "2026-11-01T00:00:00"

# Where grids go wrong: an ordinary town, the edge of a row, the equator at the first meridian, the
# date line from both sides, the far north and both poles' neighbourhoods.
CENTRES: Final = (
    *((30.27, -97.74), (30.0, -97.75), (0.0, 0.0), (51.9, 179.98), (52.0, -179.97)),
    *((71.3, -156.8), (89.95, 10.0), (-89.9, -60.0), (20.9, -156.4)),
)


class Point(NamedTuple):
    """A gym or a block group."""

    key: str
    latitude: float
    longitude: float


class Answer(NamedTuple):
    """What the mart says of a block group."""

    nearest: str
    distance: float
    counts: tuple[int, int, int]


def gym_row(point: Point, closed_on: str | None = None, updated_at: str = AT) -> tuple[Any, ...]:
    place = ("1 Main St", "Town", "TX", "78701", point.latitude, point.longitude)
    return (point.key, "Gym", "Independent", *place, "2020-01-01", closed_on, 30, "", updated_at)


def block_group_row(point: Point) -> tuple[Any, ...]:
    people = (1.5, 1000, 400, 250, 250, 250, 250, 40.0, 60_000, 2022)
    return (point.key, "TX", "County", point.latitude, point.longitude, *people, AT)


def miles(one: Point, other: Point) -> float:
    """By the haversine formula, on the account's sphere."""
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    east = math.radians(other.longitude - one.longitude)
    part = math.sin((south - north) / 2) ** 2
    part += math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(min(part, 1.0))) / 1.609344


def expected(block_group: Point, gyms: list[Point]) -> Answer:
    distances = sorted((miles(block_group, gym), gym.key) for gym in gyms)
    counts = [sum(distance <= radius for distance, _ in distances) for radius in (1, 5, 10)]
    return Answer(distances[0][1], distances[0][0], (counts[0], counts[1], counts[2]))


def answers(account: Any) -> dict[str, Answer]:
    rows = account.ask(
        "select census_block_group, nearest_gym_id, nearest_gym_distance_miles,"
        " gyms_within_1_mile, gyms_within_5_miles, gyms_within_10_miles"
        " from MARTS.mart_gym_accessibility"
    )
    return {
        key: Answer(nearest, float(distance), (int(one), int(five), int(ten)))
        for key, nearest, distance, one, five, ten in rows
    }


def assert_agree(account: Any, block_groups: list[Point], gyms: list[Point]) -> None:
    found = answers(account)
    assert found.keys() == {point.key for point in block_groups}
    for point in block_groups:
        right = expected(point, gyms)
        assert found[point.key].nearest == right.nearest, point
        assert found[point.key].counts == right.counts, point
        assert found[point.key].distance == pytest.approx(right.distance, abs=1e-4)


def around(rng: Random, prefix: str, count: int) -> list[Point]:
    """Points up to 14 miles around each centre."""
    points: list[Point] = []
    for latitude, longitude in CENTRES:
        for _ in range(count):
            north = latitude + rng.uniform(-0.2, 0.2)
            north = max(-90.0, min(90.0, north))
            east = longitude + rng.uniform(-0.2, 0.2) / max(math.cos(math.radians(north)), 0.01)
            east = (east + 180) % 360 - 180
            points.append(Point(f"{prefix}{len(points):04d}", round(north, 6), round(east, 6)))
    return points


def test_a_grid_finds_what_a_search_of_all_pairs_finds(build: Build) -> None:
    rng = dice(7, "distances")
    gyms, block_groups = around(rng, "G", 12), around(rng, "B", 25)
    account = build(
        {
            "gyms": [gym_row(gym) for gym in gyms],
            "census_demographics": [block_group_row(point) for point in block_groups],
        }
    )
    assert_agree(account, block_groups, gyms)


def test_the_samples_agree_with_a_search_of_all_pairs(build: Build) -> None:
    raw = {}
    for name in ("gyms", "census_demographics"):
        (path,) = (SAMPLES / name).glob("*.csv")
        with path.open(encoding="utf-8", newline="") as file:
            raw[name] = list(csv.reader(file))[1:]
        assert len(raw[name][0]) == len(feed_named(name).columns)
    raw["census_demographics"] = raw["census_demographics"][1::12]
    account = build(raw)
    open_gyms = {
        row[0]: Point(row[0], float(row[7]), float(row[8])) for row in raw["gyms"] if not row[10]
    }
    block_groups = [
        Point(row[0], float(row[3]), float(row[4])) for row in raw["census_demographics"]
    ]
    found = answers(account)
    assert len(found) == len(block_groups)
    for point in block_groups:
        right = expected(point, list(open_gyms.values()))
        assert (found[point.key].nearest, found[point.key].counts) == (right.nearest, right.counts)


def test_the_nearest_gym_is_found_at_the_other_end_of_the_world(build: Build) -> None:
    gyms = [Point("G1", -30.0, 115.0), Point("G2", 48.0, -122.0), Point("G3", 48.4, -122.3)]
    block_groups = [
        Point("B1", 30.0, -64.0),
        Point("B2", 47.0, -110.0),
        Point("B3", 52.0, 179.0),
        Point("B4", 51.0, -179.0),
        Point("B5", -90.0, 0.0),
    ]
    account = build(
        {
            "gyms": [gym_row(gym) for gym in gyms],
            "census_demographics": [block_group_row(point) for point in block_groups],
        }
    )
    assert_agree(account, block_groups, gyms)


def test_a_radius_includes_what_is_just_inside_and_nothing_just_outside(build: Build) -> None:
    centre = Point("B1", 40.0, -100.0)
    gyms = [
        Point(f"G{radius:02d}{side}", 40.0 + radius * factor / MILES_PER_DEGREE, -100.0)
        for radius in (1, 5, 10)
        for side, factor in (("in", 0.99999), ("out", 1.00001))
    ]
    account = build(
        {
            "gyms": [gym_row(gym) for gym in gyms],
            "census_demographics": [block_group_row(centre)],
        }
    )
    assert answers(account)["B1"].counts == (1, 3, 5)


def test_closed_gyms_do_not_count_and_corrections_do(build: Build) -> None:
    here, there = Point("B1", 40.0, -100.0), Point("G1", 40.01, -100.0)
    moved = there._replace(latitude=40.02)
    account = build(
        {
            "gyms": [
                gym_row(moved, updated_at="2026-11-02T00:00:00"),
                gym_row(there),
                gym_row(Point("G0", 40.0, -100.0), closed_on="2025-01-01"),
            ],
            "census_demographics": [block_group_row(here)],
        }
    )
    assert_agree(account, [here], [moved])


def test_gyms_under_one_roof_count_each_and_the_first_key_is_the_nearest(build: Build) -> None:
    account = build(
        {
            "gyms": [gym_row(Point(key, 40.0, -100.0)) for key in ("G3", "G1", "G2")],
            "census_demographics": [block_group_row(Point("B1", 40.0, -100.0))],
        }
    )
    assert answers(account)["B1"] == Answer("G1", 0.0, (3, 3, 3))


def test_without_any_gym_every_block_group_is_still_in_the_mart(build: Build) -> None:
    account = build({"census_demographics": [block_group_row(Point("B1", 40.0, -100.0))]})
    assert account.ask(
        "select nearest_gym_id, nearest_gym_distance_miles, gyms_within_10_miles"
        " from MARTS.mart_gym_accessibility"
    ) == [(None, None, 0)]
