"""The second key: bound to one change, by somebody else, and not for long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.restore.approval import ApprovalError, Identity, Register, change_id
from ops.restore.planned import Loss, Why

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ANN = Identity(("ann@example.com", "Ann Other", "ann-login"))
LOSS = Loss("SCHEMA", ("D", "RAW"), Why.DROP, "", "u")
STATE: dict[str, Any] = {"manifest": {"time": "t"}, "resources": [{"urn": "u", "id": "1"}]}


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """A register in which one change of Ann's waits."""
    made = Register(tmp_path)
    made.ask("c1", "prod", ["SCHEMA D.RAW dropped"], ANN, NOW)
    return made


def test_somebody_else_approves_and_it_is_on_record(register: Register, tmp_path: Path) -> None:
    register.approve("c1", "Bob", Identity(("bob",)), NOW)
    request = register.find("c1")
    assert request is not None
    assert [(given.name, given.typed_by) for given in request.approvals] == [("Bob", ("bob",))]
    assert (tmp_path / "c1.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["ann@example.com", "ANN", "ann other", " Ann-Login "])
def test_nobody_approves_their_own_change(register: Register, name: str) -> None:
    with pytest.raises(ApprovalError, match="somebody else"):
        register.approve("c1", name, Identity(("bob",)), NOW)


@pytest.mark.parametrize(
    ("change", "name", "later", "words"),
    [
        ("c2", "Bob", 0, "no change c2"),
        ("../c1", "Bob", 25, "expired"),
        ("c1", "Bob", 24, "expired"),
        ("c1", " ", 0, "needs a name"),
    ],
)
def test_what_is_not_there_or_too_old_or_nobodys_is_no_approval(
    register: Register, change: str, name: str, later: int, words: str
) -> None:
    with pytest.raises(ApprovalError, match=words):
        register.approve(change, name, Identity(("bob",)), NOW + timedelta(hours=later))


def test_an_expired_request_begins_anew_without_its_approvals(register: Register) -> None:
    register.approve("c1", "Bob", Identity(("bob",)), NOW)
    again = register.ask("c1", "prod", [], ANN, NOW + timedelta(hours=1))
    assert again.approvals
    anew = register.ask("c1", "prod", [], ANN, NOW + timedelta(hours=25))
    assert not anew.approvals
    assert not register.waiting(NOW + timedelta(hours=50))


def test_the_id_is_of_this_destruction_from_this_state_alone() -> None:
    first = change_id("prod", "sandbox", [LOSS], STATE)
    assert first == change_id("prod", "sandbox", [LOSS], STATE)
    others = [
        change_id("dev", "sandbox", [LOSS], STATE),
        change_id("prod", "snowflake", [LOSS], STATE),
        change_id("prod", "sandbox", [LOSS, LOSS], STATE),
        change_id("prod", "sandbox", [LOSS], STATE | {"manifest": {"time": "later"}}),
        change_id("prod", "sandbox", [LOSS], STATE | {"resources": []}),
    ]
    assert first not in others
    assert len(set(others)) == len(others)
