"""The real geography that generated data stands on: each populated ZIP code with its county.

Names and coordinates come from the PyPI package `zipcodes`; county FIPS codes and the figures on
people, income and land from two tables in `reference/`, whose origin `docs/data.md` tells. ZIP
codes without residents (post boxes, military mail) are left out, and so are three rural ones whose
county `zipcodes` puts in the wrong state.
"""

from __future__ import annotations

import csv
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import zipcodes

REFERENCE: Final = Path(__file__).parent / "reference"

# Where the smallest data set begins: cities and desert, in eight states, so that every distance
# from a hundred yards to fifty miles occurs in it.
FIRST_COUNTIES: Final = (
    "48453",  # Travis, TX
    "25025",  # Suffolk, MA
    "22071",  # Orleans, LA
    "08013",  # Boulder, CO
    "41051",  # Multnomah, OR
    "48043",  # Brewster, TX
    "16037",  # Custer, ID
    "30019",  # Daniels, MT
    "56025",  # Natrona, WY
)


class Place(NamedTuple):
    """A ZIP code area where people live.

    Areas are in square miles, incomes in US dollars a year, coordinates in degrees (WGS 84), ages
    in years, and the three age groups in people of a thousand. `income` is None where the survey
    publishes none.
    """

    zip_code: str
    city: str
    county: str
    state: str
    county_fips: str
    latitude: float
    longitude: float
    land_area: float
    population: int
    households: int
    median_age: float
    under_18: int
    from_18_to_24: int
    from_65: int
    income: int | None


@lru_cache(maxsize=1)
def places() -> tuple[Place, ...]:
    """All populated ZIP code areas, county by county in a fixed order.

    The order does not depend on a seed and starts with `FIRST_COUNTIES`, so a smaller data set is
    always a part of a larger one, and holds whole counties.
    """
    first = {fips: rank for rank, fips in enumerate(FIRST_COUNTIES)}

    def order(place: Place) -> tuple[int, int, str, str]:
        fips = place.county_fips
        return (first.get(fips, len(first)), zlib.crc32(fips.encode()), fips, place.zip_code)

    return tuple(sorted(_read_places(), key=order))


def _read_places() -> Iterator[Place]:
    counties = _counties()
    list_all: Callable[[], list[dict[str, str]]] = zipcodes.list_all
    located = {row["zip_code"]: row for row in list_all()}
    for figures in _rows("zip_figures.csv"):
        found = located[figures["zip_code"]]
        county = counties.get(_county_key(found["state"], found["county"]))
        if county is None:
            continue
        yield Place(
            zip_code=figures["zip_code"],
            city=found["city"],
            county=county["county"],
            state=county["state"],
            county_fips=county["county_fips"],
            latitude=float(found["lat"]),
            longitude=float(found["long"]),
            land_area=float(figures["land_area_sq_miles"]),
            population=int(figures["population"]),
            households=int(figures["households"]),
            median_age=float(figures["median_age"] or 40),
            under_18=int(figures["per_mille_under_18"]),
            from_18_to_24=int(figures["per_mille_18_to_24"]),
            from_65=int(figures["per_mille_65_and_over"]),
            income=int(figures["median_household_income_usd"] or 0) or None,
        )


def _counties() -> dict[tuple[str, str], dict[str, str]]:
    return {_county_key(row["state"], row["county"]): row for row in _rows("counties.csv")}


def _county_key(state: str, county: str) -> tuple[str, str]:
    """One spelling for accents and case, in which the two sources differ (Doña Ana, DeSoto)."""
    plain = unicodedata.normalize("NFKD", county).encode("ascii", "ignore").decode()
    return state, plain.casefold()


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
