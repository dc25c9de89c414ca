"""Branch protection rules as they are kept: under the names of GitHub's GraphQL fields.

GraphQL writes them, REST shows and changes the one that matches a branch; both see the same rule.
https://docs.github.com/en/graphql/reference/objects#branchprotectionrule
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, Final

from sandbox.github.store import Document, Store

KIND: Final = "protection"
DEFAULTS: Final[Document] = {
    "allowsDeletions": False,
    "allowsForcePushes": False,
    "blocksCreations": False,
    "dismissesStaleReviews": False,
    "isAdminEnforced": False,
    "lockAllowsFetchAndMerge": False,
    "lockBranch": False,
    "requireLastPushApproval": False,
    "requiredApprovingReviewCount": None,
    "requiredStatusCheckContexts": [],
    "requiresApprovingReviews": False,
    "requiresCodeOwnerReviews": False,
    "requiresCommitSignatures": False,
    "requiresConversationResolution": False,
    "requiresLinearHistory": False,
    "requiresStatusChecks": False,
    "requiresStrictStatusChecks": True,
    "restrictsPushes": False,
    "restrictsReviewDismissals": False,
    "bypassForcePushActorIds": [],
    "bypassPullRequestActorIds": [],
    "pushActorIds": [],
    "reviewDismissalActorIds": [],
}
"""A rule of which nothing was said but its pattern."""


def made(store: Store, repository_key: str, pattern: str, given: dict[str, Any]) -> Document:
    """Keep a new rule."""
    number = store.number()
    rule = {**DEFAULTS, **_settings(given), "id": f"BPR_{number}", "databaseId": number}
    rule |= {"pattern": pattern, "repository": repository_key}
    keep(store, rule)
    return rule


def changed(store: Store, rule: Document, given: dict[str, Any]) -> Document:
    """Keep a rule with what is given; the rest stays."""
    after = {**rule, **_settings(given)}
    keep(store, after)
    return after


def keep(store: Store, rule: Document) -> None:
    """Keep a rule as it is."""
    if rule["requiresApprovingReviews"] and rule["requiredApprovingReviewCount"] is None:
        rule["requiredApprovingReviewCount"] = 1
    store.put(KIND, f"{rule['repository']}/{rule['id']}", rule)


def removed(store: Store, rule: Document) -> None:
    """Forget a rule."""
    store.remove(KIND, f"{rule['repository']}/{rule['id']}")


def of_repository(store: Store, repository_key: str) -> list[Document]:
    """The rules of a repository, the oldest first."""
    return store.below(KIND, f"{repository_key}/")


def by_id(store: Store, rule_id: str) -> Document | None:
    """The rule of that id."""
    return next((rule for rule in store.below(KIND, "") if rule["id"] == rule_id), None)


def matching(store: Store, repository_key: str, branch: str) -> Document | None:
    """The rule that holds for a branch: the one that names it, else the oldest that fits."""
    found = [
        rule
        for rule in of_repository(store, repository_key)
        if fnmatchcase(branch, rule["pattern"])
    ]
    return next((rule for rule in found if rule["pattern"] == branch), next(iter(found), None))


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in DEFAULTS and value is not None}
