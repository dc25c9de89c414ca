"""The durations that people write."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cli.errors import BadInputError
from cli.sandbox_clock import duration


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("90s", timedelta(seconds=90)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("7D", timedelta(days=7)),
        ("2w1d", timedelta(days=15)),
    ],
)
def test_a_duration_is_read(text: str, meaning: timedelta) -> None:
    assert duration(text) == meaning


@pytest.mark.parametrize("text", ["", "7", "7x", "m", "-1h", "1h 30m", "30m1h"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="1h30m"):
        duration(text)
