"""Repositories and their settings.

https://docs.github.com/en/rest/repos/repos
"""

from __future__ import annotations

import re
from typing import Any, Final

from sandbox.github import labels, rules
from sandbox.github.call import NO_CONTENT, Answer, Call, Endpoint, Right, page
from sandbox.github.errors import NotFoundError, UnprocessableError, ValidationError
from sandbox.github.store import Document, moment

_DEFAULTS: Final[Document] = {
    "description": None,
    "homepage": None,
    "private": False,
    "visibility": "public",
    "has_issues": True,
    "has_projects": True,
    "has_wiki": True,
    "has_downloads": True,
    "has_discussions": False,
    "has_pages": False,
    "is_template": False,
    "archived": False,
    "disabled": False,
    "fork": False,
    "language": None,
    "topics": [],
    "default_branch": "main",
    "allow_squash_merge": True,
    "allow_merge_commit": True,
    "allow_rebase_merge": True,
    "allow_auto_merge": False,
    "allow_update_branch": False,
    "allow_forking": True,
    "delete_branch_on_merge": False,
    "web_commit_signoff_required": False,
    "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
    "squash_merge_commit_message": "COMMIT_MESSAGES",
    "merge_commit_title": "MERGE_MESSAGE",
    "merge_commit_message": "PR_TITLE",
}
"""What a new repository has where the request says nothing."""

_SETTINGS: Final = frozenset(_DEFAULTS) - {"disabled", "fork", "language", "has_pages", "topics"}
_VISIBILITY: Final = ("public", "private", "internal")
_FOR_ADMINS: Final = (
    *("allow_squash_merge", "allow_merge_commit", "allow_rebase_merge", "allow_auto_merge"),
    *("allow_update_branch", "delete_branch_on_merge", "security_and_analysis"),
    *("squash_merge_commit_title", "squash_merge_commit_message"),
    *("merge_commit_title", "merge_commit_message"),
)
_SECURITY: Final = ("secret_scanning", "secret_scanning_push_protection")


def shown(call: Call, repository: Document) -> Document:
    """The repository as this token sees it: merge settings are for who may change them."""
    name = f"{repository['owner']}/{repository['name']}"
    host = call.base_url.removesuffix("/api/v3")
    hidden = () if call.actor.right is Right.ADMIN else _FOR_ADMINS
    answer = {key: value for key, value in repository.items() if key not in hidden}
    return {
        **answer,
        "owner": {
            "login": repository["owner"],
            "id": 1,
            "node_id": "O_1",
            "type": "Organization",
        },
        "full_name": name,
        "url": f"{call.base_url}/repos/{name}",
        "html_url": f"{host}/{name}",
        "clone_url": f"{host}/{name}.git",
        "git_url": f"git://{host.partition('://')[2]}/{name}.git",
        "ssh_url": f"git@{host.partition('://')[2]}:{name}.git",
        "svn_url": f"{host}/{name}",
        "permissions": {
            "admin": call.actor.right is Right.ADMIN,
            "push": call.actor.right is Right.ADMIN,
            "pull": True,
        },
    }


def _settings(body: Document) -> dict[str, Any]:
    """The settings that a request gives, checked and made to agree with one another."""
    given = {key: value for key, value in body.items() if key in _SETTINGS and value is not None}
    if "visibility" in given:
        if given["visibility"] not in _VISIBILITY:
            raise ValidationError("Repository", "visibility")
        given["private"] = given["visibility"] != "public"
    elif "private" in given:
        given["visibility"] = "private" if given["private"] else "public"
    return given


def _check_merging(repository: Document) -> None:
    ways = ("allow_squash_merge", "allow_merge_commit", "allow_rebase_merge")
    if not any(repository[way] for way in ways):
        text = "Sorry, you need to allow at least one merge strategy."
        raise ValidationError("Repository", "merge_commit_allowed", "custom", text)


def _secured(repository: Document, body: Document) -> None:
    """Set what `security_and_analysis` asks; the rest stays."""
    for name, wish in (body.get("security_and_analysis") or {}).items():
        if not isinstance(wish, dict) or wish.get("status") not in ("enabled", "disabled"):
            raise ValidationError("Repository", f"security_and_analysis.{name}")
        repository["security_and_analysis"][name] = {"status": wish["status"]}


def _create(call: Call) -> Answer:
    owner = call.params["org"]
    call.administer(owner)
    name = str(call.body.get("name") or "")
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name):
        raise ValidationError("Repository", "name", "missing_field" if not name else "invalid")
    key = f"{call.organization}/{name}"
    if call.store.get("repository", key):
        text = "name already exists on this account"
        raise ValidationError("Repository", "name", "custom", text)
    number, now = call.store.number(), moment()
    made = {
        "id": number,
        "node_id": f"R_{number}",
        "name": name,
        "owner": call.organization,
        **_DEFAULTS,
        "security_and_analysis": {part: {"status": "disabled"} for part in _SECURITY},
        **_settings(call.body),
        "created_at": now,
        "updated_at": now,
    }
    _secured(made, call.body)
    _check_merging(made)
    call.store.put("repository", key, made)
    labels.initial(call, key)
    if call.body.get("auto_init"):
        sha = f"{call.store.number():040x}"
        call.store.put("ref", f"{key}/heads/{made['default_branch']}", {"sha": sha})
    return Answer(shown(call, made), 201)


def _edit(call: Call) -> Answer:
    repository = call.repository(Right.ADMIN, told=True)
    given = _settings(call.body)
    if repository["archived"] and given.get("archived") is not False:
        raise UnprocessableError("Repository was archived so is read-only.")
    branch = str(given.get("default_branch", repository["default_branch"]))
    renamed = branch != repository["default_branch"]
    if renamed and not call.store.get("ref", call.key("heads", branch)):
        text = f"The branch {branch} was not found. Please push that ref first or create it."
        raise ValidationError("Repository", "default_branch", "custom", text)
    if call.body.get("visibility") == repository["visibility"] and len(call.body) == 1:
        raise UnprocessableError(f"Visibility is already {repository['visibility']}.")
    changed = {**repository, **given, "updated_at": moment()}
    name = str(call.body.get("name") or repository["name"])
    _secured(changed, call.body)
    _check_merging(changed)
    changed["name"] = name
    old, new = call.repository_key, f"{repository['owner']}/{name}"
    if new.lower() != old.lower():
        if call.store.get("repository", new):
            raise ValidationError("Repository", "name", "custom", "name already exists")
        call.store.remove("repository", old)
        call.store.move_below(f"{old}/", f"{new}/")
        for rule in rules.of_repository(call.store, new):
            rules.keep(call.store, {**rule, "repository": new})
    call.store.put("repository", new, changed)
    return Answer(shown(call, changed))


def _delete(call: Call) -> Answer:
    call.repository(Right.ADMIN, told=True)
    call.store.remove("repository", call.repository_key)
    call.store.remove_below(f"{call.repository_key}/")
    return NO_CONTENT


def _topics(call: Call) -> Answer:
    repository = call.repository(Right.ADMIN)
    names = call.body.get("names")
    if not isinstance(names, list) or not all(
        re.fullmatch(r"[a-z0-9][a-z0-9-]{0,49}", str(name)) for name in names
    ):
        raise ValidationError("Repository", "topics")
    call.store.put("repository", call.repository_key, {**repository, "topics": names})
    return Answer({"names": names})


def _list(call: Call) -> Answer:
    found = call.store.below("repository", f"{call.params['org']}/")
    seen = [one for one in found if call.actor.right >= Right.READ or not one["private"]]
    return Answer(page(call, [shown(call, one) for one in seen]))


def _switch(name: str, *, told: bool) -> tuple[Endpoint, ...]:
    """A setting that PUT switches on and DELETE off; GET tells by status or, if `told`, by body."""
    path = f"/repos/{{owner}}/{{repo}}/{name}"

    def read(call: Call) -> Answer:
        on = bool(call.repository(Right.ADMIN).get(name))
        if told:
            return Answer({"enabled": on, "paused": False})
        if not on:
            raise NotFoundError("Vulnerability alerts are disabled.")
        return NO_CONTENT

    def put(call: Call, on: bool) -> Answer:
        repository = call.repository(Right.ADMIN)
        call.store.put("repository", call.repository_key, {**repository, name: on})
        return NO_CONTENT

    return (
        ("GET", path, read),
        ("PUT", path, lambda call: put(call, True)),
        ("DELETE", path, lambda call: put(call, False)),
    )


_PATH: Final = "/repos/{owner}/{repo}"
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    ("POST", "/orgs/{org}/repos", _create),
    ("GET", "/orgs/{org}/repos", _list),
    ("GET", _PATH, lambda call: Answer(shown(call, call.repository()))),
    ("PATCH", _PATH, _edit),
    ("DELETE", _PATH, _delete),
    ("PUT", f"{_PATH}/topics", _topics),
    ("GET", f"{_PATH}/topics", lambda call: Answer({"names": call.repository()["topics"]})),
    *_switch("vulnerability-alerts", told=False),
    *_switch("automated-security-fixes", told=True),
)
