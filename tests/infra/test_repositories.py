"""The facts of repositories: the brief's protection, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from infra import settings
from infra.model.repository_references import faults

ROOT = Path(__file__).resolve().parents[2]
CLEAN: dict[str, Any] = {
    "description": "One",
    "branches": ["develop"],
    "protection": {"main": {}, "develop": {}},
    "teams": {"owners": {"permission": "maintain"}},
    "environments": {"prod": {"branches": ["main"], "reviewers": ["owners"]}},
    "variables": {"STACK": "prod"},
}


def _told(**broken: Any) -> list[str]:
    values = {"repositories": {"one": {**CLEAN, **broken}}}
    return [".".join(str(part) for part in fault.path[2:]) for fault in faults(values)]


def test_good_facts_have_no_fault() -> None:
    assert _told() == []


@pytest.mark.parametrize(
    ("broken", "key"),
    [
        ({"protection": {"release": {}}}, "protection.release"),
        ({"environments": {"prod": {"branches": ["next"]}}}, "environments.prod.branches.0"),
        ({"environments": {"prod": {"reviewers": ["them"]}}}, "environments.prod.reviewers.0"),
        ({"variables": {"GITHUB_X": "1"}}, "variables.GITHUB_X"),
        ({"secrets": ["GITHUB_X"]}, "secrets.GITHUB_X"),
        ({"allow_squash_merge": False, "allow_rebase_merge": False}, "allow_merge_commit"),
    ],
)
def test_what_disagrees_is_told_by_its_key(broken: dict[str, Any], key: str) -> None:
    assert _told(**broken) == [key]


@pytest.mark.parametrize("branch", ["main", "develop"])
@pytest.mark.parametrize("environment", ["prod", "local"])
def test_the_brief_s_branches_are_protected(environment: str, branch: str) -> None:
    repository = settings.load(ROOT, environment).environment.repositories["leap"]
    rule = repository.protection[branch]
    assert rule.required_approving_review_count >= 1
    assert rule.required_status_checks
    assert rule.required_linear_history
    assert rule.enforce_admins
    assert not rule.allows_force_pushes


def test_a_rehearsal_has_no_repository_of_its_own() -> None:
    assert settings.load(ROOT, "dev").environment.repositories == {}


def test_code_owners_are_teams_that_can_review() -> None:
    teams = settings.load(ROOT, "prod").environment.repositories["leap"].teams
    owners = (ROOT / ".github" / "CODEOWNERS").read_text(encoding="utf-8")
    named = set(re.findall(r"@[a-z0-9-]+/([a-z0-9-]+)", owners))
    assert named
    assert named <= set(teams)
