"""Randomness that depends on a seed and a name only, so every part can be made again by itself."""

from __future__ import annotations

import math
from random import Random
from typing import Final

from ingestion.places import Place

MILES_PER_DEGREE_OF_LATITUDE: Final = 69.0
# In a large rural area people live near the post office rather than evenly over it.
_WIDEST_SPREAD_MILES: Final = 15.0


def dice(seed: int, *name: str) -> Random:
    """A generator of its own for each name; a text seed is hashed the same way everywhere."""
    return Random(":".join((str(seed), *name)))  # noqa: S311 - sample data, not secrets


def spread(rng: Random, width: float) -> float:
    """A factor around 1, log-normal; `width` is the standard deviation of its logarithm."""
    return math.exp(rng.gauss(0.0, width))


def point_in(rng: Random, place: Place) -> tuple[float, float]:
    """Latitude and longitude of a random point in the disc that has the place's land area."""
    radius = min(math.sqrt(place.land_area / math.pi), _WIDEST_SPREAD_MILES)
    distance = radius * math.sqrt(rng.random())
    angle = rng.random() * math.tau
    north = distance * math.cos(angle) / MILES_PER_DEGREE_OF_LATITUDE
    miles_per_degree = MILES_PER_DEGREE_OF_LATITUDE * math.cos(math.radians(place.latitude))
    east = distance * math.sin(angle) / miles_per_degree
    return round(place.latitude + north, 6), round(place.longitude + east, 6)
