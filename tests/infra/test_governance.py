"""Tags, masks and rows: written from facts, checked as facts, and only as far as a role needs."""

from pathlib import Path
from typing import Any

import pytest

from infra import settings
from infra.model import tagging
from infra.model.environment import Environment
from infra.model.governance import MaskedType, MaskingPolicy, RowAccessPolicy
from infra.model.grants import derive_grants
from infra.settings import SettingsError
from ingestion.feed import Feed, load_feeds

ROOT = Path(__file__).resolve().parents[2]
PLACE = '"LEAP_ANALYTICS"."GOVERNANCE"'


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    """The facts of the local stack."""
    monkeypatch.delenv("LEAP_TARGET", raising=False)
    return settings.load(ROOT, "local").environment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "governance: {masking_policies: {PII_TEXT: {plain_for: [DATA_ADMINS]}}}",
            "governance.masking_policies.PII_TEXT.plain_for.0: got 'DATA_ADMINS', allowed: one of",
        ),
        (
            "governance: {masking_policies: {PII_TEXT: {tag: PI}}}",
            "governance.masking_policies.PII_TEXT.tag: got 'PI', allowed: one of",
        ),
        (
            "governance: {masking_policies: {PII_DOCUMENT: {data_type: VARCHAR}}}",
            "governance.masking_policies.PII_DOCUMENT.data_type: got 'VARCHAR', allowed: one "
            "policy for each type and tag (there is PII_TEXT)",
        ),
        (
            "governance: {row_access_policies: {BY_STATE: {values_for: {NOBODY: [TX]}}}}",
            "governance.row_access_policies.BY_STATE.values_for.NOBODY: got 'NOBODY', allowed: ",
        ),
        (
            "governance: {schema: GOVERNMENT}",
            "governance.schema: got 'GOVERNMENT', allowed: one of",
        ),
        (
            "database: {tags: {OWNER: me}}",
            "database.tags.OWNER: got 'me', allowed: one of data-analytics",
        ),
        (
            "warehouses: {BI_WH: {tags: {COST_CENTER: analytics}}}",
            "warehouses.BI_WH.tags.COST_CENTER: got 'COST_CENTER', allowed: one of COST_CENTRE",
        ),
    ],
)
def test_a_wrong_name_is_one_problem(clone: Path, text: str, expected: str) -> None:
    (clone / "environments" / "dev.yaml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        settings.load(clone, "dev")
    (problem,) = caught.value.problems
    assert problem.startswith(f"environments/dev.yaml:{expected}")


def tagged(tags: dict[str, str]) -> list[Feed]:
    """The feeds, with one column's tags exchanged."""
    first, *others = load_feeds()
    column = first.columns[0].model_copy(update={"tags": tags})
    return [first.model_copy(update={"columns": (column, *first.columns[1:])}), *others]


@pytest.mark.parametrize("tags", [{"PI": "person"}, {"PII": "persons"}])
def test_a_feed_can_only_use_tags_that_exist(
    environment: Environment, tags: dict[str, str]
) -> None:
    assert tagging.problems(environment, load_feeds()) == []
    (problem,) = tagging.problems(environment, tagged(tags))
    assert problem.startswith("ingestion/feeds/census_demographics.yaml:columns.")


def test_each_object_has_a_tagging_of_its_own_which_a_new_value_keeps(
    environment: Environment,
) -> None:
    found = {each[:3]: each for each in tagging.taggings(environment, load_feeds())}
    event = found["PII", "COLUMN", ("RAW", "GYM_EVENTS", "EVENT")]
    assert event.object == '"LEAP_ANALYTICS"."RAW"."GYM_EVENTS"."EVENT"'
    assert event.value == "person"
    values = {key[2]: each.value for key, each in found.items() if key[:2] == ("OWNER", "SCHEMA")}
    assert values == dict.fromkeys(
        [("STAGING",), ("INTERMEDIATE",), ("MARTS",)], "data-engineering"
    )


def test_a_mask_shows_the_value_to_the_roles_that_it_names() -> None:
    policy = MaskingPolicy(
        tag="PII", data_type=MaskedType.VARCHAR, plain_for=("A", "B"), masked="'***'"
    )
    assert policy.body(("DEV__A", "DEV__B")) == (
        "CASE WHEN IS_ROLE_IN_SESSION('DEV__A') OR IS_ROLE_IN_SESSION('DEV__B') "
        "THEN VAL ELSE '***' END"
    )
    assert policy.body(()) == "CASE WHEN FALSE THEN VAL ELSE '***' END"


def test_a_role_that_a_row_policy_does_not_name_sees_no_row() -> None:
    policy = RowAccessPolicy(column="STATE", everything_for=("A",), values_for={"B": ("TX", "O'K")})
    names = {"A": "A", "B": "DEV__B", "C": "C"}
    assert policy.body(names) == (
        "IS_ROLE_IN_SESSION('A') OR (IS_ROLE_IN_SESSION('DEV__B') AND STATE IN ('TX', 'O\\'K'))"
    )
    assert RowAccessPolicy(column="STATE", everything_for=()).body({}) == "FALSE"


def test_dbt_alone_may_tag_what_it_owns(environment: Environment) -> None:
    apply = [g for g in derive_grants(environment) if "APPLY" in g.privileges]
    assert {g.on for g in apply} == {"TAG", "ROW ACCESS POLICY"}
    (carrier,) = {g.role for g in apply}
    holders = {g.role for g in derive_grants(environment) if g.name == carrier}
    assert holders == {"TRANSFORMER"}


@pytest.mark.parametrize("stack", ["local", "dev", "prod"])
def test_the_role_that_runs_the_platform_cannot_take_a_mask_away(deployed: Any, stack: str) -> None:
    kinds = ("MaskingPolicy", "RowAccessPolicy", "Tag")
    made = [r for r in deployed(stack) if r.type.rsplit(":", 1)[-1] in kinds]
    assert {r.provider.split("::")[-2] for r in made} == {"accountadmin"}


def test_every_role_that_reads_the_marts_is_in_the_row_policy(environment: Environment) -> None:
    (policy,) = environment.governance.row_access_policies.values()
    reading = {name for name, held in environment.access.items() if "MARTS" in held.schemas}
    assert reading == {*policy.everything_for, *policy.values_for}
