"""The sandbox's GitHub answers as GitHub does, to an ordinary HTTP client."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sandbox.github.conftest import Github, Serving

pytestmark = pytest.mark.sandbox

REPOSITORY = "/repos/acme/lake"
NODE = '{repository(owner: "acme", name: "lake") {id}}'
RULE = """mutation($input: CreateBranchProtectionRuleInput!) {
  createBranchProtectionRule(input: $input) { branchProtectionRule { id pattern } } }"""


@pytest.fixture(scope="module", autouse=True)
def _repository(github: Github) -> None:
    body = {"name": "lake", "private": True, "auto_init": True}
    assert github.ask("POST", "/orgs/acme/repos", body).status == 201


def test_a_new_repository_has_the_vendor_s_defaults(github: Github) -> None:
    found = github.ask("GET", REPOSITORY).body
    assert found["owner"]["login"] == "acme"
    assert found["default_branch"] == "main"
    assert (found["allow_merge_commit"], found["allow_auto_merge"]) == (True, False)
    assert len(github.ask("GET", f"{REPOSITORY}/labels").body) == 9


def test_what_is_written_reads_back(github: Github) -> None:
    github.ask("PATCH", REPOSITORY, {"description": "Water", "allow_merge_commit": False})
    found = github.ask("GET", REPOSITORY).body
    assert (found["description"], found["allow_merge_commit"]) == ("Water", False)


def test_a_repository_without_a_way_to_merge_is_refused(github: Github) -> None:
    ways = ("allow_merge_commit", "allow_squash_merge", "allow_rebase_merge")
    answer = github.ask("PATCH", REPOSITORY, dict.fromkeys(ways, False))
    assert answer.status == 422
    assert "at least one merge strategy" in answer.body["errors"][0]["message"]


def test_an_unknown_token_is_bad_credentials(github: Github) -> None:
    answer = github.ask("GET", REPOSITORY, who="wrong")
    assert (answer.status, answer.body["message"]) == (401, "Bad credentials")


@pytest.mark.parametrize(
    ("token", "method", "path", "status"),
    [
        ("reader", "GET", REPOSITORY, 200),
        ("stranger", "GET", REPOSITORY, 404),
        ("", "GET", REPOSITORY, 404),
        ("reader", "PATCH", REPOSITORY, 403),
        ("stranger", "PATCH", REPOSITORY, 404),
        ("reader", "GET", f"{REPOSITORY}/branches/main/protection", 404),
        ("reader", "PUT", f"{REPOSITORY}/environments/prod", 404),
        ("reader", "POST", "/orgs/acme/teams", 403),
        ("owner", "GET", "/repos/acme/river", 404),
        ("owner", "GET", "/orgs/other", 404),
        ("owner", "GET", "/gists", 404),
    ],
)
def test_a_missing_right_shows_as_on_github(
    github: Github, token: str, method: str, path: str, status: int
) -> None:
    body: dict[str, str] | None = None if method == "GET" else {}
    assert github.ask(method, path, body, who=token).status == status


def test_a_repository_that_did_not_change_is_not_sent_again(github: Github) -> None:
    first = github.ask("GET", REPOSITORY)
    again = github.ask("GET", REPOSITORY, headers={"If-None-Match": first.headers["etag"]})
    assert again.status == 304


def test_a_rule_by_graphql_is_the_branch_s_protection_by_rest(github: Github) -> None:
    path = f"{REPOSITORY}/branches/main/protection"
    assert github.ask("GET", path).body["message"] == "Branch not protected"
    node = github.query('{repository(owner: "acme", name: "lake") {id}}')["data"]["repository"][
        "id"
    ]
    given = {
        "repositoryId": node,
        "pattern": "main",
        "requiresApprovingReviews": True,
        "requiredApprovingReviewCount": 2,
        "requiresStatusChecks": True,
        "requiredStatusCheckContexts": ["test"],
        "isAdminEnforced": True,
        "requiresLinearHistory": True,
    }
    assert "errors" not in github.query(RULE, input=given)
    protection = github.ask("GET", path).body
    assert protection["required_pull_request_reviews"]["required_approving_review_count"] == 2
    assert protection["required_status_checks"]["contexts"] == ["test"]
    assert protection["enforce_admins"]["enabled"]
    assert protection["required_linear_history"]["enabled"]
    again = github.query(RULE, input=given)
    assert again["errors"][0]["message"] == "Name already protected: main"


def test_a_rule_can_be_weakened_by_rest(github: Github) -> None:
    path = f"{REPOSITORY}/branches/main/protection"
    github.ask(
        "PATCH",
        f"{path}/required_pull_request_reviews",
        {"required_approving_review_count": 0},
    )
    github.ask("DELETE", f"{path}/enforce_admins")
    protection = github.ask("GET", path).body
    assert protection["required_pull_request_reviews"]["required_approving_review_count"] == 0
    assert not protection["enforce_admins"]["enabled"]


def test_graphql_tells_what_it_cannot_find_and_does_not_know(github: Github) -> None:
    missing = github.query('{node(id: "BPR_1") {id}}')["errors"][0]
    assert missing["type"] == "NOT_FOUND"
    assert missing["message"] == "Could not resolve to a node with the global id of 'BPR_1'."
    unknown = github.query('{repository(owner: "acme", name: "lake") {issues {totalCount}}}')
    assert "Cannot query field 'issues'" in unknown["errors"][0]["message"]


def test_a_reader_cannot_protect_a_branch_by_graphql(github: Github) -> None:
    node = github.query('{repository(owner: "acme", name: "lake") {id}}')["data"]["repository"][
        "id"
    ]
    given = {"repositoryId": node, "pattern": "release/*"}
    assert github.query(RULE, who="reader", input=given)["errors"][0]["type"] == "FORBIDDEN"


def test_reviewers_need_access_to_the_repository(github: Github) -> None:
    team = github.ask("POST", "/orgs/acme/teams", {"name": "Data Platform"}).body
    assert team["slug"] == "data-platform"
    wish = {"reviewers": [{"type": "Team", "id": team["id"]}]}
    path = f"{REPOSITORY}/environments/prod"
    assert github.ask("PUT", path, wish).status == 422
    github.ask("PUT", f"/orgs/acme/teams/data-platform{REPOSITORY}", {"permission": "maintain"})
    rules = github.ask("PUT", path, wish).body["protection_rules"]
    assert rules[0]["reviewers"][0]["reviewer"]["slug"] == "data-platform"


def test_no_secret_is_kept(github: Github, folder: Path) -> None:
    key = github.ask("GET", f"{REPOSITORY}/actions/secrets/public-key").body
    sealed = {"encrypted_value": "c2VhbGVk", "key_id": key["key_id"]}
    path = f"{REPOSITORY}/actions/secrets/TOKEN"
    assert github.ask("PUT", path, sealed).status == 201
    assert set(github.ask("GET", path).body) == {"name", "created_at", "updated_at"}
    assert b"c2VhbGVk" not in (folder / "documents.sqlite").read_bytes()


def test_a_request_that_failed_changes_nothing(github: Github) -> None:
    rules = [{"type": "of no meaning"}]
    body = {"name": "x", "enforcement": "active", "rules": rules}
    assert github.ask("POST", f"{REPOSITORY}/rulesets", body).status == 422
    assert github.ask("GET", f"{REPOSITORY}/rulesets").body == []


def test_a_renamed_repository_keeps_what_it_has(github: Github) -> None:
    github.ask("POST", "/orgs/acme/repos", {"name": "old", "auto_init": True})
    reviews = {"required_approving_review_count": 1}
    protection = {"required_status_checks": None, "enforce_admins": True, "restrictions": None}
    github.ask(
        "PUT",
        "/repos/acme/old/branches/main/protection",
        {**protection, "required_pull_request_reviews": reviews},
    )
    github.ask("PATCH", "/repos/acme/old", {"name": "new"})
    assert github.ask("GET", "/repos/acme/old").status == 404
    assert github.ask("GET", "/repos/acme/new/branches/main").body["protected"]
    assert github.ask("DELETE", "/repos/acme/new").status == 204
    assert github.ask("GET", "/repos/acme/new/labels").status == 404


def test_faults_strike_as_often_as_told(github: Github) -> None:
    rules = [{"match": "GET .*/lake$", "with": "broken", "times": 2}]
    github.faults.write_text(json.dumps(rules))
    assert [github.ask("GET", REPOSITORY).status for _ in range(3)] == [502, 502, 200]


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    with Serving(tmp_path) as github:
        made = github.ask("POST", "/orgs/acme/repos", {"name": "kept"}).body
    with Serving(tmp_path) as github:
        found = github.ask("GET", "/repos/acme/kept").body
    hosts = ("url", "html_url", "clone_url", "git_url", "ssh_url", "svn_url")
    assert {k: v for k, v in found.items() if k not in hosts} == {
        k: v for k, v in made.items() if k not in hosts
    }


def test_the_hour_s_requests_are_limited(tmp_path: Path) -> None:
    with Serving(tmp_path, hourly=2) as github:
        remaining = [github.ask("GET", "/user").headers["x-ratelimit-remaining"] for _ in range(2)]
        refused = github.ask("GET", "/user")
        other = github.ask("GET", "/user", who="reader")
    assert remaining == ["1", "0"]
    assert (refused.status, other.status) == (403, 200)
    assert refused.body["message"] == "API rate limit exceeded for user olga."


def test_a_person_is_given_the_repository_by_name(github: Github) -> None:
    path = f"{REPOSITORY}/collaborators"
    assert github.ask("PUT", f"{path}/mona", {"permission": "maintain"}).status == 204
    found = github.ask("GET", f"{path}?affiliation=direct").body
    assert [(one["login"], one["role_name"]) for one in found] == [("mona", "maintain")]
    assert [one["login"] for one in github.ask("GET", path).body] == ["olga", "mona"]
    assert github.ask("GET", path, who="reader").status == 403
    assert github.ask("PUT", f"{path}/mona", {"permission": "everything"}).status == 422
    assert github.ask("DELETE", f"{path}/mona").status == 204
    assert github.ask("GET", f"{path}?affiliation=direct").body == []


@pytest.mark.parametrize(("who", "role"), [("owner", "admin"), ("reader", "member")])
def test_a_member_knows_what_they_are(github: Github, who: str, role: str) -> None:
    assert github.ask("GET", "/user/memberships/orgs/acme", who=who).body["role"] == role
    assert github.ask("GET", "/user/memberships/orgs/acme", who="stranger").status == 404


def test_a_rule_is_for_administrators_and_what_it_asks_for_everybody(github: Github) -> None:
    github.ask("POST", "/orgs/acme/repos", {"name": "held", "auto_init": True})
    reviews = {"required_approving_review_count": 2}
    rule = {"required_status_checks": None, "enforce_admins": True, "restrictions": None}
    body = {**rule, "required_pull_request_reviews": reviews}
    github.ask("PUT", "/repos/acme/held/branches/main/protection", body)
    text = """{repository(owner: "acme", name: "held") { viewerPermission
      branchProtectionRules(first: 9) {totalCount}
      ref(qualifiedName: "refs/heads/main") {
        refUpdateRule {requiredApprovingReviewCount requiredStatusCheckContexts} } }}"""
    told = [github.query(text, who=who)["data"]["repository"] for who in ("owner", "reader")]
    assert [one["viewerPermission"] for one in told] == ["ADMIN", "READ"]
    assert [one["branchProtectionRules"]["totalCount"] for one in told] == [1, 0]
    asked = {"requiredApprovingReviewCount": 2, "requiredStatusCheckContexts": None}
    assert [one["ref"]["refUpdateRule"] for one in told] == [asked, asked]


def test_who_may_bypass_a_ruleset_is_for_administrators(github: Github) -> None:
    actors = [{"actor_id": 5, "actor_type": "RepositoryRole"}]
    body = {"name": "held", "enforcement": "active", "rules": [], "bypass_actors": actors}
    made = github.ask("POST", f"{REPOSITORY}/rulesets", body).body
    path = f"{REPOSITORY}/rulesets/{made['id']}"
    assert github.ask("GET", path).body["bypass_actors"] == actors
    assert "bypass_actors" not in github.ask("GET", path, who="reader").body
    github.ask("DELETE", path)


def test_a_pull_request_is_opened_once_for_two_branches(github: Github) -> None:
    sha = github.ask("GET", f"{REPOSITORY}/git/ref/heads/main").body["object"]["sha"]
    github.ask("POST", f"{REPOSITORY}/git/refs", {"ref": "refs/heads/develop", "sha": sha})
    body = {"title": "Release", "head": "develop", "base": "main", "body": "Notes"}
    path = f"{REPOSITORY}/pulls"
    made = github.ask("POST", path, body)
    assert (made.status, made.body["number"], made.body["head"]["label"]) == (
        201,
        1,
        "acme:develop",
    )
    again = github.ask("POST", path, body)
    assert again.body["errors"][0]["message"] == "A pull request already exists for acme:develop."
    assert github.ask("POST", path, {**body, "head": "nowhere"}).status == 422
    changed = github.ask("PATCH", f"{path}/1", {"body": "Other notes"}).body
    assert changed["body"] == "Other notes"
    found = github.ask("GET", f"{path}?head=acme:develop&base=main").body
    assert [one["number"] for one in found] == [1]
    github.ask("PATCH", f"{path}/1", {"state": "closed"})
    assert github.ask("GET", path).body == []
