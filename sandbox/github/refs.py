"""The names of branches and tags. What they point to is made up: git itself is not imitated.

https://docs.github.com/en/rest/git/refs and https://docs.github.com/en/rest/branches/branches
"""

from __future__ import annotations

import re
from typing import Any, Final

from sandbox.github import rules
from sandbox.github.call import NO_CONTENT, Answer, Call, Endpoint, Right, page
from sandbox.github.errors import NotFoundError, UnprocessableError
from sandbox.github.repositories import shown


def _shown(call: Call, ref: str, sha: str) -> dict[str, Any]:
    url = f"{call.base_url}/repos/{call.repository_key}/git"
    return {
        "ref": f"refs/{ref}",
        "node_id": f"REF_{ref}",
        "url": f"{url}/refs/{ref}",
        "object": {"sha": sha, "type": "commit", "url": f"{url}/commits/{sha}"},
    }


def _sha(call: Call, ref: str) -> str:
    found = call.store.get("ref", call.key(ref))
    if found is None:
        raise NotFoundError
    return str(found["sha"])


def _get(call: Call) -> Answer:
    call.repository()
    ref = call.params["ref"]
    return Answer(_shown(call, ref, _sha(call, ref)))


def _create(call: Call) -> Answer:
    call.repository(Right.ADMIN)
    ref, sha = str(call.body.get("ref", "")), str(call.body.get("sha", ""))
    if not re.fullmatch(r"refs/(heads|tags)/[^\s~^:?*\[\\]+", ref):
        raise UnprocessableError("Reference name must start with 'refs' and have two slashes.")
    known = {one["sha"] for one in call.store.below("ref", f"{call.repository_key}/")}
    if sha not in known:
        raise UnprocessableError("Object does not exist")
    name = ref.removeprefix("refs/")
    if call.store.get("ref", call.key(name)):
        raise UnprocessableError("Reference already exists")
    call.store.put("ref", call.key(name), {"sha": sha})
    return Answer(_shown(call, name, sha), 201)


def _delete(call: Call) -> Answer:
    repository = call.repository(Right.ADMIN)
    ref = call.params["ref"]
    _sha(call, ref)
    branch = ref.removeprefix("heads/")
    if branch == repository["default_branch"]:
        raise UnprocessableError("Cannot delete the default branch")
    rule = rules.matching(call.store, call.repository_key, branch)
    if ref.startswith("heads/") and rule is not None and not rule["allowsDeletions"]:
        raise UnprocessableError("Cannot delete this protected branch")
    call.store.remove("ref", call.key(ref))
    return NO_CONTENT


def _branch(call: Call) -> Answer:
    call.repository()
    return Answer(_described(call, call.params["branch"]))


def _described(call: Call, branch: str) -> dict[str, Any]:
    rule = rules.matching(call.store, call.repository_key, branch)
    return {
        "name": branch,
        "commit": {"sha": _sha(call, f"heads/{branch}")},
        "protected": rule is not None,
    }


def _branches(call: Call) -> Answer:
    call.repository()
    prefix = f"{call.repository_key}/heads/".lower()
    names = [key.removeprefix(prefix) for key, _ in call.store.entries("ref", prefix)]
    return Answer(page(call, [_described(call, name) for name in names]))


def _rename(call: Call) -> Answer:
    repository = call.repository(Right.ADMIN)
    old, new = call.params["branch"], str(call.body.get("new_name") or "")
    sha = _sha(call, f"heads/{old}")
    if not new or call.store.get("ref", call.key("heads", new)):
        raise UnprocessableError("New branch already exists")
    call.store.remove("ref", call.key("heads", old))
    call.store.put("ref", call.key("heads", new), {"sha": sha})
    if repository["default_branch"] == old:
        repository = {**repository, "default_branch": new}
        call.store.put("repository", call.repository_key, repository)
    return Answer({"name": new, "commit": {"sha": sha}, "repository": shown(call, repository)}, 201)


_PATH: Final = "/repos/{owner}/{repo}"
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    ("GET", f"{_PATH}/git/ref/{{ref:path}}", _get),
    ("POST", f"{_PATH}/git/refs", _create),
    ("DELETE", f"{_PATH}/git/refs/{{ref:path}}", _delete),
    ("GET", f"{_PATH}/branches", _branches),
    ("POST", f"{_PATH}/branches/{{branch}}/rename", _rename),
    ("GET", f"{_PATH}/branches/{{branch}}", _branch),
)
