"""What a killed run half made is dropped, by its full name."""

from __future__ import annotations

from typing import Any

import pytest

from cli.deployment.repair import KINDS, drop_statement, in_words


def resource(kind: str, **inputs: str) -> dict[str, Any]:
    """A resource of a pending operation."""
    token = f"snowflake:index/{kind[0].lower()}{kind[1:]}:{kind}"
    return {
        "type": token,
        "urn": f"urn:pulumi:local::leap::{token}::{inputs.get('name')}",
        "inputs": inputs,
    }


@pytest.mark.parametrize(
    ("made", "statement"),
    [
        (resource("Warehouse", name="BI_WH"), 'DROP WAREHOUSE IF EXISTS "BI_WH"'),
        (resource("Schema", name="RAW", database="D"), 'DROP SCHEMA IF EXISTS "D"."RAW"'),
        (
            resource("Pipe", name="P", database="D", schema="RAW"),
            'DROP PIPE IF EXISTS "D"."RAW"."P"',
        ),
        (resource("AccountRole", name='odd"name'), 'DROP ROLE IF EXISTS "odd""name"'),
        (resource("GrantPrivilegesToAccountRole", accountRoleName="R"), None),
        ({"type": "pulumi:providers:snowflake", "inputs": {"name": "x"}}, None),
        ({"type": "pulumi-python:dynamic:Resource", "inputs": {"name": "x"}}, None),
    ],
)
def test_what_may_be_half_made_is_dropped_by_its_full_name(
    made: dict[str, Any], statement: str | None
) -> None:
    assert drop_statement(made) == statement


def test_a_pending_operation_is_named() -> None:
    operation = {"type": "creating", "resource": resource("Warehouse", name="BI_WH")}
    assert in_words(operation) == "creating Warehouse BI_WH"


def test_every_kind_with_a_name_of_ours_can_be_dropped() -> None:
    assert all(drop_statement(resource(kind, name="X", database="D")) for kind in KINDS)
