"""Entries that left the state although what they speak of still stands.

What goes with its container (`deletedWith`) leaves the state without a statement of its own. Where
the container's own removal then fails, because a plugin died, all of it stands and only the
container is known. The state of the last good run still has the entries: they are put back, and the
account is asked. What somebody else made anew in between is theirs and stays out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from cli.deployment import objects, refreshing, state
from cli.deployment.objects import Named
from infra.model.naming import of_second_account


def returned(
    deployment: Mapping[str, Any],
    before: Mapping[str, Any],
    remade: Collection[Named],
    rows: Callable[[str], list[Any]],
    *,
    second: bool = False,
) -> dict[str, Any] | None:
    """The deployment with what it lost; None where it lost nothing.

    `before` is the state of the last good run, `remade` what was made since then by anybody;
    `rows` asks the account, the `second` one for what is there.
    """
    known = {entry["urn"] for entry in deployment.get("resources") or ()}
    missing = [
        entry
        for entry in before.get("resources") or ()
        if entry["urn"] not in known and not entry.get("delete")
        if (named := objects.of_resource(entry)) is not None and named not in remade
        if of_second_account(str(entry.get("provider") or "")) is second
    ]
    gone = refreshing.not_standing({"resources": missing}, rows, second=second)
    standing = [entry["urn"] for entry in missing if entry["urn"] not in gone]
    if not standing:
        return None
    return state.with_entries(deployment, state.closure(before, standing))
