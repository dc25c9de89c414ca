"""The real engine on an object by statements, through a whole life."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

PROGRAM = "statement_program.py"
SHOWN = ("NOTIFICATION INTEGRATIONS",)


def test_it_is_made_and_the_plan_is_quiet(chain: Any) -> None:
    chain.pulumi("up", "--yes", "--skip-preview", step=1)
    assert chain.standing() == {"CHAIN_HOOK"}
    assert chain.plan(step=1) == {}
    assert chain.plan("--refresh", step=1) == {}


def test_a_change_is_made_in_place_and_the_plan_is_quiet(chain: Any) -> None:
    assert chain.plan() == {"update": {"hook"}}
    chain.pulumi("up", "--yes", "--skip-preview")
    assert chain.plan("--refresh") == {}
    assert chain.sql("SHOW NOTIFICATION INTEGRATIONS")[0]["comment"] == "two"


def test_a_change_by_hand_is_found_and_mended(chain: Any) -> None:
    chain.sql("ALTER NOTIFICATION INTEGRATION CHAIN_HOOK SET COMMENT = 'by hand'")
    assert chain.plan("--refresh") == {"update": {"hook"}}
    chain.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert chain.sql("SHOW NOTIFICATION INTEGRATIONS")[0]["comment"] == "two"


def test_a_deletion_by_hand_is_found_and_mended(chain: Any) -> None:
    chain.sql("DROP NOTIFICATION INTEGRATION CHAIN_HOOK")
    assert chain.plan("--refresh") == {"create": {"hook"}}
    chain.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert chain.standing() == {"CHAIN_HOOK"}


def test_no_password_is_in_the_state(chain: Any) -> None:
    assert "of-the-scratch-account" not in chain.pulumi("stack", "export")


def test_it_is_destroyed(chain: Any) -> None:
    chain.pulumi("destroy", "--yes", "--skip-preview")
    assert chain.standing() == set()
