"""Pull requests as far as their names go: opened, listed, changed, closed; nothing is merged.

Git is not imitated, so every pair of branches that stand has something to merge.
https://docs.github.com/en/rest/pulls/pulls
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.github.call import Answer, Call, Endpoint, Right, page
from sandbox.github.errors import NotFoundError, ValidationError
from sandbox.github.organizations import user
from sandbox.github.store import Document, moment

_STATES: Final = ("open", "closed")


def _key(call: Call, *number: str) -> str:
    return call.key("pulls", *number)


def _branch(call: Call, field: str) -> str:
    """A branch of the repository, by the name that the request gives with or without its owner."""
    name = str(call.body.get(field) or "").removeprefix(f"{call.organization}:")
    if not name or call.store.get("ref", call.key("heads", name)) is None:
        raise ValidationError("PullRequest", field)
    return name


def _kept(call: Call) -> list[Document]:
    return call.store.below("pull request", f"{_key(call)}/")


def _create(call: Call) -> Answer:
    repository = call.repository(Right.ADMIN)
    if not call.body.get("title"):
        raise ValidationError("PullRequest", "title", "missing_field")
    head, base = _branch(call, "head"), _branch(call, "base")
    label = f"{repository['owner']}:{head}"
    pair = [(one["head"]["ref"], one["base"]["ref"]) for one in _kept(call) if _is_open(one)]
    if (head, base) in pair:
        text = f"A pull request already exists for {label}."
        raise ValidationError("PullRequest", "head", "custom", text)
    if head == base:
        text = f"No commits between {base} and {head}"
        raise ValidationError("PullRequest", "base", "custom", text)
    identity, number, now = call.store.number(), len(_kept(call)) + 1, moment()
    host = call.base_url.removesuffix("/api/v3")
    made = {
        "id": identity,
        "node_id": f"PR_{identity}",
        "number": number,
        "state": _STATES[0],
        "draft": bool(call.body.get("draft")),
        "title": str(call.body["title"]),
        "body": call.body.get("body"),
        "user": user(call.actor),
        "head": {"label": label, "ref": head},
        "base": {"label": f"{repository['owner']}:{base}", "ref": base},
        "html_url": f"{host}/{call.repository_key}/pull/{number}",
        "created_at": now,
        "updated_at": now,
    }
    call.store.put("pull request", _key(call, str(number)), made)
    return Answer(made, 201)


def _is_open(pull: Document) -> bool:
    return bool(pull["state"] == _STATES[0])


def _list(call: Call) -> Answer:
    call.repository()
    wanted: dict[str, Any] = {name: call.query.get(name) for name in ("head", "base", "state")}
    state = wanted["state"] or _STATES[0]
    found = [
        one
        for one in _kept(call)
        if state in ("all", one["state"])
        if wanted["head"] in (None, one["head"]["label"])
        if wanted["base"] in (None, one["base"]["ref"])
    ]
    return Answer(page(call, found))


def _one(call: Call, right: Right = Right.READ) -> Document:
    call.repository(right)
    found = call.store.get("pull request", _key(call, call.params["number"]))
    if found is None:
        raise NotFoundError
    return found


def _edit(call: Call) -> Answer:
    pull = _one(call, Right.ADMIN)
    given = {n: call.body[n] for n in ("title", "body", "state") if call.body.get(n) is not None}
    if given.get("state", _STATES[0]) not in _STATES:
        raise ValidationError("PullRequest", "state")
    changed = {**pull, **given, "updated_at": moment()}
    call.store.put("pull request", _key(call, str(pull["number"])), changed)
    return Answer(changed)


_PATH: Final = "/repos/{owner}/{repo}/pulls"
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    ("GET", _PATH, _list),
    ("POST", _PATH, _create),
    ("GET", f"{_PATH}/{{number}}", lambda call: Answer(_one(call))),
    ("PATCH", f"{_PATH}/{{number}}", _edit),
)
