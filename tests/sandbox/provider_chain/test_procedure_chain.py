"""The real engine on procedures, through a whole life."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

PROGRAM = "procedure_program.py"
SHOWN = ("PROCEDURES IN ACCOUNT",)


def test_a_procedure_is_made_and_the_plan_is_quiet(chain: Any) -> None:
    chain.pulumi("up", "--yes", "--skip-preview", step=1)
    assert chain.plan("--refresh", step=1) == {}
    assert chain.standing() == {"MAKE", "PLAIN"}


def test_it_runs_for_the_role_that_it_was_granted_to(chain: Any) -> None:
    chain.sql("GRANT ROLE CALLER_ROLE TO USER LEAP_ADMIN")
    assert chain.sql("CALL GUARDED.RULES.MAKE('ann')") == [{"MAKE": "ann 5"}]


def test_a_change_is_made_in_place_and_the_plan_is_quiet(chain: Any) -> None:
    assert set(chain.plan()) == {"update"}
    chain.pulumi("up", "--yes", "--skip-preview")
    assert chain.plan("--refresh") == {}
    assert chain.standing() == {"MAKE", "RENAMED"}


def test_what_was_dropped_or_changed_by_hand_is_found_and_mended(chain: Any) -> None:
    chain.sql("DROP PROCEDURE GUARDED.RULES.RENAMED()")
    chain.sql("ALTER PROCEDURE GUARDED.RULES.MAKE(VARCHAR, NUMBER) SET COMMENT = 'by hand'")
    planned = chain.plan("--refresh")
    assert (planned["create"], planned["update"]) == ({"plain"}, {"make"})
    chain.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert chain.plan("--refresh") == {}


def test_no_statement_of_the_provider_failed(chain: Any) -> None:
    failed = [query for query in chain.account.history.latest() if query.status == "FAIL"]
    assert [(query.text, query.error) for query in failed] == []


def test_destroy_leaves_nothing(chain: Any) -> None:
    chain.pulumi("destroy", "--yes", "--skip-preview")
    assert chain.standing() == set()
