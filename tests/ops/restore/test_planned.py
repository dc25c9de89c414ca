"""What a plan would destroy, told from its steps: an all-clean plan, and one thing broken in it."""

from __future__ import annotations

from typing import Any

import pytest

from ops.restore.planned import Loss, Step, Why, losses, removal, steps

SCHEMA = "snowflake:index/schema:Schema"
TABLE = "snowflake:index/table:Table"
RAW = {"database": "D", "name": "RAW"}
GYMS = {"database": "D", "schema": "RAW", "name": "GYMS"}


def step(op: str, token: str, old: Any = None, new: Any = None, **more: Any) -> Step:
    """One step of a plan; protected afterwards unless it says otherwise."""
    given: dict[str, Any] = {"outputs": {}, "protect": True} | more
    urn = f"urn:pulumi:prod::leap::{token}::{(old or new or {}).get('name')}"
    return Step(op, urn, token, old or {}, new or {}, **given)


def found(*plan: Step, protected: bool = False) -> list[tuple[str, str, Why]]:
    """The losses, briefly."""
    urns = {one.urn for one in plan} if protected else set()
    return [(loss.kind, loss.name, loss.why) for loss in losses(plan, urns)]


def test_what_only_grows_loses_nothing() -> None:
    grown = {**RAW, "dataRetentionTimeInDays": 9}
    assert not found(
        step("create", SCHEMA, new=RAW),
        step("same", SCHEMA, RAW, RAW),
        step("update", SCHEMA, {**RAW, "dataRetentionTimeInDays": 7}, grown),
        step("delete", "snowflake:index/accountRole:AccountRole", {"name": "R"}),
        step("delete", "snowflake:index/stage:Stage", {**GYMS, "url": "s3://b/"}),
    )


@pytest.mark.parametrize(
    ("token", "inputs", "kind", "name"),
    [
        ("snowflake:index/database:Database", {"name": "D"}, "DATABASE", "D"),
        (SCHEMA, RAW, "SCHEMA", "D.RAW"),
        (TABLE, GYMS, "TABLE", "D.RAW.GYMS"),
        ("snowflake:index/stage:Stage", GYMS, "STAGE", "D.RAW.GYMS"),
        ("snowflake:index/streamOnTable:StreamOnTable", GYMS, "STREAM", "D.RAW.GYMS"),
        ("pulumi-python:dynamic/aws:Bucket", {"bucket": "b"}, "BUCKET", "b"),
    ],
)
@pytest.mark.parametrize(("op", "why"), [("delete", Why.DROP), ("replace", Why.REPLACE)])
def test_what_holds_data_is_lost_when_it_goes(
    token: str, inputs: dict[str, str], kind: str, name: str, op: str, why: Why
) -> None:
    assert found(step(op, token, inputs)) == [(kind, name, why)]


def test_the_three_steps_of_a_replacement_are_one_loss() -> None:
    ops = ("create-replacement", "replace", "delete-replaced")
    assert found(*(step(op, SCHEMA, RAW, RAW) for op in ops)) == [("SCHEMA", "D.RAW", Why.REPLACE)]


def test_whatever_is_protected_counts() -> None:
    pipe = step("delete", "snowflake:index/pipe:Pipe", {"name": "P"})
    assert found(pipe) == []
    assert found(pipe, protected=True) == [("Pipe", "P", Why.DROP)]


def test_protection_that_is_taken_off_counts() -> None:
    kept = step("same", SCHEMA, RAW, RAW)
    bare = step("same", SCHEMA, RAW, RAW, protect=False)
    assert found(kept, protected=True) == []
    assert found(bare, protected=True) == [("SCHEMA", "D.RAW", Why.PROTECTION)]


@pytest.mark.parametrize(
    ("old", "new", "outputs", "detail"),
    [
        (7, 1, {}, "7 to 1 days"),
        (7, None, {}, "7 days to what it inherits"),
        (None, 0, {"dataRetentionTimeInDays": 7}, "7 to 0 days"),
        (-1, -1, {"dataRetentionTimeInDays": -1}, None),
        (1, 7, {}, None),
    ],
)
def test_a_shorter_retention_counts(
    old: int | None, new: int | None, outputs: dict[str, int], detail: str | None
) -> None:
    def written(days: int | None) -> dict[str, Any]:
        return RAW | ({} if days is None else {"dataRetentionTimeInDays": days})

    plan = [step("update", SCHEMA, written(old), written(new), outputs=outputs)]
    assert [loss.detail for loss in losses(plan, ())] == ([] if detail is None else [detail])


@pytest.mark.parametrize(
    ("old", "new", "detail"),
    [
        ({"A": "TEXT", "B": "TEXT"}, {"A": "TEXT"}, "B dropped"),
        ({"A": "NUMBER(10,2)"}, {"A": "NUMBER(9,2)"}, "A NUMBER(10,2) to NUMBER(9,2)"),
        ({"A": "NUMBER(10,2)"}, {"A": "NUMBER(38,2)"}, None),
        ({"A": "VARCHAR"}, {"A": "VARCHAR(10)"}, "A VARCHAR to VARCHAR(10)"),
        ({"A": "VARCHAR(10)"}, {"A": "TEXT"}, None),
        ({"A": "TIMESTAMP_NTZ"}, {"A": "TIMESTAMP_NTZ(3)"}, "A TIMESTAMP_NTZ to TIMESTAMP_NTZ(3)"),
        ({"A": "TEXT"}, {"A": "DATE"}, "A TEXT to DATE"),
        ({"A": "TEXT"}, {"A": "TEXT", "B": "DATE"}, None),
    ],
)
def test_a_column_that_goes_or_narrows_counts(
    old: dict[str, str], new: dict[str, str], detail: str | None
) -> None:
    def written(columns: dict[str, str]) -> dict[str, Any]:
        return {**GYMS, "columns": [{"name": n, "type": t} for n, t in columns.items()]}

    plan = [step("update", TABLE, written(old), written(new))]
    assert [loss.detail for loss in losses(plan, ())] == ([] if detail is None else [detail])


def test_ownership_that_moves_counts_where_the_object_stands_before_and_after() -> None:
    token = "snowflake:index/grantOwnership:GrantOwnership"
    on = {"objectType": "SCHEMA", "objectName": '"D"."RAW"'}
    moved = step("create", token, new={"on": on, "accountRoleName": "R"})
    assert found(step("same", SCHEMA, RAW, RAW), moved) == [("SCHEMA", "D.RAW", Why.OWNER)]
    assert found(step("create", SCHEMA, new=RAW), moved) == []


def test_steps_are_read_from_the_engines_events() -> None:
    old = {"inputs": RAW, "outputs": {"x": 1}, "protect": True}
    body = {"op": "delete", "urn": "u", "type": SCHEMA, "old": old}
    events: list[dict[str, Any]] = [{"resourcePreEvent": {"metadata": body}}, {"cancelEvent": {}}]
    assert steps(events) == [Step("delete", "u", SCHEMA, RAW, {}, {"x": 1}, False)]


def test_a_removal_takes_everything_that_holds_data() -> None:
    resources = [
        {"urn": "s", "type": "pulumi:pulumi:Stack", "custom": False},
        {"urn": "u", "type": SCHEMA, "custom": True, "inputs": RAW},
    ]
    assert losses(removal({"resources": resources}), ()) == [
        Loss("SCHEMA", ("D", "RAW"), Why.DROP, "", "u")
    ]
