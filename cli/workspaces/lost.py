"""A workspace whose schema somebody dropped: its state forgets what went with the schema.

A grant of ALL PRIVILEGES cannot be read back, so a refresh by itself keeps it: a schema that is
made anew would stay without the grant, and taking the workspace down would fail at revoking it.

https://registry.terraform.io/providers/snowflakedb/snowflake/latest/docs/resources/grant_privileges_to_account_role
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from cli.deployment import refreshing, state

if TYPE_CHECKING:
    from cli.workbench import Workbench

_SCHEMA: Final = ":Schema"
_GRANTS: Final = ":GrantPrivilegesToAccountRole"
_ON_IT: Final = frozenset({"onSchema", "onSchemaObject"})


def forget_schema(bench: Workbench, deployment: Mapping[str, Any]) -> None:
    """Take the schema and the grants in it out of the state.

    Raises:
        NotUsableError: the engine refused the state; it is as it was.
    """
    gone = went_with_schema(deployment)
    if gone:
        state.write(bench.stack, bench.variables, refreshing.without(deployment, gone))


def went_with_schema(deployment: Mapping[str, Any]) -> set[str]:
    """The URNs of what cannot be there without the workspace's schema."""
    return {
        entry["urn"]
        for entry in deployment.get("resources") or ()
        if entry["type"].endswith(_SCHEMA)
        or (entry["type"].endswith(_GRANTS) and _ON_IT & set(entry.get("inputs") or ()))
    }
