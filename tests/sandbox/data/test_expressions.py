"""Snowflake's functions, pair by pair: the expressions and values lie in `pairs/`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client

PAIRS = Path(__file__).with_name("pairs")


def _pairs() -> Iterator[Any]:
    for path in sorted(PAIRS.glob("*.txt")):
        for line in path.read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                expression, _, value = line.rpartition(" => ")
                yield pytest.param(expression, ast.literal_eval(value), id=expression)


@pytest.mark.parametrize(("expression", "expected"), list(_pairs()))
def test_an_expression_has_its_snowflake_value(
    shared: Client, expression: str, expected: object
) -> None:
    found = shared.value(f"select {expression} as x")

    if isinstance(expected, float | int) and not isinstance(expected, bool):
        assert float(found) == pytest.approx(expected, rel=1e-12)
    elif isinstance(expected, str) and isinstance(found, int):
        assert _time(found) == expected
    else:
        assert found == expected


def _time(nanoseconds: int) -> str:
    seconds = nanoseconds // 1_000_000_000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
