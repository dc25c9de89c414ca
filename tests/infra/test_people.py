"""People from a file: merged with those of the facts, and wrong ones told with file and row."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra import settings
from infra.settings import SettingsError

HEADER = "employee,user,email,first_name,last_name,role,warehouse\n"
JANE = "17,jane_doe,jane@example.com,Jane,Doe,DATA_ANALYST,BI_WH\n"


@pytest.fixture(autouse=True)
def _no_target_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEAP_TARGET", raising=False)


def write(root: Path, stack: str, text: str, more: str = "") -> None:
    """A file of people, and an environment that names it."""
    folder = root / "environments" / "people"
    folder.mkdir()
    (folder / "staff.csv").write_text(text)
    with (root / "environments" / f"{stack}.yaml").open("a") as file:
        file.write(f"\npeople_files: [people/staff.csv]\n{more}")


def test_people_of_a_file_are_added_to_those_of_the_facts(clone: Path) -> None:
    write(clone, "local", HEADER + JANE)
    people = settings.load(clone, "local").environment.people
    assert "ANA_ANALYST" in people
    assert people["JANE_DOE"].email == "jane@example.com"
    assert people["JANE_DOE"].role == "DATA_ANALYST"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("1,jane,,J,D,CI,BI_WH\n", "3:email: got nothing, allowed: text"),
        ("1,jane,jane,J,D,CI,BI_WH\n", "3:email: got 'jane', allowed: an address"),
        ("1,ja ne,j@x.org,J,D,CI,BI_WH\n", "3:user: got 'ja ne', allowed: a name like JANE_DOE"),
        (
            "1,jim,j@x.org,J,D,DATA_ANALYSTS,BI_WH\n",
            "3:people.JIM.role: got 'DATA_ANALYSTS', allowed: one of",
        ),
        ("1,jim,j@x.org,J,D,CI,BIG\n", "3:people.JIM.warehouse: got 'BIG', allowed: one of"),
        ("1,JANE_DOE,j@x.org,J,D,CI,BI_WH\n", "3:user: got 'JANE_DOE' again, allowed: each person"),
        ("1,jim,JANE@example.com,J,D,CI,BI_WH\n", "3:email: got 'jane@example.com' again"),
        ("1,jim,j@x.org,J, Jr,D,CI,BI_WH\n", "3: got 8 cells, allowed: 7, as the header"),
        ('1,"jim,j@x.org\n', "3: got unexpected end of data, allowed: CSV"),
    ],
)
def test_a_wrong_row_is_one_problem(clone: Path, rows: str, expected: str) -> None:
    write(clone, "dev", HEADER + JANE + rows)
    with pytest.raises(SettingsError) as caught:
        settings.load(clone, "dev")
    (problem,) = caught.value.problems
    assert problem.startswith(f"environments/people/staff.csv:{expected}")


def test_a_person_of_the_facts_is_not_made_again_by_a_file(clone: Path) -> None:
    write(clone, "local", HEADER + JANE.replace("jane_doe", "ana_analyst"))
    with pytest.raises(SettingsError, match=r"also in environments/local\.yaml"):
        settings.load(clone, "local")


def test_a_column_that_is_there_twice_is_told(clone: Path) -> None:
    write(clone, "dev", f"user,{HEADER}{JANE}")
    with pytest.raises(SettingsError, match=r"staff\.csv:1: got column user twice"):
        settings.load(clone, "dev")


@pytest.mark.parametrize("text", ["", "user,role\n"])
def test_a_file_without_its_header_is_told_which(clone: Path, text: str) -> None:
    write(clone, "dev", text)
    with pytest.raises(SettingsError, match=r"staff.csv:1: got no column .*email"):
        settings.load(clone, "dev")


def test_a_file_that_is_not_there_is_a_problem(clone: Path) -> None:
    (clone / "environments" / "dev.yaml").write_text("people_files: [people/staff.csv]")
    with pytest.raises(SettingsError, match=r"staff\.csv: got .*No such file"):
        settings.load(clone, "dev")


def test_a_real_account_gets_people_without_password(deployed: Any, clone: Path) -> None:
    person = "people: {NO_MAIL: {role: CI, warehouse: BI_WH}}\n"
    write(clone, "prod", HEADER + JANE, person)
    (clone / "Pulumi.prod.yaml").write_text(
        "config: {leap:target: snowflake, leap:organization_name: ACME, leap:account_name: PROD,"
        " leap:dr_account_name: PROD_DR, leap:dr_aws_region: eu-central-1,"
        ' leap:user: DEPLOYER, leap:aws_account_id: "210987654321", leap:github_owner: acme}\n'
    )
    hidden = ("private_key", "slackWebhookSecret", "pagerdutyRoutingKey", "githubToken")
    given = {f"leap:{name}": "hidden" for name in hidden}
    of_actions = json.dumps({"leap": {"SNOWFLAKE_PRIVATE_KEY": "hidden"}})
    config = json.dumps({**given, "leap:githubSecrets": of_actions})
    registered = deployed("prod", clone, config)
    (user,) = [r.inputs for r in registered if r.type == "snowflake:index/user:User"]
    assert user["name"] == "JANE_DOE"
    assert user["loginName"]["value"] == user["email"]["value"] == "jane@example.com"
    assert "password" not in user
