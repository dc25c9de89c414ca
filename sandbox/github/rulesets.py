"""Rulesets of a repository: what may happen to branches or tags of certain names.

Kept and read back as they were written; `rules` is a list of type and parameters.
https://docs.github.com/en/rest/repos/rules
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.github.call import NO_CONTENT, Answer, Call, Endpoint, Right, page
from sandbox.github.errors import NotFoundError, ValidationError
from sandbox.github.store import Document, moment

_TARGETS: Final = ("branch", "tag", "push")
_ENFORCEMENT: Final = ("disabled", "active", "evaluate")
_TYPES: Final = frozenset(
    (
        *("creation", "update", "deletion", "required_linear_history", "merge_queue"),
        *("required_deployments", "required_signatures", "pull_request", "workflows"),
        *("required_status_checks", "non_fast_forward", "commit_message_pattern"),
        *("commit_author_email_pattern", "committer_email_pattern", "branch_name_pattern"),
        *("tag_name_pattern", "file_path_restriction", "max_file_path_length"),
        *("file_extension_restriction", "max_file_size", "code_scanning", "copilot_code_review"),
    )
)


def _checked(call: Call, earlier: Document) -> dict[str, Any]:
    body = call.body
    given = {
        name: body[name]
        for name in ("name", "target", "enforcement", "bypass_actors", "conditions", "rules")
        if body.get(name) is not None
    }
    merged = {**earlier, **given}
    if not merged.get("name"):
        raise ValidationError("Ruleset", "name", "missing_field")
    if merged["target"] not in _TARGETS:
        raise ValidationError("Ruleset", "target")
    if merged.get("enforcement") not in _ENFORCEMENT:
        raise ValidationError("Ruleset", "enforcement")
    for rule in merged["rules"]:
        if rule.get("type") not in _TYPES:
            raise ValidationError("Ruleset", "rules", "invalid", f"Invalid rule '{rule}'")
    return merged


def _found(call: Call, right: Right = Right.READ) -> Document:
    call.repository(right)
    found = call.store.get("ruleset", call.key("rulesets", call.params["ruleset"]))
    if found is None:
        raise NotFoundError
    return found


def _create(call: Call) -> Answer:
    repository = call.repository(Right.ADMIN)
    empty: Document = {"target": "branch", "bypass_actors": [], "conditions": None, "rules": []}
    given = _checked(call, empty)
    for other in call.store.below("ruleset", f"{call.repository_key}/rulesets/"):
        if other["name"] == given["name"]:
            raise ValidationError("Ruleset", "name", "custom", "Name must be unique")
    number, now = call.store.number(), moment()
    made = {
        "id": number,
        "node_id": f"RRS_{number}",
        "source_type": "Repository",
        "source": f"{repository['owner']}/{repository['name']}",
        **given,
        "created_at": now,
        "updated_at": now,
    }
    call.store.put("ruleset", call.key("rulesets", str(number)), made)
    return Answer(made, 201)


def _edit(call: Call) -> Answer:
    earlier = _found(call, Right.ADMIN)
    changed = {**_checked(call, earlier), "updated_at": moment()}
    call.store.put("ruleset", call.key("rulesets", str(earlier["id"])), changed)
    return Answer(changed)


def _delete(call: Call) -> Answer:
    found = _found(call, Right.ADMIN)
    call.store.remove("ruleset", call.key("rulesets", str(found["id"])))
    return NO_CONTENT


def _get(call: Call) -> Answer:
    """A ruleset; who may pass it by is for those who may change it."""
    hidden = () if call.actor.right is Right.ADMIN else ("bypass_actors",)
    return Answer({name: value for name, value in _found(call).items() if name not in hidden})


def _list(call: Call) -> Answer:
    call.repository()
    brief = ("id", "name", "target", "source_type", "source", "enforcement", "node_id")
    found = call.store.below("ruleset", f"{call.repository_key}/rulesets/")
    return Answer(page(call, [{name: one[name] for name in brief} for one in found]))


_PATH: Final = "/repos/{owner}/{repo}/rulesets"
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    ("GET", _PATH, _list),
    ("POST", _PATH, _create),
    ("GET", f"{_PATH}/{{ruleset}}", _get),
    ("PUT", f"{_PATH}/{{ruleset}}", _edit),
    ("DELETE", f"{_PATH}/{{ruleset}}", _delete),
)
