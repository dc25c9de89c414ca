"""Code against GitHub: a clean pair has no difference, each thing done by hand has one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra import settings
from infra.model.repository import Protection
from ops.access.names import Securable
from ops.drift.finding import Finding, Form, Subject
from ops.drift.remedy import Place
from ops.github.compare import compare
from ops.github.remedy import fixes
from ops.github.transport import Api, RefusedError
from tests.ops.github.conftest import LAKE, MAIN, Lake
from tests.sandbox.github.conftest import Github
from tests.sandbox.github.test_github import RULE

pytestmark = pytest.mark.sandbox

ROOT = Path(__file__).resolve().parents[3]
TODAY = date(2026, 3, 1)
BY_HAND: tuple[tuple[str, str, object, str], ...] = (
    (
        "DELETE",
        f"{MAIN}/enforce_admins",
        None,
        "differs: enforce_admins of branch protection main of repository lake",
    ),
    (
        "PATCH",
        f"{MAIN}/required_pull_request_reviews",
        {"required_approving_review_count": 0},
        "differs: required_approving_review_count of branch protection main of repository lake",
    ),
    (
        "PATCH",
        f"{MAIN}/required_status_checks",
        {"contexts": []},
        "differs: required_status_checks of branch protection main of repository lake",
    ),
    ("DELETE", MAIN, None, "in code, not live: branch protection main of repository lake"),
    (
        "PUT",
        f"{LAKE}/collaborators/mallory",
        {"permission": "admin"},
        "live, in no code: collaborator mallory of repository lake",
    ),
    ("PATCH", LAKE, {"visibility": "public"}, "differs: visibility of repository lake"),
    (
        "POST",
        f"{LAKE}/labels",
        {"name": "wip"},
        "live, in no code: label wip of repository lake",
    ),
    (
        "PATCH",
        f"{LAKE}/actions/variables/STACK",
        {"value": "dev"},
        "differs: value of actions variable STACK of repository lake",
    ),
    (
        "PUT",
        f"{LAKE}/environments/prod",
        {},
        "differs: reviewers of deployment environment prod of repository lake",
    ),
    (
        "PUT",
        f"/orgs/acme/teams/owners{LAKE}",
        {"permission": "admin"},
        "differs: permission of team owners of repository lake",
    ),
    ("DELETE", LAKE, None, "in code, not live: repository lake"),
)


def test_what_code_made_has_no_difference(lake: Lake) -> None:
    assert lake.drift() == []


@pytest.mark.parametrize(("method", "path", "body", "what"), BY_HAND)
def test_what_is_done_by_hand_is_the_only_difference(
    lake: Lake, method: str, path: str, body: object, what: str
) -> None:
    assert lake.github.ask(method, path, body).status < 300
    assert lake.drift() == [what]


@pytest.mark.parametrize(
    ("path", "setting"),
    [
        ("vulnerability-alerts", "vulnerability_alerts"),
        ("automated-security-fixes", "dependabot_security_updates"),
    ],
)
def test_what_github_calls_not_found_is_off_to_an_administrator_and_unknown_to_others(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, path: str, setting: str
) -> None:
    asked = Api.get

    def as_documented(api: Api, asks: str) -> Any:
        if asks.endswith(path):
            raise RefusedError(404, "Not Found")
        return asked(api, asks)

    lake.github.ask("PUT", f"{LAKE}/{path}")
    assert lake.look().of("lake", "REPOSITORY")["lake"][setting] is True
    monkeypatch.setattr(Api, "get", as_documented)
    assert lake.look().of("lake", "REPOSITORY")["lake"][setting] is False
    assert setting not in lake.look("reader").of("lake", "REPOSITORY")["lake"]


def test_a_weakened_ruleset_is_a_difference(lake: Lake) -> None:
    number = lake.github.ask("GET", f"{LAKE}/rulesets").body[0]["id"]
    actors = [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}]
    lake.github.ask("PUT", f"{LAKE}/rulesets/{number}", {"bypass_actors": actors})
    assert lake.drift() == ["differs: bypass_actors of ruleset tags of repository lake"]


def test_a_ruleset_of_the_organization_is_none_of_the_repository(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"name": "everywhere", "enforcement": "active", "rules": []}
    lake.github.ask("POST", f"{LAKE}/rulesets", body)
    assert lake.drift() == ["live, in no code: ruleset everywhere of repository lake"]
    asked = Api.get

    def above(api: Api, path: str) -> Any:
        told = asked(api, path)
        if isinstance(told, dict) and told.get("name") == "everywhere":
            told["source_type"] = "Organization"
        return told

    monkeypatch.setattr(Api, "get", above)
    assert lake.drift() == []


def test_more_rules_than_one_answer_tells_are_named(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.github.ask("DELETE", MAIN)
    asked = Api.query

    def short(api: Api, text: str, **variables: Any) -> Any:
        data, errors = asked(api, text, **variables)
        data["r0"]["branchProtectionRules"]["totalCount"] = 101
        return data, errors

    monkeypatch.setattr(Api, "query", short)
    assert lake.drift() == []
    assert "0 of 101 were told" in [one.why for one in lake.look().unread]


@pytest.mark.parametrize("who", ["reader", "stranger"])
def test_what_a_token_may_not_see_is_never_missing(lake: Lake, who: str) -> None:
    for method, path in (("DELETE", MAIN), ("DELETE", f"{LAKE}/actions/variables/STACK")):
        lake.github.ask(method, path)
    assert lake.drift(who) == []
    unread = [one.what for one in lake.look(who).unread]
    assert any("branch protection main" in one or "repository acme/lake" in one for one in unread)


def test_a_reader_still_finds_what_an_update_shows(lake: Lake) -> None:
    lake.github.ask(
        "PATCH", f"{MAIN}/required_pull_request_reviews", {"required_approving_review_count": 0}
    )
    assert lake.drift("reader") == [
        "differs: required_approving_review_count of branch protection main of repository lake"
    ]


def _made(lake: Lake, finding: Finding) -> dict[str, str]:
    environment = settings.load(ROOT, "local").environment
    place = Place("local", environment, "environments/local.yaml", {})
    return {fix.name: fix.text for fix in fixes(finding, place, lake.code(), lake.look(), TODAY)}


def test_a_weakened_rule_has_three_ways_on(lake: Lake) -> None:
    lake.github.ask("DELETE", f"{MAIN}/enforce_admins")
    (finding,) = compare(lake.code(), lake.look())
    ways = _made(lake, finding)
    assert list(ways) == ["adopt", "put back", "accept"]
    assert "main:\n        enforce_admins: false" in ways["adopt"]
    assert ways["put back"].startswith("./leap apply --refresh --stack local")
    assert "finding: enforce_admins of branch protection main of repository lake" in ways["accept"]


def _collaborator(github: Github) -> None:
    github.ask("PUT", f"{LAKE}/collaborators/mallory", {"permission": "push"})


def _label(github: Github) -> None:
    github.ask("POST", f"{LAKE}/labels", {"name": "in work"})


def _ruleset(github: Github) -> None:
    body = {"name": "more", "enforcement": "active", "rules": []}
    github.ask("POST", f"{LAKE}/rulesets", body)


@pytest.mark.parametrize("makes", [_collaborator, _label, _ruleset])
def test_the_request_that_takes_it_back_does(lake: Lake, makes: Callable[[Github], None]) -> None:
    makes(lake.github)
    (finding,) = compare(lake.code(), lake.look())
    line = _made(lake, finding)["revoke"]
    address = line.rpartition(" ")[2].removeprefix(f"{lake.github.url}/api/v3")
    assert lake.github.ask("DELETE", address).status == 204
    assert lake.drift() == []


def _unprotected(lake: Lake, line: str) -> None:
    """What the printed request does, sent as it is printed."""
    address, _, body = line.removeprefix(
        'curl -H "Authorization: Bearer $GITHUB_TOKEN" '
    ).partition(" -d ")
    asked = json.loads(body.strip("'"))
    assert address == f"{lake.github.url}/api/graphql"
    assert "errors" not in lake.github.query(asked["query"], **asked["variables"])


def test_a_protection_by_hand_is_adopted_whole_or_taken_away(lake: Lake) -> None:
    rule = {
        "repositoryId": lake.node,
        "pattern": "release/*",
        "requiresApprovingReviews": True,
        "requiredApprovingReviewCount": 2,
    }
    lake.github.query(RULE, input=rule)
    (finding,) = compare(lake.code(), lake.look())
    assert finding.what == "branch protection release/* of repository lake"
    ways = _made(lake, finding)
    facts, _, line = ways["adopt"].partition('eval "$(./leap env)"\n')
    said = yaml.safe_load(facts)["repositories"]["lake"]["protection"]["release/*"]
    assert Protection.model_validate(said).required_approving_review_count == 2
    assert line.startswith(
        "pulumi import github:index/branchProtection:BranchProtection "
        "lake-protection-release-any 'lake:release/*' --stack local --parent repository="
    )
    assert "--provider github='p'" in line
    _unprotected(lake, ways["revoke"])
    assert lake.drift() == []


def test_a_repository_s_finding_is_told_apart_from_an_account_s(lake: Lake) -> None:
    lake.github.ask("DELETE", LAKE)
    (finding,) = compare(lake.code(), lake.look())
    assert (finding.form, finding.subject) == (Form.MISSING, Subject.OBJECT)
    assert finding.securable == Securable("REPOSITORY", ("lake",))
    assert "lake: null" in _made(lake, finding)["take out"]
