"""The engine's event log, reduced to counts, errors and denials."""

from __future__ import annotations

import json
from typing import Any

from cli.deployment.events import Denial, Tally

URN = "urn:pulumi:local::leap::snowflake:index/warehouse:Warehouse::BI_WH"


def tally_of(*events: dict[str, Any]) -> Tally:
    """A tally that has taken these events."""
    tally = Tally()
    for event in events:
        tally.take(json.dumps(event))
    return tally


def step(operation: str, urn: str = URN, **more: Any) -> dict[str, Any]:
    """A resource's step, as the engine writes it."""
    return {"metadata": {"op": operation, "urn": urn, "type": urn.split("::")[2], **more}}


def test_a_change_says_what_happens_to_what_and_which_properties() -> None:
    tally = tally_of(
        {"resourcePreEvent": step("update", detailedDiff={"warehouseSize": {"diffKind": "update"}})}
    )
    change = tally.changes[0]
    assert (change.operation, change.kind, change.name) == ("update", "Warehouse", "BI_WH")
    assert change.properties == ("warehouseSize",)


def test_what_stays_the_same_is_counted_but_is_no_change() -> None:
    tally = tally_of({"resourcePreEvent": step("same")}, {"resOutputsEvent": step("same")})
    assert tally.changes == []
    assert tally.changed == {}
    assert tally.progress() == "1 unchanged"


def test_a_failed_run_waits_for_nothing_when_no_operation_is_under_way() -> None:
    stack = "urn:pulumi:local::leap::pulumi:pulumi:Stack::leap-local"
    begun = {"resourcePreEvent": step("create", new={"custom": True})}
    last = {"resourcePreEvent": step("same", stack, new={"id": ""})}  # its outputs come at the end
    failed = {"resOpFailedEvent": step("update", URN.replace("BI", "DEV"))}
    assert not tally_of(last, begun).waits_for_nothing
    assert not tally_of(last, begun, failed).waits_for_nothing
    ended = {"resOutputsEvent": step("create")}
    assert tally_of(last, begun, failed, ended).waits_for_nothing
    assert not tally_of(last, begun, ended).waits_for_nothing


def test_the_summary_decides_over_the_running_count() -> None:
    tally = tally_of(
        {"resOutputsEvent": step("create")},
        {"summaryEvent": {"resourceChanges": {"create": 3, "same": 4}}},
    )
    assert tally.changed == {"create": 3}


def test_an_error_is_kept_once_in_full_without_colours_and_names_its_resource() -> None:
    said = {"urn": URN, "severity": "error", "message": "<{%fg 1%}>no\nroom<{%reset%}>"}
    tally = tally_of({"diagnosticEvent": said}, {"diagnosticEvent": said})
    assert tally.errors == ["Warehouse BI_WH: no\nroom"]


def test_what_the_bridge_and_the_engine_say_a_second_time_is_passed_over() -> None:
    said = [
        {"urn": URN, "severity": "error", "message": "sdk-v2/provider2.go:571: no room: provider"},
        {"urn": URN, "severity": "error", "message": "1 error occurred:\n\t* no room"},
        {"severity": "error", "message": "update failed"},
    ]
    tally = tally_of(*({"diagnosticEvent": event} for event in said))
    assert tally.errors == ["Warehouse BI_WH: 1 error occurred:\n\t* no room"]


def test_an_ephemeral_message_is_passed_over() -> None:
    said = {"severity": "error", "message": "wait", "ephemeral": True}
    assert tally_of({"diagnosticEvent": said}).errors == []


def test_a_denial_names_the_policy_and_the_resource() -> None:
    judged = {
        "resourceUrn": URN,
        "policyName": "warehouse-suspends",
        "message": "too long",
        "enforcementLevel": "mandatory",
    }
    tally = tally_of({"policyEvent": judged}, {"policyEvent": judged})
    assert tally.denials == [
        Denial("warehouse-suspends", "Warehouse BI_WH", "too long", mandatory=True)
    ]


def test_events_of_a_kind_that_is_not_known_are_passed_over() -> None:
    assert tally_of({"preludeEvent": {"config": {}}, "sequence": 1}).changed == {}
