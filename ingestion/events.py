"""Documents of the event feed: what members do in the gyms, nested as the gyms' systems send it.

Members are made-up hashes. One event in two hundred is sent twice, word for word, because the
senders deliver at least once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any, Final

from ingestion.dice import dice
from ingestion.gyms import Gym

DAYS: Final = 30
_SHARE_SENT_TWICE: Final = 0.005
_MEMBERS_A_GYM: Final = 400
_KINDS: Final = ("check_in", "check_out", "class_booking")
_KIND_WEIGHTS: Final = tuple(accumulate((50, 38, 12)))
_HOURS: Final = tuple(range(5, 23))
_HOUR_WEIGHTS: Final = tuple(accumulate((3, 8, 9, 7, 5, 4, 4, 6, 5, 4, 4, 6, 10, 12, 9, 6, 3, 2)))
_DEVICES: Final = (
    ("turnstile", "embedded", "4.2.1"),
    ("kiosk", "android", "2.9.0"),
    ("phone", "ios", "11.3.2"),
    ("phone", "android", "11.3.0"),
)
_CLASSES: Final = ("Cycle 45", "Hatha Yoga", "HIIT", "Pilates Mat", "Row & Flow", "Zumba")
_EQUIPMENT: Final = ("bench", "bike", "rack", "rower", "treadmill")
_PLANS: Final = ("basic", "standard", "standard", "premium")

Document = dict[str, Any]


def documents(gyms: Sequence[Gym], count: int, seed: int, as_of: date) -> Iterator[Document]:
    """`count` different events in the 30 days before `as_of`, in order of their day."""
    open_gyms = [gym for gym in gyms if gym.is_open]
    rng = dice(seed, "events")
    start = datetime(as_of.year, as_of.month, as_of.day) - timedelta(days=DAYS)
    for number in range(count if open_gyms else 0):
        day = start + timedelta(days=number * DAYS // count)
        document = _document(rng, rng.choice(open_gyms), f"EVT-{number + 1:010d}", day)
        yield document
        if rng.random() < _SHARE_SENT_TWICE:
            yield document


def _document(rng: Random, gym: Gym, event_id: str, day: datetime) -> Document:
    kind = rng.choices(_KINDS, cum_weights=_KIND_WEIGHTS)[0]
    hour = rng.choices(_HOURS, cum_weights=_HOUR_WEIGHTS)[0]
    occurred_at = day + timedelta(hours=hour, seconds=rng.randrange(3_600))
    device, system, version = rng.choice(_DEVICES)
    member = f"{gym.gym_id}/{int(_MEMBERS_A_GYM * rng.random() ** 2)}"
    document: Document = {
        "event_id": event_id,
        "event_type": kind,
        "occurred_at": f"{occurred_at.isoformat()}Z",
        "gym": {
            "id": gym.gym_id,
            "brand": gym.brand,
            "geo": {"lat": gym.latitude, "lon": gym.longitude},
        },
        "member": {
            "hash": hashlib.sha256(member.encode()).hexdigest()[:32],
            "plan": rng.choice(_PLANS),
            "home_zip": gym.zip_code,
        },
        "device": {"type": device, "os": system, "version": version},
    }
    if kind == "class_booking":
        document["class"] = {"name": rng.choice(_CLASSES), "capacity": rng.randrange(8, 31)}
    if kind == "check_out":
        used = rng.sample(_EQUIPMENT, rng.randrange(3))
        document["visit"] = {
            "minutes": rng.randrange(15, 130),
            "equipment": [{"kind": kind, "minutes": rng.randrange(5, 46)} for kind in used],
        }
    return document
