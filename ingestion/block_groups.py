"""Rows of the census feed: block groups spread over real ZIP code areas.

State, county and the level of each figure are real; tract and block group numbers and the spread
within a ZIP code are made up. Nothing of this may be quoted as a census result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from random import Random
from typing import Final

from ingestion.allotment import Allotment
from ingestion.dice import dice, point_in, spread
from ingestion.places import Place

SURVEY_YEAR: Final = 2022
_BLOCK_GROUPS_A_TRACT: Final = 3
_SHARE_WITHOUT_PEOPLE: Final = 0.005
# The survey publishes no median below the one or above the other.
_INCOME_RANGE: Final = (2_499, 250_001)
_AGE_RANGE: Final = (16.0, 85.0)

Row = tuple[object, ...]


def rows(allotments: Sequence[Allotment], seed: int, as_of: date) -> Iterator[Row]:
    """One row a block group, in the order of the feed's columns."""
    updated_at = f"{as_of.isoformat()}T00:00:00"
    for county_fips, group in groupby(
        allotments, key=lambda allotment: allotment.place.county_fips
    ):
        rng = dice(seed, "block_groups", county_fips)
        number = 0
        for place, count, _, _ in group:
            for _ in range(count):
                tract, block_group = divmod(number, _BLOCK_GROUPS_A_TRACT)
                geoid = f"{county_fips}{(tract + 1) * 100:06d}{block_group + 1}"
                yield _row(rng, geoid, place, count, updated_at)
                number += 1


def _row(rng: Random, geoid: str, place: Place, count: int, updated_at: str) -> Row:
    latitude, longitude = point_in(rng, place)
    area = round(place.land_area / count * spread(rng, 0.5), 3)
    where = (geoid, place.state, place.county, latitude, longitude, max(area, 0.005))
    if rng.random() < _SHARE_WITHOUT_PEOPLE:
        return (*where, 0, 0, 0, 0, 0, 0, None, None, SURVEY_YEAR, updated_at)
    population = max(1, round(place.population / count * spread(rng, 0.35)))
    per_household = place.population / max(place.households, 1) * spread(rng, 0.12)
    households = min(population, max(1, round(population / max(per_household, 1.0))))
    ages = _ages(rng, place, population)
    low, high = _AGE_RANGE
    median_age = round(min(high, max(low, place.median_age + rng.gauss(0.0, 4.0))), 1)
    income = _income(rng, place.income)
    return (*where, population, households, *ages, median_age, income, SURVEY_YEAR, updated_at)


def _ages(rng: Random, place: Place, population: int) -> tuple[int, int, int, int]:
    """People under 18, to 34, to 54 and above; together they are the population."""
    between = 1000 - place.under_18 - place.from_18_to_24 - place.from_65
    shares = (
        place.under_18 * spread(rng, 0.2),
        (place.from_18_to_24 + 0.27 * between) * spread(rng, 0.2),
        0.48 * between * spread(rng, 0.1),
        (place.from_65 + 0.25 * between) * spread(rng, 0.2),
    )
    whole = sum(shares)
    young, adult, middle = (int(population * share / whole) for share in shares[:3])
    return young, adult, middle, population - young - adult - middle


def _income(rng: Random, level: int | None) -> int | None:
    factor = spread(rng, 0.22)
    if level is None:
        return None
    low, high = _INCOME_RANGE
    return min(high, max(low, round(level * factor)))
