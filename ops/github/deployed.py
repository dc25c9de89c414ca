"""What the engine deployed to GitHub, from a stack's state, in the same words as what stands there.

Only what the program gave counts; a hidden value says nothing. Everything of a repository that the
program makes is the program's alone: what a rule leaves out is off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ops.github import names
from ops.github.names import Settings, Things, thing

PREFIX: Final = "github:index/"
PROVIDER: Final = "pulumi:providers:github"
_REPOSITORY: Final[Mapping[str, str]] = {
    "description": "description",
    "visibility": "visibility",
    "has_issues": "hasIssues",
    "has_projects": "hasProjects",
    "has_wiki": "hasWiki",
    "allow_merge_commit": "allowMergeCommit",
    "allow_squash_merge": "allowSquashMerge",
    "allow_rebase_merge": "allowRebaseMerge",
    "allow_auto_merge": "allowAutoMerge",
    "delete_branch_on_merge": "deleteBranchOnMerge",
    "vulnerability_alerts": "vulnerabilityAlerts",
}
_RULE: Final[Mapping[str, str]] = {
    "required_linear_history": "requiredLinearHistory",
    "enforce_admins": "enforceAdmins",
    "require_conversation_resolution": "requireConversationResolution",
    "require_signed_commits": "requireSignedCommits",
    "allows_deletions": "allowsDeletions",
    "allows_force_pushes": "allowsForcePushes",
    "lock_branch": "lockBranch",
}
_REVIEWS: Final[Mapping[str, str]] = {
    "require_code_owner_reviews": "requireCodeOwnerReviews",
    "dismiss_stale_reviews": "dismissStaleReviews",
    "require_last_push_approval": "requireLastPushApproval",
}
_DEFAULT_APPROVALS: Final = 1
"""What GitHub asks where a review is required and no number is given."""


@dataclass
class Deployed:
    """The GitHub side of a state."""

    owner: str = ""
    base_url: str | None = None
    provider: str = ""
    """The URN of the provider."""
    things: Things = field(default_factory=dict)
    urns: dict[names.Thing, str] = field(default_factory=dict)
    branches: dict[str, list[str]] = field(default_factory=dict)
    """By repository, the default one first."""

    def component(self, repository: str) -> str:
        """The URN of the component that holds all of a repository; empty where code has none."""
        own = self.urns.get(thing(names.REPOSITORY, repository), "")
        head, separator, _ = own.rpartition("$")
        return f"{head}::{repository}" if separator else ""

    @property
    def repositories(self) -> tuple[str, ...]:
        """The repositories that code makes."""
        return tuple(one.repository for one in self.things if one.kind == names.REPOSITORY)

    def of(self, repository: str, kind: str) -> dict[str, Settings]:
        """The things of a kind by name."""
        return {
            one.path[-1]: settings
            for one, settings in self.things.items()
            if one.repository == repository and one.kind == kind
        }


def deployed(deployment: Mapping[str, Any]) -> Deployed:
    """What a deployment says of GitHub; what waits for deletion is left out."""
    resources = [entry for entry in deployment.get("resources") or () if not entry.get("delete")]
    found = Deployed()
    for entry in resources:
        if entry["type"] == PROVIDER:
            inputs = entry.get("inputs") or {}
            found.owner, found.provider = str(inputs.get("owner") or ""), str(entry["urn"])
            found.base_url = str(inputs["baseUrl"]).rstrip("/") if inputs.get("baseUrl") else None
    state = _State([entry for entry in resources if entry["type"].startswith(PREFIX)])
    for sort, make in _MAKERS.items():
        for entry in state.of(sort):
            for one, settings in make(entry["inputs"], state):
                found.things.setdefault(one, {}).update(settings)
                found.urns.setdefault(one, str(entry["urn"]))
    for entry in (*state.of("BranchDefault"), *state.of("Branch")):
        inputs = entry["inputs"]
        found.branches.setdefault(str(inputs["repository"]), []).append(str(inputs["branch"]))
    return found


class _State:
    """The entries by type, and the numbers that GitHub gave to what they refer to."""

    def __init__(self, entries: Iterable[Mapping[str, Any]]) -> None:
        self._by_sort: dict[str, list[Mapping[str, Any]]] = {}
        for entry in entries:
            self._by_sort.setdefault(entry["type"].rpartition(":")[2], []).append(entry)
        self._teams = {
            str(entry.get("id")): str((entry.get("outputs") or {}).get("slug"))
            for entry in self.of("Team")
        }
        self._repositories = {
            str((entry.get("outputs") or {}).get("nodeId")): str(entry["inputs"]["name"])
            for entry in self.of("Repository")
        }

    def of(self, sort: str) -> list[Mapping[str, Any]]:
        """The entries of a type, by its last part."""
        return self._by_sort.get(sort, [])

    def team(self, number: Any) -> str:
        """A team's slug by its number."""
        text = str(int(number)) if isinstance(number, float) else str(number)
        return self._teams.get(text, text)

    def repository(self, node: Any) -> str:
        """A repository's name by its node; a name is its own."""
        return self._repositories.get(str(node), str(node))


_Made = Iterator[tuple[names.Thing, Settings]]
_Maker = Callable[[Mapping[str, Any], _State], _Made]


def _repository(given: Mapping[str, Any], _state: _State) -> _Made:
    said = _said(given, _REPOSITORY)
    said["description"] = said.get("description") or ""
    said["topics"] = tuple(given.get("topics") or ())
    said["archived"] = bool(given.get("archived"))
    yield thing(names.REPOSITORY, str(given["name"])), said


def _of_repository(**settings: str) -> _Maker:
    """A resource that is some settings of a repository: our word and the provider's."""

    def make(given: Mapping[str, Any], _state: _State) -> _Made:
        yield thing(names.REPOSITORY, str(given["repository"])), _said(given, settings)

    return make


def _protection(given: Mapping[str, Any], state: _State) -> _Made:
    reviews = _first(given.get("requiredPullRequestReviews"))
    checks = _first(given.get("requiredStatusChecks"))
    pushes = _first(given.get("restrictPushes"))
    count = (reviews or {}).get("requiredApprovingReviewCount", _DEFAULT_APPROVALS)
    settings: Settings = {
        "require_pull_request": reviews is not None,
        "required_approving_review_count": int(count) if reviews is not None else 0,
        **{name: bool((reviews or {}).get(there)) for name, there in _REVIEWS.items()},
        "required_status_checks": tuple(sorted((checks or {}).get("contexts") or ())),
        "strict": bool((checks or {}).get("strict")),
        **{name: bool(given.get(there)) for name, there in _RULE.items()},
        "pull_request_bypassers": _actors((reviews or {}).get("pullRequestBypassers")),
        "force_push_bypassers": _actors(given.get("forcePushBypassers")),
        "push_allowances": None if pushes is None else _actors(pushes.get("pushAllowances")),
    }
    repository = state.repository(given["repositoryId"])
    yield thing(names.PROTECTION, repository, str(given["pattern"])), settings


def _ruleset(given: Mapping[str, Any], _state: _State) -> _Made:
    reference = (given.get("conditions") or {}).get("refName") or {}
    rules = given.get("rules") or {}
    on = (key for key, value in rules.items() if value and not key.startswith("__"))
    settings: Settings = {
        "target": given["target"],
        "enforcement": given["enforcement"],
        "includes": tuple(reference.get("includes") or ()),
        "excludes": tuple(reference.get("excludes") or ()),
        "rules": tuple(sorted(map(_snake, on))),
        "bypass_actors": tuple(map(_bypasser, given.get("bypassActors") or ())),
    }
    yield thing(names.RULESET, str(given["repository"]), str(given["name"])), settings


def _team(given: Mapping[str, Any], state: _State) -> _Made:
    one = thing(names.TEAM, str(given["repository"]), state.team(given["teamId"]))
    yield one, {"permission": given.get("permission") or "pull"}


def _collaborator(given: Mapping[str, Any], _state: _State) -> _Made:
    one = thing(names.COLLABORATOR, str(given["repository"]), str(given["username"]))
    yield one, {"permission": given.get("permission") or "push"}


def _environment(given: Mapping[str, Any], state: _State) -> _Made:
    reviewers = _first(given.get("reviewers")) or {}
    policy = given.get("deploymentBranchPolicy") or {}
    name, repository = str(given["environment"]), str(given["repository"])
    only = ("protected branches",) if policy.get("protectedBranches") else ()
    custom = [
        str(entry["inputs"].get("branchPattern"))
        for entry in state.of("RepositoryEnvironmentDeploymentPolicy")
        if (entry["inputs"]["repository"], entry["inputs"]["environment"]) == (repository, name)
    ]
    settings: Settings = {
        "wait_timer": int(given.get("waitTimer") or 0),
        "reviewers": tuple(state.team(number) for number in reviewers.get("teams") or ()),
        "prevent_self_review": bool(given.get("preventSelfReview")),
        "can_admins_bypass": bool(given.get("canAdminsBypass", True)),
        "branches": only or tuple(sorted(custom)),
    }
    yield thing(names.ENVIRONMENT, repository, name), settings


def _labels(given: Mapping[str, Any], _state: _State) -> _Made:
    for label in given.get("labels") or ():
        said = {"color": label["color"], "description": label.get("description") or ""}
        yield thing(names.LABEL, str(given["repository"]), str(label["name"])), said


def _variable(given: Mapping[str, Any], _state: _State) -> _Made:
    one = thing(names.VARIABLE, str(given["repository"]), str(given["variableName"]))
    yield one, _said(given, {"value": "value"})


def _secret(given: Mapping[str, Any], _state: _State) -> _Made:
    yield thing(names.SECRET, str(given["repository"]), str(given["secretName"])), {}


_MAKERS: Final[Mapping[str, _Maker]] = {
    "Repository": _repository,
    "BranchDefault": _of_repository(default_branch="branch"),
    "RepositoryDependabotSecurityUpdates": _of_repository(dependabot_security_updates="enabled"),
    "WorkflowRepositoryPermissions": _of_repository(
        default_workflow_permissions="defaultWorkflowPermissions",
        can_approve_pull_request_reviews="canApprovePullRequestReviews",
    ),
    "BranchProtection": _protection,
    "RepositoryRuleset": _ruleset,
    "TeamRepository": _team,
    "RepositoryCollaborator": _collaborator,
    "RepositoryEnvironment": _environment,
    "IssueLabels": _labels,
    "ActionsVariable": _variable,
    "ActionsSecret": _secret,
}


def _said(given: Mapping[str, Any], settings: Mapping[str, str]) -> Settings:
    """What is given and no secret, under our words."""
    return {
        name: given[there]
        for name, there in settings.items()
        if given.get(there) is not None and not isinstance(given[there], Mapping)
    }


def _first(listed: Any) -> Mapping[str, Any] | None:
    return listed[0] if isinstance(listed, list) and listed else None


def _actors(listed: Any) -> tuple[str, ...]:
    """As GitHub names them: ``/ann`` is Ann, ``acme/team`` is a team."""
    return tuple(sorted(str(one).rpartition("/")[2] for one in listed or ()))


def _bypasser(actor: Mapping[str, Any]) -> str:
    kind, number = actor.get("actorType"), actor.get("actorId")
    mode = "" if actor.get("bypassMode", "always") == "always" else " by pull request"
    known = number is not None and kind != "OrganizationAdmin"
    return f"{kind}{f' {int(number)}' if known and number is not None else ''}{mode}"


def _snake(word: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in word)
