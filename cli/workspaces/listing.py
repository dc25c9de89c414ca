"""All workspaces on a foundation, by the account and by the backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from cli.deployment import stack as stacks
from cli.errors import FoundError
from cli.target import ask, connected
from cli.workspaces import account, plan, register
from ingestion.quoting import identifier

if TYPE_CHECKING:
    from cli.workbench import Workbench
    from cli.workspaces.account import Place
    from cli.workspaces.register import Entry

LOOKING: Final = "dev-someone"
"""A stack whose environment says who may look: developers."""


def place(foundation: str | None) -> Place:
    """Where one looks for them.

    Raises:
        BadInputError: that is no foundation.
    """
    from infra import stack as names

    return account.place(LOOKING, plan.foundation_of(names.parse(LOOKING), foundation))


def look(where: Place, user: str, variables: Mapping[str, str]) -> list[Entry]:
    """Every workspace there, as that person's own login sees it."""
    known = _known(where.settings.stack.name, variables)
    with account.opened(where, user, where.role) as connection:
        return register.entries(connection, where, known)


def find(where: Place, stack: str, user: str, variables: Mapping[str, str]) -> Entry | None:
    """One of them, or what is left of it; None for nothing."""
    return next((entry for entry in look(where, user, variables) if entry.stack == stack), None)


def refuse_while_any_stands(bench: Workbench) -> None:
    """Do nothing for a foundation without workspaces.

    Raises:
        FoundError: workspaces stand on it. What they hold would go, and what is left of them could
            not be taken down any more: the role that owns it goes with the foundation.
    """
    environment = bench.settings.environment
    database = environment.naming.account(environment.database.name)
    with connected(bench.login()) as connection:
        standing = ask(connection, "SHOW DATABASES").dicts()
        if all(row["name"] != database for row in standing):
            return
        schemas = ask(connection, f"SHOW SCHEMAS IN DATABASE {identifier(database)}").dicts()
    found = [said for row in schemas if (said := register.read_comment(row["comment"]))]
    if found:
        names = ", ".join(f"{said.get('stack')} of {said.get('owner')}" for said in found)
        raise FoundError(
            f"Workspaces stand on {bench.stack}: {names}. Nothing was done.",
            "Take them down first: leap dev down NAME",
        )


def _known(foundation: str, variables: Mapping[str, str]) -> dict[str, str]:
    """The backend's workspaces, each with its foundation; that one, where no file says."""
    from infra import stack as names

    known = {}
    for name in stacks.known(variables):
        try:
            stack = names.parse(name)
        except names.UnknownStackError:
            continue
        if stack.kind is names.StackKind.WORKSPACE:
            known[name] = plan.values(stack).get("foundation", foundation)
    return known
