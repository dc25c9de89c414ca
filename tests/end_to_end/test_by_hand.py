"""What somebody does by hand is in the drift and in nothing else; a weakened branch is mended.

The tests share one clone in which `leap up` was run, and leave it as they found it.
"""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Clone

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

QUIET = (
    ("drift",),
    ("access", "diff", "--live"),
    ("access", "diff", "--deployed"),
    ("audit", "--live", "--threshold", "low"),
)
BY_HAND = (
    "CREATE ROLE BY_HAND",
    "GRANT MONITOR ON WAREHOUSE BI_WH TO ROLE BY_HAND",
    "CREATE TABLE LEAP_ANALYTICS.MARTS.SCRATCH (A INT)",
)


@pytest.fixture(scope="module")
def platform(clone: Clone) -> Clone:
    """A clone in which `leap up` was run once."""
    done = clone.leap("up")
    assert done.returncode == 0, done.stderr
    return clone


def _sql(platform: Clone, *statements: str) -> None:
    for statement in statements:
        done = platform.leap("sandbox", "sql", statement)
        assert done.returncode == 0, done.stderr


def _drift(platform: Clone) -> Any:
    return json.loads(platform.leap("drift", "--json").stdout)


def _github(platform: Clone, method: str, path: str) -> Any:
    github = platform.facts("sandbox", "status")["github"]
    headers = {"Authorization": f"Bearer {github['token']}"}
    address = f"{github['base_url']}/api/v3/repos/{github['owner']}/leap{path}"
    request = urllib.request.Request(address, headers=headers, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


@pytest.mark.parametrize("command", QUIET, ids=" ".join)
def test_a_fresh_deployment_is_quiet(platform: Clone, command: tuple[str, ...]) -> None:
    done = platform.leap(*command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_made_by_hand_is_in_the_drift_and_in_no_plan(platform: Clone) -> None:
    _sql(platform, *BY_HAND)
    try:
        found = _drift(platform)["findings"]
        assert {one["finding"] for one in found} == {
            "role BY_HAND",
            "MONITOR on warehouse BI_WH to role BY_HAND",
            "table LEAP_ANALYTICS.MARTS.SCRATCH",
        }
        assert {one["origin"]["user"] for one in found} == {"LEAP_ADMIN"}
        assert all(len(one["fixes"]) == 3 for one in found)
        whole = platform.leap("preview", "--expect-no-changes", "--refresh")
        assert whole.returncode == 0, whole.stdout + whole.stderr
    finally:
        _sql(platform, "DROP TABLE LEAP_ANALYTICS.MARTS.SCRATCH", "DROP ROLE BY_HAND")
    assert _drift(platform)["findings"] == []


def test_a_branch_weakened_by_hand_is_found_and_mended_by_the_next_up(platform: Clone) -> None:
    protection = "/branches/{}/protection"
    _github(platform, "DELETE", f"{protection.format('main')}/enforce_admins")
    _github(platform, "DELETE", protection.format("develop"))
    told = platform.leap("drift")
    assert told.returncode == 1
    assert "main of leap: administrators of the repository and owners" in told.stdout
    assert "develop of leap: anybody who may write may push to it directly" in told.stdout
    audit = platform.leap("audit", "--live")
    assert audit.returncode == 1
    assert "branches-are-protected" in audit.stdout
    done = platform.leap("up")
    assert done.returncode == 0, done.stderr
    assert "changed on GitHub: " in done.stderr
    assert _github(platform, "GET", protection.format("main"))["enforce_admins"]["enabled"]
    assert platform.leap("drift").returncode == 0
