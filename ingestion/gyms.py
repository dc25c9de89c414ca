"""Rows of the gym feed: made-up gyms in real ZIP code areas, where people and income are.

Brands, names, streets and prices are invented. One gym in a hundred comes twice, the second time
with a later change of price, as a directory that sends corrections does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Final, NamedTuple

from ingestion.allotment import Allotment
from ingestion.dice import dice, point_in, spread
from ingestion.places import Place

_SHARE_CORRECTED: Final = 0.01
_SHARE_CLOSED: Final = 0.04
_FIRST_OPENING: Final = date(2003, 1, 1)

# Brand, share of the market, usual price a month in dollars, what it always offers.
_BRANDS: Final = (
    ("Halyard Fitness", 22, 19.0, ("cardio", "weights")),
    ("Ironvale Gym", 18, 34.0, ("cardio", "weights", "showers")),
    ("Northlight Athletic Club", 12, 89.0, ("cardio", "weights", "pool", "sauna", "showers")),
    ("Cinder Cycle", 9, 119.0, ("classes", "cycling", "showers")),
    ("Tidewater Yoga", 9, 99.0, ("classes", "yoga")),
    ("Forge & Field", 8, 149.0, ("classes", "crosstraining", "weights")),
    ("Independent", 22, 49.0, ("cardio", "weights")),
)
_EXTRAS: Final = ("childcare", "classes", "parking", "physiotherapy", "pool", "sauna", "24h")
_STREETS: Final = (
    *("Main St", "Oak Ave", "Market St", "2nd St", "Maple Dr", "Cedar Ln", "Park Blvd"),
    *("Washington Ave", "Mill Rd", "Lake St", "Highland Ave", "River Rd", "Elm St", "Church St"),
)
_OWNERS: Final = ("Alvarez", "Brooks", "Chen", "Dawson", "Eriksen", "Foster", "Haddad", "Okafor")
_PERKS: Final = ("Barbell", "Body Shop", "Fitness", "Gym", "Strength", "Studio")

Row = tuple[object, ...]


class Gym(NamedTuple):
    """What an event needs to know of a gym."""

    gym_id: str
    brand: str
    latitude: float
    longitude: float
    zip_code: str
    is_open: bool


def rows(allotments: Sequence[Allotment], seed: int, as_of: date) -> Iterator[Row]:
    """The rows of the feed, in the order of its columns; a correction follows the row it corrects.

    `as_of` is the day of the export: no gym opens or changes after it.
    """
    for row in _first_rows(allotments, seed, as_of):
        yield row
        rng = dice(seed, "corrections", str(row[0]))
        if rng.random() < _SHARE_CORRECTED:
            changed = datetime.fromisoformat(str(row[-1])) + timedelta(days=rng.randint(1, 30))
            price = f"{float(str(row[-3])) * 1.1:.2f}"
            yield (*row[:-3], price, row[-2], changed.isoformat())


def directory(allotments: Sequence[Allotment], seed: int, as_of: date) -> list[Gym]:
    """The same gyms, in short; 60,000 of them take some 20 MB."""
    return [
        Gym(
            str(row[0]), str(row[2]), _number(row[7]), _number(row[8]), str(row[6]), row[10] is None
        )
        for row in _first_rows(allotments, seed, as_of)
    ]


def _number(value: object) -> float:
    return float(str(value))


def _first_rows(allotments: Sequence[Allotment], seed: int, as_of: date) -> Iterator[Row]:
    for place, _, count, first in allotments:
        rng = dice(seed, "gyms", place.zip_code)
        for number in range(first, first + count):
            yield _row(rng, f"GYM-{number:07d}", place, as_of)


def _row(rng: Random, gym_id: str, place: Place, as_of: date) -> Row:
    brand, _, usual_price, offers = rng.choices(_BRANDS, [brand[1] for brand in _BRANDS])[0]
    street = rng.choice(_STREETS)
    latitude, longitude = point_in(rng, place)
    opened_on = _FIRST_OPENING + timedelta(days=rng.randrange((as_of - _FIRST_OPENING).days - 120))
    closed_on = None
    if rng.random() < _SHARE_CLOSED:
        closed_on = opened_on + timedelta(days=rng.randrange(30, (as_of - opened_on).days))
    affordable = ((place.income or 60_000) / 75_000) ** 0.3
    price = f"{usual_price * affordable * spread(rng, 0.08):.2f}"
    amenities = "|".join(sorted({*offers, *rng.sample(_EXTRAS, rng.randrange(4))}))
    updated_at = datetime(as_of.year, as_of.month, as_of.day) - timedelta(
        days=rng.randrange(31, 90), seconds=rng.randrange(86_400)
    )
    address = (f"{rng.randrange(1, 9_900)} {street}", place.city, place.state, place.zip_code)
    return (
        *(gym_id, _name(rng, brand, place, street), brand, *address, latitude, longitude),
        *(opened_on.isoformat(), closed_on and closed_on.isoformat(), price, amenities),
        updated_at.isoformat(),
    )


def _name(rng: Random, brand: str, place: Place, street: str) -> str:
    if brand == "Independent":
        return f"{rng.choice(_OWNERS)}'s {rng.choice(_PERKS)}, {street.rsplit(' ', 1)[0]}"
    return f"{brand} {place.city}"
