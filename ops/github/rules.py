"""Branch protection as GraphQL tells it, in the words of our facts; and the query for it.

REST shows the rule of one branch only; a rule is a pattern, so GraphQL is asked. Who may not see
a rule is shown what it asks of an update (`refUpdateRule`).

https://docs.github.com/en/graphql/reference/objects#refupdaterule
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ops.github.names import Settings

QUERIES_AT_ONCE: Final = 10
"""Repositories in one query: GitHub limits what a query may touch."""
MOST_RULES: Final = 100
"""Of one repository, by one query: GitHub gives no more."""
NO_REVIEW: Final = 0
_FLAGS: Final[Mapping[str, str]] = {
    "required_linear_history": "requiresLinearHistory",
    "enforce_admins": "isAdminEnforced",
    "require_conversation_resolution": "requiresConversationResolution",
    "require_signed_commits": "requiresCommitSignatures",
    "allows_deletions": "allowsDeletions",
    "allows_force_pushes": "allowsForcePushes",
    "lock_branch": "lockBranch",
}
_REVIEWS: Final[Mapping[str, str]] = {
    "require_code_owner_reviews": "requiresCodeOwnerReviews",
    "dismiss_stale_reviews": "dismissesStaleReviews",
    "require_last_push_approval": "requireLastPushApproval",
}
_ACTORS: Final[Mapping[str, tuple[str, str]]] = {
    "pull_request_bypassers": ("bypassPullRequestAllowances", ""),
    "force_push_bypassers": ("bypassForcePushAllowances", ""),
    "push_allowances": ("pushAllowances", "restrictsPushes"),
}
OF_A_RULE: Final = (
    *("require_pull_request", "required_approving_review_count", *_REVIEWS),
    *("required_status_checks", "strict", *_FLAGS, *_ACTORS),
)
"""Every setting of a rule that is compared."""
_ASKED: Final[Mapping[str, str]] = {
    "require_code_owner_reviews": "requiresCodeOwnerReviews",
    "required_linear_history": "requiresLinearHistory",
    "require_conversation_resolution": "requiresConversationResolution",
    "require_signed_commits": "requiresSignatures",
    "allows_deletions": "allowsDeletions",
    "allows_force_pushes": "allowsForcePushes",
}
_ACTOR: Final = "nodes { actor { ... on App { slug } ... on Team { slug } ... on User { login } } }"
_RULE: Final = " ".join(
    (
        "id pattern requiresApprovingReviews requiredApprovingReviewCount",
        "requiresStatusChecks requiresStrictStatusChecks requiredStatusCheckContexts",
        "restrictsPushes",
        *_FLAGS.values(),
        *_REVIEWS.values(),
        *(f"{name}(first: 100) {{ {_ACTOR} }}" for name, _ in _ACTORS.values()),
    )
)
_UPDATE: Final = " ".join(
    (
        "refUpdateRule { pattern requiredApprovingReviewCount requiredStatusCheckContexts",
        *_ASKED.values(),
        "}",
    )
)


def query(owner: str, asked: Sequence[tuple[str, Iterable[str]]]) -> tuple[str, dict[str, Any]]:
    """The query for some repositories and branches, with its variables."""
    variables: dict[str, Any] = {"owner": owner}
    parts, declared = [], ["$owner: String!"]
    for number, (name, branches) in enumerate(asked):
        variables[f"n{number}"] = name
        declared.append(f"$n{number}: String!")
        rules = f"branchProtectionRules(first: {MOST_RULES}) {{ totalCount nodes {{ {_RULE} }} }}"
        inner = [f"viewerPermission {rules}"]
        for index, branch in enumerate(branches):
            variables[f"n{number}b{index}"] = f"refs/heads/{branch}"
            declared.append(f"$n{number}b{index}: String!")
            inner.append(f"b{index}: ref(qualifiedName: $n{number}b{index}) {{ {_UPDATE} }}")
        parts.append(
            f"r{number}: repository(owner: $owner, name: $n{number}) {{ {' '.join(inner)} }}"
        )
    return f"query({', '.join(declared)}) {{ {' '.join(parts)} }}", variables


def of_rule(rule: Mapping[str, Any]) -> Settings:
    """A rule as an administrator is shown it."""
    reviewed, checked = rule["requiresApprovingReviews"], rule["requiresStatusChecks"]
    count = rule["requiredApprovingReviewCount"] or NO_REVIEW
    return {
        "require_pull_request": reviewed,
        "required_approving_review_count": count if reviewed else NO_REVIEW,
        **{name: bool(reviewed and rule[there]) for name, there in _REVIEWS.items()},
        "required_status_checks": _checks(rule["requiredStatusCheckContexts"] if checked else ()),
        "strict": bool(checked and rule["requiresStrictStatusChecks"]),
        **{name: bool(rule[there]) for name, there in _FLAGS.items()},
        **{name: _actors(rule, *there) for name, there in _ACTORS.items()},
    }


def of_asked(asked: Mapping[str, Any]) -> Settings:
    """A rule as it is shown to others: what it asks of an update, and nothing else."""
    count = asked.get("requiredApprovingReviewCount")
    return {
        "required_approving_review_count": count or NO_REVIEW,
        "required_status_checks": _checks(asked.get("requiredStatusCheckContexts") or ()),
        **{name: bool(asked.get(there)) for name, there in _ASKED.items()},
    }


def _checks(contexts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(contexts))


def _actors(rule: Mapping[str, Any], connection: str, only_if: str) -> tuple[str, ...] | None:
    """Who is named; None where nothing is restricted to anybody."""
    if only_if and not rule[only_if]:
        return None
    nodes = (rule[connection] or {}).get("nodes") or ()
    actors = [node["actor"] for node in nodes if node and node.get("actor")]
    return tuple(sorted(str(one.get("slug") or one.get("login")) for one in actors))
