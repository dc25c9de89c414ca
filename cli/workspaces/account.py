"""The account as a workspace's owner sees it: their own login, and never an administrator's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.errors import BadInputError, NotUsableError
from cli.target import SANDBOX, ask, connected, sandbox_login

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    from infra.model.workspace import Workspace
    from infra.settings import Settings


@dataclass(frozen=True, slots=True)
class Place:
    """A foundation, seen as the place of workspaces of one environment (`personal` or `ci`)."""

    settings: Settings
    """Of the foundation."""
    layered: Settings
    """Of a workspace on it."""

    @property
    def database(self) -> str:
        """The foundation's database."""
        environment = self.layered.environment
        return environment.naming.account(environment.database.name)

    @property
    def role(self) -> str:
        """The role that works in such workspaces."""
        return self.layered.environment.naming.account(self._facts.role)

    @property
    def deployer(self) -> str:
        """The role that makes them."""
        environment = self.layered.environment
        return environment.naming.account(environment.workspaces.deployer)

    @property
    def warehouse(self) -> str:
        """What they are made with."""
        return self.layered.environment.naming.account(self._facts.warehouse)

    @property
    def _facts(self) -> Workspace:
        from infra import settings

        return settings.workspace_facts(self.layered)

    def user(self, given: str | None) -> str:
        """The person who works there: who was named, or the sandbox's person of that role.

        Raises:
            BadInputError: nobody was named, and nobody can be guessed.
        """
        if given:
            return given.upper()
        if self.settings.config.target != SANDBOX:
            if said := os.environ.get("SNOWFLAKE_USER"):
                return said.upper()
            raise BadInputError("--login: got nothing, allowed: your user in the account")
        environment = self.layered.environment
        for name, person in environment.people.items():
            if person.role == self._facts.role:
                return environment.naming.account(name)
        raise BadInputError(
            f"--login: got nothing, allowed: a user with the role {self.role} "
            f"({self.settings.stack.name} has no people)"
        )


def place(stack_name: str, foundation: str) -> Place:
    """The place of a workspace with that stack name on that foundation.

    Raises:
        SettingsError: the facts of either are wrong.
    """
    from cli.paths import ROOT
    from infra import settings

    below = settings.load(ROOT, foundation)
    values = {"leap:foundation": foundation, "leap:target": str(below.config.target)}
    for key in ("organization_name", "account_name", "user"):
        values[f"leap:{key}"] = getattr(below.config, key)
    return Place(below, settings.load(ROOT, stack_name, values))


@contextmanager
def opened(where: Place, user: str, role: str) -> Iterator[SnowflakeConnection]:
    """A connection of that person, in that role, with the warehouse that workspaces are made with.

    Raises:
        BadInputError: the foundation is not deployed, or the person may not use the role.
    """
    if where.settings.config.target == SANDBOX:
        arguments = sandbox_login(user, role)
    else:
        name = os.environ.get("SNOWFLAKE_DEFAULT_CONNECTION_NAME", "default")
        arguments = {"connection_name": name, "role": role}
    arguments["warehouse"] = where.warehouse
    name = where.settings.stack.name
    try:
        with connected(arguments) as connection:
            yield connection
    except NotUsableError as error:
        raise BadInputError(
            f"{user} cannot work as {role} in the account of {name}: {error.__cause__}",
            f"Allowed: a foundation that is deployed (leap up --stack {name}), and a login that "
            f"has the role (leap access can {user} USAGE {role} --live --stack {name})",
        ) from error


def statement(connection: SnowflakeConnection, text: str) -> list[dict[str, Any]]:
    """The rows of one statement."""
    return ask(connection, text).dicts()
