"""People who were given a repository by name, beside teams.

Everybody with a well-formed login is a member of the organization here, so nobody has to accept an
invitation. https://docs.github.com/en/rest/collaborators/collaborators
"""

from __future__ import annotations

import re
from typing import Any, Final

from sandbox.github.call import NO_CONTENT, Answer, Call, Endpoint, Right, page
from sandbox.github.errors import ForbiddenError, NotFoundError, UnprocessableError
from sandbox.github.organizations import PERMISSIONS
from sandbox.github.store import Document

_LOGIN: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?"
_ROLES: Final = {"pull": "read", "push": "write"}


def _login(call: Call) -> str:
    login = call.params["login"]
    if not re.fullmatch(_LOGIN, login):
        raise NotFoundError
    return login


def _key(call: Call, *login: str) -> str:
    return call.key("collaborators", *login)


def _shown(login: str, number: int, permission: str) -> dict[str, Any]:
    level = PERMISSIONS.index(permission)
    return {
        "login": login,
        "id": number,
        "type": "User",
        "site_admin": False,
        "permissions": {name: PERMISSIONS.index(name) <= level for name in PERMISSIONS},
        "role_name": _ROLES.get(permission, permission),
    }


def _list(call: Call) -> Answer:
    call.repository()
    if call.actor.right < Right.ADMIN:
        raise ForbiddenError("Must have push access to view repository collaborators.")
    kept = call.store.below("collaborator", f"{_key(call)}/")
    found = [_shown(one["login"], one["id"], one["permission"]) for one in kept]
    if call.query.get("affiliation", "all") == "all":
        found.insert(0, _shown(call.actor.login, call.actor.id, "admin"))
    return Answer(page(call, found))


def _put(call: Call) -> Answer:
    call.repository(Right.ADMIN, told=True)
    login, permission = _login(call), call.body.get("permission") or "push"
    if permission not in PERMISSIONS:
        raise UnprocessableError(f"Invalid permission: {permission}")
    earlier: Document | None = call.store.get("collaborator", _key(call, login))
    number = earlier["id"] if earlier else call.store.number()
    made = {"login": login, "id": number, "permission": permission}
    call.store.put("collaborator", _key(call, login), made)
    return NO_CONTENT


def _delete(call: Call) -> Answer:
    call.repository(Right.ADMIN, told=True)
    call.store.remove("collaborator", _key(call, _login(call)))
    return NO_CONTENT


_PATH: Final = "/repos/{owner}/{repo}/collaborators"
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    ("GET", _PATH, _list),
    ("PUT", f"{_PATH}/{{login}}", _put),
    ("DELETE", f"{_PATH}/{{login}}", _delete),
)
