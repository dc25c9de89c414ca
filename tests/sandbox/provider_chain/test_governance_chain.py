"""The real engine on policies, tags, tasks, streams and alerts, through a whole life."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

PROGRAM = "governance_program.py"
SHOWN = (
    *("NETWORK RULES IN ACCOUNT", "NETWORK POLICIES", "TAGS IN ACCOUNT"),
    "SHARES LIKE 'GIFT'",
    *("MASKING POLICIES IN ACCOUNT", "ROW ACCESS POLICIES IN ACCOUNT"),
    *("TASKS IN ACCOUNT", "STREAMS IN ACCOUNT", "ALERTS IN ACCOUNT"),
    *("PASSWORD POLICIES IN ACCOUNT", "AUTHENTICATION POLICIES IN ACCOUNT"),
)
DROPPED = {
    "changes": "DROP STREAM GUARDED.RULES.CHANGES",
    "nightly": "DROP TASK GUARDED.RULES.NIGHTLY",
    "amount": "DROP MASKING POLICY GUARDED.RULES.AMOUNT",
    "owner": "DROP TAG GUARDED.RULES.OWNED_BY",
    "region": "DROP ROW ACCESS POLICY GUARDED.RULES.BY_PLACE",
    "door": "DROP NETWORK POLICY GATE",
}
CHANGED = {
    "office": "ALTER NETWORK RULE GUARDED.RULES.OFFICE SET VALUE_LIST = ('10.9.9.9')",
    "email": "ALTER MASKING POLICY GUARDED.RULES.EMAIL_MASK SET BODY -> 'hand'",
    "pii": "ALTER TAG GUARDED.RULES.PII SET COMMENT = 'by hand'",
    "spend": "ALTER ALERT GUARDED.RULES.SPEND RESUME",
    "root": "ALTER TASK GUARDED.RULES.ROOT SUSPEND",
    "password": "ALTER PASSWORD POLICY GUARDED.RULES.STRONG SET PASSWORD_MIN_LENGTH = 20",
    "methods": "ALTER AUTHENTICATION POLICY GUARDED.RULES.METHODS SET COMMENT = 'by hand'",
    "work-pii": "ALTER WAREHOUSE WORK_WH SET TAG GUARDED.RULES.PII = 'phone'",
}
"""What somebody does by hand, by the name of the resource in the program."""


def test_one_of_each_kind_is_made_and_the_plan_is_quiet(chain: Any) -> None:
    chain.pulumi("up", "--yes", "--skip-preview", step=1)
    assert chain.plan("--refresh", step=1) == {}
    assert {"DOOR", "EMAIL_MASK", "PII", "LEAF", "CHANGES", "SPEND", "GIFT"} <= chain.standing()


def test_a_change_of_each_kind_is_made_in_place_and_the_plan_is_quiet(chain: Any) -> None:
    planned = chain.plan()
    assert set(planned) == {"update"}
    assert len(planned["update"]) > 15
    chain.pulumi("up", "--yes", "--skip-preview")
    assert chain.plan("--refresh") == {}
    assert {"GATE", "AMOUNT", "BY_PLACE", "OWNED_BY"} <= chain.standing()


def test_what_was_dropped_or_changed_by_hand_is_found_and_mended(chain: Any) -> None:
    for name, statement in (DROPPED | CHANGED).items():
        assert chain.sql(statement), name
    assert chain.plan("--refresh") == {"create": set(DROPPED), "update": set(CHANGED)}
    chain.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert chain.plan("--refresh") == {}


def test_no_statement_of_the_provider_failed(chain: Any) -> None:
    failed = [query for query in chain.account.history.latest() if query.status == "FAIL"]
    assert [(query.text, query.error) for query in failed] == []


def test_destroy_leaves_nothing(chain: Any) -> None:
    chain.pulumi("destroy", "--yes", "--skip-preview")
    assert chain.standing() == set()
