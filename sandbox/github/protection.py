"""Branch protection by REST: the same rules that GraphQL writes, in REST's words.

https://docs.github.com/en/rest/branches/branch-protection
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.github import rules
from sandbox.github.call import NO_CONTENT, Answer, Call, Endpoint, Right
from sandbox.github.errors import NotFoundError, ValidationError
from sandbox.github.store import Document

_SWITCHES: Final = {
    "required_linear_history": "requiresLinearHistory",
    "allow_force_pushes": "allowsForcePushes",
    "allow_deletions": "allowsDeletions",
    "block_creations": "blocksCreations",
    "required_conversation_resolution": "requiresConversationResolution",
    "lock_branch": "lockBranch",
    "allow_fork_syncing": "lockAllowsFetchAndMerge",
}
_REVIEWS: Final = {
    "dismiss_stale_reviews": "dismissesStaleReviews",
    "require_code_owner_reviews": "requiresCodeOwnerReviews",
    "required_approving_review_count": "requiredApprovingReviewCount",
    "require_last_push_approval": "requireLastPushApproval",
}
_REQUIRED: Final = (
    *("required_status_checks", "enforce_admins"),
    *("required_pull_request_reviews", "restrictions"),
)
"""What the request to protect a branch must say, be it null."""


def _rule(call: Call) -> Document:
    call.repository(Right.ADMIN)
    rule = rules.matching(call.store, call.repository_key, call.params["branch"])
    if rule is None:
        raise NotFoundError("Branch not protected")
    return rule


def shown(call: Call, rule: Document) -> dict[str, Any]:
    """A rule in the form of REST; parts that are not required are left out."""
    url = f"{call.base_url}/repos/{call.repository_key}/branches/{rule['pattern']}/protection"
    answer: dict[str, Any] = {"url": url}
    if rule["requiresStatusChecks"]:
        contexts = rule["requiredStatusCheckContexts"]
        answer["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "strict": rule["requiresStrictStatusChecks"],
            "contexts": contexts,
            "checks": [{"context": context, "app_id": None} for context in contexts],
        }
    if rule["requiresApprovingReviews"]:
        answer["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            **{name: rule[field] for name, field in _REVIEWS.items()},
        }
    if rule["restrictsPushes"]:
        answer["restrictions"] = {
            "url": f"{url}/restrictions",
            "users": [],
            "teams": [],
            "apps": [],
        }
    answer["enforce_admins"] = {"url": f"{url}/enforce_admins", "enabled": rule["isAdminEnforced"]}
    signatures = {"url": f"{url}/required_signatures", "enabled": rule["requiresCommitSignatures"]}
    switches = {name: {"enabled": rule[field]} for name, field in _SWITCHES.items()}
    return {**answer, "required_signatures": signatures, **switches}


def _put(call: Call) -> Answer:
    call.repository(Right.ADMIN)
    for name in _REQUIRED:
        if name not in call.body:
            raise ValidationError("ProtectedBranch", name, "missing_field")
    checks, reviews = (
        call.body["required_status_checks"],
        call.body["required_pull_request_reviews"],
    )
    given: dict[str, Any] = {
        **rules.DEFAULTS,
        "isAdminEnforced": bool(call.body["enforce_admins"]),
        "requiresStatusChecks": checks is not None,
        "requiresApprovingReviews": reviews is not None,
        "restrictsPushes": call.body["restrictions"] is not None,
        **{field: bool(call.body.get(name)) for name, field in _SWITCHES.items()},
        **_of_checks(checks or {}),
        **_of_reviews(reviews or {}),
    }
    branch = call.params["branch"]
    rule = rules.matching(call.store, call.repository_key, branch)
    if rule is None or rule["pattern"] != branch:
        rule = rules.made(call.store, call.repository_key, branch, given)
    else:
        rule = rules.changed(call.store, rule, given)
    return Answer(shown(call, rule))


def _of_checks(body: dict[str, Any]) -> dict[str, Any]:
    named = {"strict": "requiresStrictStatusChecks", "contexts": "requiredStatusCheckContexts"}
    return {field: body[name] for name, field in named.items() if name in body}


def _of_reviews(body: dict[str, Any]) -> dict[str, Any]:
    count = body.get("required_approving_review_count")
    if count is not None and count not in range(7):
        raise ValidationError("ProtectedBranch", "required_approving_review_count")
    return {field: body[name] for name, field in _REVIEWS.items() if name in body}


def _delete(call: Call) -> Answer:
    rules.removed(call.store, _rule(call))
    return NO_CONTENT


def _patch_reviews(call: Call) -> Answer:
    given = {"requiresApprovingReviews": True, **_of_reviews(call.body)}
    rule = rules.changed(call.store, _rule(call), given)
    return Answer(shown(call, rule)["required_pull_request_reviews"])


def _patch_checks(call: Call) -> Answer:
    given = {"requiresStatusChecks": True, **_of_checks(call.body)}
    return Answer(
        shown(call, rules.changed(call.store, _rule(call), given))["required_status_checks"]
    )


def _switched(field: str, on: bool) -> Any:
    """A handler that switches a part of the rule, and answers it or nothing."""

    def answer(call: Call) -> Answer:
        rule = rules.changed(call.store, _rule(call), {field: on})
        return Answer({"enabled": rule[field]}) if on else NO_CONTENT

    return answer


_PATH: Final = "/repos/{owner}/{repo}/branches/{branch}/protection"
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    ("GET", _PATH, lambda call: Answer(shown(call, _rule(call)))),
    ("PUT", _PATH, _put),
    ("DELETE", _PATH, _delete),
    ("PATCH", f"{_PATH}/required_pull_request_reviews", _patch_reviews),
    (
        "DELETE",
        f"{_PATH}/required_pull_request_reviews",
        _switched("requiresApprovingReviews", False),
    ),
    ("PATCH", f"{_PATH}/required_status_checks", _patch_checks),
    ("DELETE", f"{_PATH}/required_status_checks", _switched("requiresStatusChecks", False)),
    ("POST", f"{_PATH}/enforce_admins", _switched("isAdminEnforced", True)),
    ("DELETE", f"{_PATH}/enforce_admins", _switched("isAdminEnforced", False)),
)
