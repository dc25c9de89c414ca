"""Who could push or merge what, in words, over the sandbox's GitHub."""

from __future__ import annotations

from typing import Any

import pytest

from infra.model.rules.catalogue import RULES
from infra.model.rules.judging import judge
from infra.model.rules.rule import Ground
from ops.audit.protected import protections, workflows
from ops.github.guards import Guard, guards, writers
from policies.facts import ground
from tests.ops.audit.conftest import TODAY
from tests.ops.github.conftest import LAKE, MAIN, PROTECTED, Lake

pytestmark = pytest.mark.sandbox

ADMINS = "administrators of the repository and owners of the organization"


def _guard(lake: Lake, who: str = "owner") -> Guard:
    (found,) = guards(lake.look(who), {"lake": ["main"]})
    return found


def _said(lake: Lake, who: str = "owner") -> list[str]:
    return [one.removeprefix("main of lake: ") for one in _guard(lake, who).sentences()]


def _broken(guard: Guard) -> list[str]:
    """What the rules say of it."""
    found: Ground = ground("prod")
    return [one.message for one in judge(RULES, protections([guard]), found, TODAY).findings]


def _ruleset(
    lake: Lake, *rules: dict[str, Any], actors: list[dict[str, Any]] | None = None
) -> None:
    where = {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}}
    body = {"name": "more", "target": "branch", "enforcement": "active", "conditions": where}
    more = {"rules": list(rules), "bypass_actors": actors or []}
    assert lake.github.ask("POST", f"{LAKE}/rulesets", {**body, **more}).status == 201


REVIEW: dict[str, Any] = {
    "type": "pull_request",
    "parameters": {"required_approving_review_count": 2},
}
OWNERS = [{"actor_id": 1, "actor_type": "OrganizationAdmin", "bypass_mode": "always"}]


def test_a_protected_branch_is_passed_by_nobody(lake: Lake) -> None:
    assert _said(lake) == [
        "nobody may push to it directly.",
        "a merge needs 1 approval with a code owner's.",
        "a merge needs green test.",
    ]
    assert _broken(_guard(lake)) == []


def test_administrators_who_are_not_bound_may_pass(lake: Lake) -> None:
    lake.github.ask("DELETE", f"{MAIN}/enforce_admins")
    assert _said(lake)[0] == f"{ADMINS} may push to it directly."
    assert _said(lake)[2] == f"a merge needs green test, but {ADMINS} may do without."
    assert _broken(_guard(lake)) == [f"it does not hold {ADMINS}."]


def test_a_branch_that_nothing_protects_is_everybody_s(lake: Lake) -> None:
    lake.github.ask("DELETE", MAIN)
    assert _said(lake) == [
        "anybody who may write may push to it directly.",
        "anybody who may write may merge without a review.",
        "anybody who may write may merge without a green check.",
        "anybody who may write may rewrite its history.",
        "anybody who may write may delete it.",
    ]
    assert len(_broken(_guard(lake))) == 3


def test_who_passes_must_pass_every_layer(lake: Lake) -> None:
    lake.github.ask("DELETE", f"{MAIN}/enforce_admins")
    _ruleset(lake, REVIEW, actors=OWNERS)
    said = _said(lake)
    assert said[0] == "owners of the organization may push to it directly."
    assert said[1] == (
        "a merge needs 2 approvals with a code owner's, but owners of the organization may do "
        "without."
    )


def test_a_ruleset_alone_protects(lake: Lake) -> None:
    lake.github.ask("DELETE", MAIN)
    checks = {"required_status_checks": [{"context": "test"}]}
    _ruleset(
        lake,
        REVIEW,
        {"type": "required_status_checks", "parameters": checks},
        {"type": "non_fast_forward"},
        {"type": "deletion"},
    )
    assert _said(lake) == [
        "nobody may push to it directly.",
        "a merge needs 2 approvals.",
        "a merge needs green test.",
    ]


def test_whoever_may_bypass_by_pull_request_may_not_push(lake: Lake) -> None:
    lake.github.ask("DELETE", MAIN)
    team = [{"actor_id": lake.team, "actor_type": "Team", "bypass_mode": "pull_request"}]
    _ruleset(lake, REVIEW, actors=team)
    assert _said(lake)[:2] == [
        "nobody may push to it directly.",
        "a merge needs 2 approvals, but team owners may do without.",
    ]


def test_a_ruleset_that_is_not_active_protects_nothing(lake: Lake) -> None:
    lake.github.ask("DELETE", MAIN)
    _ruleset(lake, REVIEW)
    number = lake.github.ask("GET", f"{LAKE}/rulesets").body[-1]["id"]
    lake.github.ask("PUT", f"{LAKE}/rulesets/{number}", {"enforcement": "evaluate"})
    assert _said(lake)[1] == "anybody who may write may merge without a review."


def test_the_rule_of_a_pattern_holds_the_branches_that_fit(lake: Lake) -> None:
    lake.github.ask("DELETE", MAIN)
    lake.github.ask("PUT", f"{LAKE}/branches/ma*/protection", PROTECTED)
    assert _said(lake)[0] == "nobody may push to it directly."


def test_a_reader_is_told_what_could_not_be_seen(lake: Lake) -> None:
    said = _said(lake, "reader")
    assert said[0] == "as far as could be read, nobody may push to it directly."
    assert "whether administrators or others may pass it by" in said[-1]
    assert _broken(_guard(lake, "reader")) == []


def test_a_branch_that_may_be_unprotected_is_not_called_so(lake: Lake) -> None:
    lake.github.ask("DELETE", MAIN)
    assert _said(lake, "reader") == ["what protects it could not be read."]
    assert _broken(_guard(lake, "reader")) == []


def test_a_workflow_that_may_approve_is_no_review(lake: Lake) -> None:
    path = f"{LAKE}/actions/permissions/workflow"
    lake.github.ask("PUT", path, {"can_approve_pull_request_reviews": True})
    assert _said(lake)[-1] == "a workflow may give the approval."
    found = judge(RULES, workflows(lake.look()), ground("prod"), TODAY).findings
    assert [one.rule.id for one in found] == ["workflows-do-not-approve"]


def test_workflows_that_could_not_be_seen_break_no_rule(lake: Lake) -> None:
    path = f"{LAKE}/actions/permissions/workflow"
    lake.github.ask("PUT", path, {"can_approve_pull_request_reviews": True})
    assert judge(RULES, workflows(lake.look("reader")), ground("prod"), TODAY).findings == ()
    assert "whether workflows may approve" in _said(lake, "reader")[-1]


def test_who_may_write_is_told_by_name(lake: Lake) -> None:
    lake.github.ask("PUT", f"{LAKE}/collaborators/mallory", {"permission": "push"})
    assert writers(lake.look(), "lake") == ["team owners (maintain)", "mallory (push)"]
