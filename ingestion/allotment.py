"""How many block groups and gyms each place gets, and how large a data set of a given scale is.

Counts follow weights by rounding the running sum, so that the whole country comes to the exact
total and no place is off by more than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from ingestion.places import Place

BLOCK_GROUPS_IN_THE_COUNTRY: Final = 240_000
GYMS_IN_THE_COUNTRY: Final = 60_000
BLOCK_GROUPS_AT_SCALE_ONE: Final = 3_000
EVENTS_AT_SCALE_ONE: Final = 3_000


class Allotment(NamedTuple):
    """What one place gets, and the running number of its first gym."""

    place: Place
    block_groups: int
    gyms: int
    first_gym: int


def allot(places: Sequence[Place], scale: int) -> list[Allotment]:
    """The places of a data set of that scale, with their counts.

    Scale 1 has 3,000 block groups; at scale 80 the whole country is there, with 240,000 block
    groups and 60,000 gyms, and from then on only the events grow.
    """
    block_groups = _shares([place.population for place in places], BLOCK_GROUPS_IN_THE_COUNTRY)
    gyms = _shares([_demand(place) for place in places], GYMS_IN_THE_COUNTRY)
    wanted = BLOCK_GROUPS_AT_SCALE_ONE * scale
    allotments: list[Allotment] = []
    first_gym = 1
    for place, own_block_groups, own_gyms in zip(places, block_groups, gyms, strict=True):
        if wanted <= 0:
            break
        taken = min(own_block_groups, wanted)
        allotments.append(Allotment(place, taken, own_gyms, first_gym))
        wanted -= taken
        first_gym += own_gyms
    return allotments


def event_count(scale: int) -> int:
    """Number of different events at that scale."""
    return EVENTS_AT_SCALE_ONE * scale


def _shares(weights: Sequence[float], total: int) -> list[int]:
    sums = list(accumulate(weights))
    bounds = [0, *(round(part / sums[-1] * total) for part in sums)]
    return [after - before for before, after in pairwise(bounds)]


def _demand(place: Place) -> float:
    """Gyms follow people, and income a little."""
    return place.population * (0.5 + min(place.income or 50_000, 200_000) / 150_000)
