"""What lies in a schema is made anew with it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from infra.components import contents

OPERATIONS: Any = object()
TABLE = "snowflake:index/table:Table"


def transformed(
    monkeypatch: pytest.MonkeyPatch, kind: str, **props: str
) -> pulumi.ResourceOptions | None:
    """The options that a resource gets which is declared with some; None for its own."""
    given: list[Any] = []
    nobody: Any = None
    monkeypatch.setattr(pulumi.runtime, "register_stack_transformation", given.append)
    contents.go_with("LEAP", {"OPERATIONS": OPERATIONS})
    own = pulumi.ResourceOptions(protect=True)
    (transform,) = given
    found = transform(pulumi.ResourceTransformationArgs(nobody, kind, "name", props, own))
    return None if found is None else found.opts


def test_an_object_in_a_schema_goes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    options = transformed(monkeypatch, TABLE, database="LEAP", schema="OPERATIONS")
    assert options is not None
    assert options.protect
    assert options.deleted_with is OPERATIONS
    assert options.replace_with == [OPERATIONS]
    assert options.delete_before_replace


@pytest.mark.parametrize(
    ("kind", "props"),
    [
        (TABLE, {"database": "OTHER", "schema": "OPERATIONS"}),
        (TABLE, {"database": "LEAP", "schema": "PUBLIC"}),
        ("snowflake:index/schema:Schema", {"database": "LEAP", "name": "OPERATIONS"}),
        ("aws:glue/table:Table", {"database": "LEAP", "schema": "OPERATIONS"}),
    ],
)
def test_all_else_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch, kind: str, props: dict[str, str]
) -> None:
    assert transformed(monkeypatch, kind, **props) is None
