"""All workspaces on a foundation, by the account and by the backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cli.deployment import stack as stacks
from cli.workspaces import account, plan, register
from cli.workspaces.register import Entry

LOOKING: Final = "dev-someone"
"""A stack whose environment says who may look: developers."""


def look(foundation: str | None, login: str | None, variables: Mapping[str, str]) -> list[Entry]:
    """Every workspace on that foundation, as a developer's own login sees it."""
    from infra import stack as names

    chosen = plan.foundation_of(names.parse(LOOKING), foundation)
    where = account.place(LOOKING, chosen)
    known = {}
    for name in stacks.known(variables):
        try:
            stack = names.parse(name)
        except names.UnknownStackError:
            continue
        if stack.kind is names.StackKind.WORKSPACE:
            known[name] = plan.values(stack).get("foundation", chosen)
    with account.opened(where, where.user(login), where.role) as connection:
        return register.entries(connection, where, known)
