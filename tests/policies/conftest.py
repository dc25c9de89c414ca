"""Good facts to break, as tests of the program have them."""

import pytest

from tests.infra.conftest import clone, deployed

__all__ = ["clone", "deployed"]


@pytest.fixture(autouse=True)
def _nobody_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this clone's `local` was asked for is no matter of the tests."""
    monkeypatch.setenv("LEAP_WITH_DR", "false")
