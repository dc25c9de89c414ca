"""The organization, its users and its teams, with what the teams may do in repositories.

https://docs.github.com/en/rest/teams/teams and https://docs.github.com/en/rest/orgs/orgs
"""

from __future__ import annotations

import re
from typing import Any, Final

from sandbox.github.call import NO_CONTENT, Actor, Answer, Call, Endpoint, Right, page
from sandbox.github.errors import NotFoundError, UnprocessableError, ValidationError
from sandbox.github.repositories import shown
from sandbox.github.store import Document, moment

ORGANIZATION_ID: Final = 1
PERMISSIONS: Final = ("pull", "triage", "push", "maintain", "admin")
_PRIVACY: Final = ("secret", "closed")
_NOTICE: Final = ("notifications_enabled", "notifications_disabled")


def organization(call: Call, login: str) -> Document:
    """The organization by its login.

    Raises:
        NotFoundError: it is another one.
    """
    if login.lower() != call.organization.lower():
        raise NotFoundError
    return {
        "login": call.organization,
        "id": ORGANIZATION_ID,
        "node_id": f"O_{ORGANIZATION_ID}",
        "url": f"{call.base_url}/orgs/{call.organization}",
        "type": "Organization",
        "name": call.organization,
        "web_commit_signoff_required": False,
    }


def user(actor: Actor) -> Document:
    """A person as GitHub shows them."""
    return {
        "login": actor.login,
        "id": actor.id,
        "node_id": f"U_{actor.id}",
        "name": actor.login,
        "type": "User",
        "site_admin": False,
    }


def team_of(call: Call, slug: str) -> Document:
    """A team by its slug.

    Raises:
        NotFoundError: there is none.
    """
    found = call.store.get("team", f"{call.organization}/{slug}")
    if found is None:
        raise NotFoundError
    return found


def _team(call: Call) -> Document:
    """The team that the path names, by slug or by id."""
    slug = call.params.get("slug")
    if slug is not None:
        organization(call, call.params["org"])
        return team_of(call, slug)
    wanted = int(call.params["team_id"])
    teams = call.store.below("team", f"{call.organization}/")
    found = next((team for team in teams if team["id"] == wanted), None)
    if found is None:
        raise NotFoundError
    return found


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-")


def _checked(body: Document) -> Document:
    """The settings of a team that a request gives."""
    given: dict[str, Any] = {
        name: body[name]
        for name in ("name", "description", "privacy", "notification_setting")
        if body.get(name) is not None
    }
    for name, allowed in (("privacy", _PRIVACY), ("notification_setting", _NOTICE)):
        if name in given and given[name] not in allowed:
            raise ValidationError("Team", name)
    return given


def _create(call: Call) -> Answer:
    call.administer(call.params["org"])
    given = _checked(call.body)
    if not given.get("name"):
        raise ValidationError("Team", "name", "missing_field")
    slug = _slug(given["name"])
    key = f"{call.organization}/{slug}"
    if call.store.get("team", key):
        raise ValidationError("Team", "name", "already_exists", "Name must be unique for this org")
    number = call.store.number()
    made = {
        "id": number,
        "node_id": f"T_{number}",
        "slug": slug,
        "description": None,
        "privacy": "secret",
        "notification_setting": _NOTICE[0],
        "permission": "pull",
        "parent": None,
        "members_count": 0,
        "repos_count": 0,
        "created_at": moment(),
        **given,
    }
    call.store.put("team", key, made)
    return Answer(made, 201)


def _edit(call: Call) -> Answer:
    team = _team(call)
    call.administer(call.organization)
    changed = {**team, **_checked(call.body)}
    changed["slug"] = _slug(changed["name"])
    old, new = (f"{call.organization}/{one['slug']}" for one in (team, changed))
    if old != new:
        if call.store.get("team", new):
            raise ValidationError("Team", "name", "already_exists")
        call.store.remove("team", old)
    call.store.put("team", new, changed)
    return Answer(changed)


def _delete(call: Call) -> Answer:
    team = _team(call)
    call.administer(call.organization)
    call.store.remove("team", f"{call.organization}/{team['slug']}")
    for key, _ in call.store.entries("access"):
        if key.endswith(f"/teams/{team['id']}"):
            call.store.remove("access", key)
    return NO_CONTENT


def _access_key(call: Call, team: Document) -> str:
    return call.key("teams", str(team["id"]))


def _give(call: Call) -> Answer:
    team = _team(call)
    call.repository()
    call.administer(call.organization)
    permission = call.body.get("permission") or "push"
    if permission not in PERMISSIONS:
        raise UnprocessableError(f"Invalid permission: {permission}")
    call.store.put("access", _access_key(call, team), {"permission": permission})
    return NO_CONTENT


def _given(call: Call) -> Answer:
    team = _team(call)
    repository = call.repository()
    held = call.store.get("access", _access_key(call, team))
    if held is None:
        raise NotFoundError
    level = PERMISSIONS.index(held["permission"])
    permissions = {name: PERMISSIONS.index(name) <= level for name in PERMISSIONS}
    role = {"pull": "read", "push": "write"}.get(held["permission"], held["permission"])
    answer = {**shown(call, repository), "permissions": permissions, "role_name": role}
    return Answer(answer)


def _take(call: Call) -> Answer:
    team = _team(call)
    call.repository()
    call.administer(call.organization)
    call.store.remove("access", _access_key(call, team))
    return NO_CONTENT


def _of_repository(call: Call) -> Answer:
    call.repository()
    held = []
    for team in call.store.below("team", f"{call.organization}/"):
        access = call.store.get("access", _access_key(call, team))
        if access is not None:
            held.append({**team, "permission": access["permission"]})
    return Answer(page(call, held))


def _membership(call: Call) -> Answer:
    """What the token's person is in the organization; a stranger is no member."""
    found = organization(call, call.params["org"])
    if call.actor.right < Right.READ:
        raise NotFoundError
    role = "admin" if call.actor.right is Right.ADMIN else "member"
    return Answer(
        {"state": "active", "role": role, "organization": found, "user": user(call.actor)}
    )


_BY_ID: Final = "/organizations/{org_id:int}/team/{team_id:int}"
_BY_SLUG: Final = "/orgs/{org}/teams/{slug}"
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    ("GET", "/user", lambda call: Answer(user(call.actor))),
    ("GET", "/user/memberships/orgs/{org}", _membership),
    ("GET", "/orgs/{org}", lambda call: Answer(organization(call, call.params["org"]))),
    ("POST", "/orgs/{org}/teams", _create),
    (
        "GET",
        "/orgs/{org}/teams",
        lambda call: Answer(page(call, call.store.below("team", f"{call.params['org']}/"))),
    ),
    *(("GET", path, lambda call: Answer(_team(call))) for path in (_BY_ID, _BY_SLUG)),
    *(("PATCH", path, _edit) for path in (_BY_ID, _BY_SLUG)),
    *(("DELETE", path, _delete) for path in (_BY_ID, _BY_SLUG)),
    *(("GET", f"{path}/members", lambda _: Answer([])) for path in (_BY_ID, _BY_SLUG)),
    *(("GET", f"{path}/repos/{{owner}}/{{repo}}", _given) for path in (_BY_ID, _BY_SLUG)),
    *(("PUT", f"{path}/repos/{{owner}}/{{repo}}", _give) for path in (_BY_ID, _BY_SLUG)),
    *(("DELETE", f"{path}/repos/{{owner}}/{{repo}}", _take) for path in (_BY_ID, _BY_SLUG)),
    ("GET", "/repos/{owner}/{repo}/teams", _of_repository),
)
