"""Two states of one stack compared: the rebuilt one has to speak of the same objects."""

from __future__ import annotations

from typing import Any

from ops.rebuild import compare
from ops.rebuild.planned import HIDDEN, SIGNATURE

USER = "snowflake:index/user:User"
GRANT = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole"


def state(*entries: dict[str, Any]) -> dict[str, Any]:
    """One with these."""
    return {"resources": list(entries)}


def entry(token: str, name: str, id_: str, **inputs: Any) -> dict[str, Any]:
    """One of a state."""
    urn = f"urn:pulumi:local::leap::{token}::{name}"
    return {"urn": urn, "type": token, "id": id_, "custom": True, "inputs": inputs}


def test_the_same_objects_are_no_difference() -> None:
    password = {SIGNATURE: HIDDEN, "ciphertext": "v1:a"}
    lost = state(
        entry("pulumi:providers:snowflake", "admin", "one"),
        entry(USER, "leo", "LEO", password=password, __defaults=["disabled"]),
        entry(GRANT, "g", '"R"|false|false|A,B|OnAccount'),
    )
    again = {SIGNATURE: HIDDEN, "ciphertext": "v1:b"}
    rebuilt = state(
        entry("pulumi:providers:snowflake", "admin", "two"),
        entry(USER, "leo", "LEO", password=again),
        entry(GRANT, "g", '"R"|false|false|B,A|OnAccount'),
    )
    assert compare.differences(lost, rebuilt) == []
    assert compare.inputs_alike(lost, rebuilt) == 2


def test_less_more_and_another_id_are_told_by_name() -> None:
    lost = state(entry(USER, "leo", "LEO"), entry(USER, "ana", "ANA"))
    rebuilt = state(entry(USER, "ana", "ANNA"), entry(USER, "new", "NEW"))
    assert compare.differences(lost, rebuilt) == [
        "User leo is missing",
        "User new was not there",
        "User ana is 'ANNA', and was 'ANA'",
    ]


def test_what_was_going_already_is_not_compared() -> None:
    going = {**entry(USER, "leo", "OLD"), "delete": True}
    assert compare.differences(state(going), state()) == []
