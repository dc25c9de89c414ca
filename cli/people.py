"""The people of the sandbox: one for each functional role, who can log in with a test password."""

from __future__ import annotations

from typing import Any, Final

from cli.errors import BadInputError
from cli.target import ask, connected, running_sandbox, sandbox_login

ADMIN_ROLE: Final = "ACCOUNTADMIN"


def people_by_role() -> dict[str, dict[str, str]]:
    """User and password by default role, as the live account has them, and the administrator.

    Of several people with the same default role the first by name is taken.
    """
    connection = running_sandbox().snowflake
    with connected(sandbox_login()) as account:
        users = ask(account, "SHOW USERS").dicts()
    people = {ADMIN_ROLE: {"user": connection.admin.user, "password": connection.admin.password}}
    for user in sorted(users, key=lambda row: str(row["name"])):
        role = str(user.get("default_role") or "").strip('"')
        has_password = str(user.get("has_password")).lower() == "true"
        if role and has_password and user["name"] != connection.admin.user:
            people.setdefault(
                role, {"user": str(user["name"]), "password": connection.people_password}
            )
    return people


def login_as(role: str | None) -> dict[str, Any]:
    """Connector arguments for the person of a role; None is the administrator.

    Raises:
        BadInputError: nobody in the account has it as default role.
    """
    if role is None:
        return sandbox_login()
    people = people_by_role()
    wanted = role.upper()
    if wanted not in people:
        raise BadInputError(f"--role: got {role!r}, allowed: {', '.join(people)}")
    if wanted == ADMIN_ROLE:
        return sandbox_login()
    return sandbox_login(people[wanted]["user"], wanted)
