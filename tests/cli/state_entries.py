"""Entries of a state, as the engine exports them."""

from __future__ import annotations

from typing import Any


def entry(kind: str, name: str, schema: str = "S", **more: Any) -> dict[str, Any]:
    """A resource of the state with a name of its own; all but a warehouse lie in database D."""
    token = f"snowflake:index/{kind.lower()}:{kind}"
    inputs = {"name": name, **({} if kind == "Warehouse" else {"database": "D", "schema": schema})}
    urn = f"urn:pulumi:local::leap::{token}::{name}"
    return {"urn": urn, "type": token, "id": name, "inputs": inputs, **more}
