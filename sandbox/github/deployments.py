"""Deployment environments: reviewers, waiting, and the branches that may deploy.

https://docs.github.com/en/rest/deployments/environments
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote

from sandbox.github.call import NO_CONTENT, Answer, Call, Endpoint, Right, page
from sandbox.github.errors import NotFoundError, ValidationError
from sandbox.github.store import Document, moment

_RESOURCE: Final = "Environment"


def _environment(call: Call, right: Right = Right.READ) -> Document:
    call.repository(right)
    found = call.store.get("environment", _key(call))
    if found is None:
        raise NotFoundError
    return found


def _key(call: Call) -> str:
    return call.key("environments", unquote(call.params["environment"]))


def _reviewer(call: Call, wish: Any) -> dict[str, Any]:
    kind, number = wish.get("type"), wish.get("id")
    if kind == "Team":
        teams = call.store.below("team", f"{call.organization}/")
        found = next((team for team in teams if team["id"] == number), None)
        if found is not None and call.store.get("access", call.key("teams", str(number))):
            return {"type": "Team", "reviewer": found}
    if kind == "User" and number == call.actor.id:
        return {"type": "User", "reviewer": {"login": call.actor.login, "id": number}}
    text = "Reviewers must exist and have at least read access to the repository"
    raise ValidationError(_RESOURCE, "reviewers", "invalid", text)


def _rules(call: Call, name: str, branches: Any) -> list[dict[str, Any]]:
    """The protection rules that a request asks for."""
    rules: list[dict[str, Any]] = []
    wait, reviewers = call.body.get("wait_timer") or 0, call.body.get("reviewers") or []
    if not 0 <= wait <= 43_200:
        raise ValidationError(_RESOURCE, "wait_timer")
    if len(reviewers) > 6:
        raise ValidationError(_RESOURCE, "reviewers", "invalid", "At most 6 reviewers")
    if wait:
        rules.append({"type": "wait_timer", "wait_timer": wait})
    if reviewers:
        rules.append(
            {
                "type": "required_reviewers",
                "prevent_self_review": bool(call.body.get("prevent_self_review")),
                "reviewers": [_reviewer(call, wish) for wish in reviewers],
            }
        )
    if branches:
        rules.append({"type": "branch_policy"})
    return [{"id": i, "node_id": f"GA_{name}_{i}", **rule} for i, rule in enumerate(rules, 1)]


def _put(call: Call) -> Answer:
    repository = call.repository(Right.ADMIN)
    name = unquote(call.params["environment"])
    branches = call.body.get("deployment_branch_policy")
    if branches and branches.get("protected_branches") == branches.get("custom_branch_policies"):
        text = "protected_branches and custom_branch_policies cannot have the same value"
        raise ValidationError(_RESOURCE, "deployment_branch_policy", "invalid", text)
    earlier = call.store.get("environment", _key(call))
    number = earlier["id"] if earlier else call.store.number()
    made = {
        "id": number,
        "node_id": f"EN_{number}",
        "name": name,
        "url": f"{call.base_url}/repos/{repository['owner']}/{repository['name']}"
        f"/environments/{name}",
        "created_at": earlier["created_at"] if earlier else moment(),
        "updated_at": moment(),
        "can_admins_bypass": call.body.get("can_admins_bypass", True),
        "protection_rules": _rules(call, name, branches),
        "deployment_branch_policy": branches or None,
    }
    call.store.put("environment", _key(call), made)
    return Answer(made)


def _list(call: Call) -> Answer:
    call.repository()
    found = call.store.below("environment", f"{call.repository_key}/environments/")
    return Answer({"total_count": len(found), "environments": page(call, found)})


def _delete(call: Call) -> Answer:
    _environment(call, Right.ADMIN)
    call.store.remove("environment", _key(call))
    call.store.remove_below(f"{_key(call)}/")
    return NO_CONTENT


def _branch_policy(call: Call, right: Right = Right.READ) -> tuple[str, Document]:
    _environment(call, right)
    key = f"{_key(call)}/branches/{call.params['policy']}"
    found = call.store.get("branch policy", key)
    if found is None:
        raise NotFoundError
    return key, found


def _branch_policies(call: Call) -> Answer:
    _environment(call)
    found = call.store.below("branch policy", f"{_key(call)}/branches/")
    return Answer({"total_count": len(found), "branch_policies": page(call, found)})


def _add_branch_policy(call: Call) -> Answer:
    environment = _environment(call, Right.ADMIN)
    policy = environment["deployment_branch_policy"] or {}
    if not policy.get("custom_branch_policies"):
        raise NotFoundError
    name, kind = str(call.body.get("name") or ""), call.body.get("type") or "branch"
    if not name or kind not in ("branch", "tag"):
        raise ValidationError("DeploymentBranchPolicy", "name" if not name else "type")
    number = call.store.number()
    made = {"id": number, "node_id": f"GP_{number}", "name": name, "type": kind}
    call.store.put("branch policy", f"{_key(call)}/branches/{number}", made)
    return Answer(made)


def _edit_branch_policy(call: Call) -> Answer:
    key, policy = _branch_policy(call, Right.ADMIN)
    changed = {**policy, "name": str(call.body.get("name") or policy["name"])}
    call.store.put("branch policy", key, changed)
    return Answer(changed)


def _delete_branch_policy(call: Call) -> Answer:
    key, _ = _branch_policy(call, Right.ADMIN)
    call.store.remove("branch policy", key)
    return NO_CONTENT


_ALL: Final = "/repos/{owner}/{repo}/environments"
_ONE: Final = f"{_ALL}/{{environment}}"
_BRANCHES: Final = f"{_ONE}/deployment-branch-policies"
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    ("GET", _ALL, _list),
    ("GET", _BRANCHES, _branch_policies),
    ("POST", _BRANCHES, _add_branch_policy),
    ("GET", f"{_BRANCHES}/{{policy}}", lambda call: Answer(_branch_policy(call)[1])),
    ("PUT", f"{_BRANCHES}/{{policy}}", _edit_branch_policy),
    ("DELETE", f"{_BRANCHES}/{{policy}}", _delete_branch_policy),
    ("GET", _ONE, lambda call: Answer(_environment(call))),
    ("PUT", _ONE, _put),
    ("DELETE", _ONE, _delete),
)
