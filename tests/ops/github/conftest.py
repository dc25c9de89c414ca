"""A repository on the sandbox's GitHub, and the state of a deployment that is exactly that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ops.github import standing
from ops.github.compare import compare
from ops.github.deployed import Deployed, deployed
from ops.github.standing import Standing
from ops.github.transport import Api
from tests.sandbox.github.conftest import OWNER, Github, Serving

LAKE: Final = "/repos/acme/lake"
MAIN: Final = f"{LAKE}/branches/main/protection"
REVIEWS: Final = {
    "required_approving_review_count": 1,
    "dismiss_stale_reviews": True,
    "require_code_owner_reviews": True,
}
PROTECTED: Final = {
    "required_status_checks": {"strict": True, "contexts": ["test"]},
    "enforce_admins": True,
    "required_pull_request_reviews": REVIEWS,
    "restrictions": None,
    "required_linear_history": True,
}


class Lake:
    """The repository, the state, and both held against each other."""

    def __init__(self, github: Github) -> None:
        self.github = github
        self.slept: list[float] = []
        ask = github.ask
        made = ask("POST", "/orgs/acme/repos", {"name": "lake", "private": True, "auto_init": True})
        self.node = made.body["node_id"]
        for label in ask("GET", f"{LAKE}/labels").body:
            ask("DELETE", f"{LAKE}/labels/{label['name'].replace(' ', '%20')}")
        ask("POST", f"{LAKE}/labels", {"name": "bug", "color": "d73a4a"})
        ask("PATCH", LAKE, {"allow_merge_commit": False})
        ask("PUT", MAIN, PROTECTED)
        ask("POST", f"{LAKE}/actions/variables", {"name": "STACK", "value": "prod"})
        self.team = ask("POST", "/orgs/acme/teams", {"name": "owners"}).body["id"]
        ask("PUT", f"/orgs/acme/teams/owners{LAKE}", {"permission": "maintain"})
        reviewers = [{"type": "Team", "id": self.team}]
        ask("PUT", f"{LAKE}/environments/prod", {"reviewers": reviewers})
        tags = {"ref_name": {"include": ["refs/tags/v*"], "exclude": []}}
        ruleset = {"name": "tags", "target": "tag", "enforcement": "active", "conditions": tags}
        ask("POST", f"{LAKE}/rulesets", {**ruleset, "rules": [{"type": "deletion"}]})

    def api(self, who: str = "owner") -> Api:
        """As a token sees it; waiting takes no time."""
        return Api(who, self.github.url, self.slept.append)

    def look(self, who: str = "owner") -> Standing:
        """What stands, as a token sees it."""
        return standing.read(self.api(who), OWNER, {"lake": ["main"]})

    def code(self) -> Deployed:
        """What the state says."""
        return deployed(self.state())

    def drift(self, who: str = "owner") -> list[str]:
        """Every difference in words, with its form."""
        return [f"{one.form}: {one.what}" for one in compare(self.code(), self.look(who))]

    def state(self) -> dict[str, Any]:
        """The deployment as the engine exports it."""
        return {"resources": self._resources()}

    def _resources(self) -> list[dict[str, Any]]:
        tags = {"refName": {"includes": ["refs/tags/v*"], "excludes": []}}
        checks = {"strict": True, "contexts": ["test"]}
        reviews = {
            "requiredApprovingReviewCount": 1.0,
            "dismissStaleReviews": True,
            "requireCodeOwnerReviews": True,
        }
        settings = {"name": "lake", "visibility": "private", "allowMergeCommit": False}
        rule = {"pattern": "main", "enforceAdmins": True, "requiredLinearHistory": True}
        lake = {"repository": "lake"}
        entry = self._entry
        return [
            {"type": "pulumi:providers:github", "urn": "p", "inputs": {"owner": "acme"}},
            entry("Repository", settings, nodeId=self.node),
            entry("BranchDefault", {**lake, "branch": "main"}),
            entry("Team", {"name": "owners"}, id=self.team, slug="owners"),
            entry("TeamRepository", {**lake, "teamId": str(self.team), "permission": "maintain"}),
            entry(
                "BranchProtection",
                {
                    **rule,
                    "repositoryId": self.node,
                    "requiredPullRequestReviews": [reviews],
                    "requiredStatusChecks": [checks],
                },
            ),
            entry(
                "RepositoryRuleset",
                {
                    **lake,
                    "name": "tags",
                    "target": "tag",
                    "enforcement": "active",
                    "conditions": tags,
                    "rules": {"deletion": True},
                },
            ),
            entry("IssueLabels", {**lake, "labels": [{"name": "bug", "color": "d73a4a"}]}),
            entry("ActionsVariable", {**lake, "variableName": "STACK", "value": "prod"}),
            entry(
                "RepositoryEnvironment",
                {**lake, "environment": "prod", "reviewers": [{"teams": [float(self.team)]}]},
            ),
        ]

    @staticmethod
    def _entry(sort: str, inputs: dict[str, Any], **outputs: Any) -> dict[str, Any]:
        type_ = f"github:index/{sort[0].lower()}{sort[1:]}:{sort}"
        identity = str(outputs.pop("id", sort))
        home = "leap:index:Repositories$leap:index:Repository"
        urn = f"urn:pulumi:local::leap::{home}${type_}::{identity}"
        return {"type": type_, "urn": urn, "id": identity, "inputs": inputs, "outputs": outputs}


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """The clean pair."""
    with Serving(tmp_path) as github:
        yield Lake(github)
