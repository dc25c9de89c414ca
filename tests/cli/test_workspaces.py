"""Workspaces' names, files and register, without an account."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from cli.errors import BadInputError
from cli.workspaces import deferral, lost, plan, register
from infra import settings
from infra import stack as stacks

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("name", "number", "stack"),
    [
        ("jane", None, "dev-jane"),
        ("dev-jane", None, "dev-jane"),
        ("jane_doe2", None, "dev-jane_doe2"),
        (None, 42, "pr-42"),
        ("pr-42", None, "pr-42"),
    ],
)
def test_a_workspace_is_known_by_a_name_or_a_number(
    name: str | None, number: int | None, stack: str
) -> None:
    assert plan.stack_of(name, number).name == stack


@pytest.mark.parametrize(
    "name", ["dev-Jane!", "Jane Doe", "", "1jane", "jane;drop", "../x", "a" * 32, "dev-", "jané"]
)
def test_a_name_that_no_schema_can_have_is_refused_with_what_is_allowed(name: str) -> None:
    with pytest.raises(BadInputError, match="allowed: a name like jane or jane_doe"):
        plan.stack_of(name, None)


@pytest.mark.parametrize("name", ["dev", "prod", "local", "dev-prod"])
def test_an_environments_name_is_no_workspaces(name: str) -> None:
    with pytest.raises(BadInputError, match="which is an environment's name"):
        plan.stack_of(name, None)


@pytest.mark.parametrize("name", ["pr-0", "pr-042", "pr-x", "pr-12345678901"])
def test_a_pull_request_has_a_number_of_one_form(name: str) -> None:
    with pytest.raises(BadInputError, match=r"or --pr 42$"):
        plan.stack_of(name, None)


def test_a_wrong_name_suggests_the_nearest_right_one() -> None:
    with pytest.raises(BadInputError, match=r"did you mean jane_doe\?"):
        plan.stack_of("Jane Doe", None)


def test_a_name_and_a_number_are_one_too_many() -> None:
    with pytest.raises(BadInputError, match="got both"):
        plan.stack_of("jane", 42)


def test_the_file_keeps_its_salt_when_it_is_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "ROOT", tmp_path)
    monkeypatch.delenv("LEAP_TARGET", raising=False)
    stack, local = stacks.parse("dev-jane"), settings.load(ROOT, "local")
    file = tmp_path / "Pulumi.dev-jane.yaml"
    plan.write(stack, local, "ENZO_ENGINEER", date(2030, 1, 1), plan.Wish(credits=3))
    file.write_text(file.read_text() + "encryptionsalt: v1:abc\n")
    plan.write(stack, local, "ENZO_ENGINEER", date(2031, 1, 1), plan.Wish())
    document = yaml.safe_load(file.read_text())
    assert document["encryptionsalt"] == "v1:abc"
    config = settings.load(ROOT, "dev-jane", plan.values(stack) and _config(document)).config
    assert (config.expires_on, config.credit_quota) == (date(2031, 1, 1), 3)
    assert (config.foundation, config.user) == ("local", "ENZO_ENGINEER")


def _config(document: dict[str, dict[str, str]]) -> dict[str, str]:
    return {k: v for k, v in document["config"].items() if isinstance(v, str)}


def test_a_workspace_stays_on_its_foundation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "ROOT", tmp_path)
    stack = stacks.parse("dev-jane")
    (tmp_path / "Pulumi.dev-jane.yaml").write_text("config:\n  leap:foundation: local\n")
    assert plan.foundation_of(stack, None) == "local"
    with pytest.raises(BadInputError, match="--on: got 'dev', allowed: 'local'"):
        plan.foundation_of(stack, "dev")


@pytest.mark.parametrize(
    ("schema", "stack"),
    [("DEV_JANE", "dev-jane"), ("CI_42", "pr-42"), ("MARTS", None), ("CI_X", None), ("DEV_", None)],
)
def test_a_schema_says_its_stack(schema: str, stack: str | None) -> None:
    assert register.stack_name(schema) == stack


@pytest.mark.parametrize("comment", [None, "", "mine", "[1]", '{"workspace": 1}', '{"x": {}}'])
def test_a_schema_made_by_hand_is_no_workspace(comment: str | None) -> None:
    assert register.read_comment(comment) is None


def test_with_a_schema_go_the_grants_in_it_and_nothing_else() -> None:
    kind = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole"
    resources = [
        {"urn": "schema", "type": "snowflake:index/schema:Schema"},
        {"urn": "role", "type": "snowflake:index/accountRole:AccountRole"},
        {"urn": "all", "type": kind, "inputs": {"onSchema": {}}},
        {"urn": "to come", "type": kind, "inputs": {"onSchemaObject": {}}},
        {"urn": "elsewhere", "type": kind, "inputs": {"onAccountObject": {}}},
    ]
    assert lost.went_with_schema({"resources": resources}) == {"schema", "all", "to come"}


def test_dbt_defers_only_where_it_knows_how_and_nobody_said_otherwise() -> None:
    bench = None
    for given in ((), ("deps",), ("run", "--no-defer"), ("build", "--state", "x")):
        assert deferral.arguments(bench, given, {}) == given  # type: ignore[arg-type]  # not asked
