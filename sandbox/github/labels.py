"""Labels of issues and pull requests.

https://docs.github.com/en/rest/issues/labels
"""

from __future__ import annotations

import re
from typing import Any, Final

from sandbox.github.call import NO_CONTENT, Answer, Call, Endpoint, Right, page
from sandbox.github.errors import NotFoundError, ValidationError
from sandbox.github.store import Document

INITIAL: Final = {
    "bug": ("d73a4a", "Something isn't working"),
    "documentation": ("0075ca", "Improvements or additions to documentation"),
    "duplicate": ("cfd3d7", "This issue or pull request already exists"),
    "enhancement": ("a2eeef", "New feature or request"),
    "good first issue": ("7057ff", "Good for newcomers"),
    "help wanted": ("008672", "Extra attention is needed"),
    "invalid": ("e4e669", "This doesn't seem right"),
    "question": ("d876e3", "Further information is requested"),
    "wontfix": ("ffffff", "This will not be worked on"),
}
"""What a new repository has.

https://docs.github.com/en/issues/using-labels-and-milestones-to-track-work/managing-labels#about-default-labels
"""


def initial(call: Call, repository_key: str) -> None:
    """Give a new repository its labels."""
    for name, (color, description) in INITIAL.items():
        label = _made(call, {"name": name, "color": color, "description": description})
        call.store.put("label", f"{repository_key}/{name}", {**label, "default": True})


def _made(call: Call, given: Document) -> Document:
    number = call.store.number()
    return {"id": number, "node_id": f"LA_{number}", "default": False, "description": None, **given}


def _checked(body: Document, *, name: str) -> dict[str, Any]:
    given: dict[str, Any] = {"name": str(body.get(name) or "")}
    if "color" in body:
        given["color"] = str(body["color"])
        if not re.fullmatch(r"[0-9A-Fa-f]{6}", given["color"]):
            raise ValidationError("Label", "color")
    if body.get("description") is not None:
        given["description"] = str(body["description"])
        if len(given["description"]) > 100:
            raise ValidationError("Label", "description")
    return given


def _label(call: Call) -> Document:
    found = call.store.get("label", call.key(call.params["name"]))
    if found is None:
        raise NotFoundError
    return found


def _list(call: Call) -> Answer:
    call.repository()
    return Answer(page(call, call.store.below("label", f"{call.repository_key}/")))


def _get(call: Call) -> Answer:
    call.repository()
    return Answer(_label(call))


def _create(call: Call) -> Answer:
    call.repository(Right.ADMIN)
    given = _checked(call.body, name="name")
    if not given["name"]:
        raise ValidationError("Label", "name", "missing_field")
    key = call.key(given["name"])
    if call.store.get("label", key):
        raise ValidationError("Label", "name", "already_exists")
    label = _made(call, {"color": "ededed", **given})
    call.store.put("label", key, label)
    return Answer(label, 201)


def _edit(call: Call) -> Answer:
    call.repository(Right.ADMIN)
    label = _label(call)
    given = _checked(call.body, name="new_name")
    given["name"] = given["name"] or str(call.body.get("name") or label["name"])
    old, new = call.key(label["name"]), call.key(given["name"])
    if old.lower() != new.lower():
        if call.store.get("label", new):
            raise ValidationError("Label", "name", "already_exists")
        call.store.remove("label", old)
    changed = {**label, **given}
    call.store.put("label", new, changed)
    return Answer(changed)


def _delete(call: Call) -> Answer:
    call.repository(Right.ADMIN)
    call.store.remove("label", call.key(_label(call)["name"]))
    return NO_CONTENT


_PATH: Final = "/repos/{owner}/{repo}/labels"
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    ("GET", _PATH, _list),
    ("POST", _PATH, _create),
    ("GET", f"{_PATH}/{{name:path}}", _get),
    ("PATCH", f"{_PATH}/{{name:path}}", _edit),
    ("DELETE", f"{_PATH}/{{name:path}}", _delete),
)
