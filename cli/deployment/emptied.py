"""What a state believes to stand in a schema or database that another one has come in the place of.

A container that comes back by UNDROP has in it what it had when it was dropped: what was made in
its successor is in the successor. Such entries leave the state, and with them what is only set on
these objects; the next run makes all of it again.
https://docs.snowflake.com/en/sql-reference/sql/undrop-schema
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from cli.deployment import refreshing, state
from infra.model.urn import kind_of

if TYPE_CHECKING:
    from cli.deployment.objects import Named
    from cli.workbench import Workbench


def let_go(
    bench: Workbench, deployment: Mapping[str, Any], containers: Collection[Named]
) -> Mapping[str, Any]:
    """Let what the account does not have in these containers leave the state, as it then is."""
    inside = within(deployment, containers)
    gone = refreshing.not_in_account(bench, {"resources": inside}) if inside else set()
    if not gone:
        return deployment
    left = refreshing.without(deployment, gone | set_on(deployment, gone))
    state.write(bench.stack, bench.variables, left)
    return left


def within(deployment: Mapping[str, Any], containers: Collection[Named]) -> list[Mapping[str, Any]]:
    """The entries of objects of the first account that lie in one of the containers."""
    found = refreshing.objects_in(deployment, second=False)
    return [
        entry
        for entry in deployment.get("resources") or ()
        if (named := found.get(entry["urn"])) is not None
        if any(named.is_inside(around) for around in containers)
    ]


def going_with(deployment: Mapping[str, Any], urns: Collection[str]) -> list[str]:
    """The entries that are made anew with these resources."""
    return [
        entry["urn"]
        for entry in deployment.get("resources") or ()
        if any(urn in urns for urn in entry.get("replaceWith") or ())
    ]


def set_on(deployment: Mapping[str, Any], urns: Collection[str]) -> set[str]:
    """What is only set on some resources, or granted on them: it can be set again at any time."""
    return {
        entry["urn"]
        for entry in deployment.get("resources") or ()
        if any(urn in urns for urn in entry.get("dependencies") or ())
        if _is_set(kind_of(entry["type"]))
    }


def _is_set(kind: str) -> bool:
    return kind in refreshing.SET_ON_SOMETHING or kind.startswith(refreshing.GRANTS)
