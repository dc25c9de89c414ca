"""Ids as the plugins import them; but for two of GitHub's they are those of a state."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from ops.rebuild import identity

GOLDEN = Path(__file__).resolve().parents[2] / "infra" / "golden"
DB: Final = {"database": "LEAP_ANALYTICS", "schema": "RAW"}
SCHEMA: Final = '"LEAP_ANALYTICS"."RAW"'
OF_WORKSPACES: Final = {"snowflake:index/execute:Execute"}


class Github:
    """Knows one thing of each sort."""

    def team(self, name: str) -> str | None:
        return {"data-platform": "1013"}.get(name)

    def ruleset(self, repository: str, name: str) -> str | None:
        return {("leap", "release tags v*"): "1015"}.get((repository, name))

    def deployment_policy(self, repository: str, environment: str, pattern: str) -> str | None:
        return {("leap", "dev", "main"): "1023"}.get((repository, environment, pattern))

    def protection(self, repository: str, pattern: str) -> str | None:
        return {("R_1001", "main"): "leap:main"}.get((repository, pattern))


def grant(**on: Any) -> dict[str, Any]:
    """The inputs of a grant of one privilege."""
    return {"accountRoleName": "LOADER", "privileges": ["USAGE"], **on}


GRANT: Final = '"LOADER"|false|false|USAGE|'
CASES: Final[tuple[tuple[str, Mapping[str, Any], str], ...]] = (
    ("Warehouse", {"name": "BI_WH"}, "BI_WH"),
    ("Schema", {"database": "LEAP_ANALYTICS", "name": "RAW"}, SCHEMA),
    ("Table", {**DB, "name": "GYMS"}, "LEAP_ANALYTICS|RAW|GYMS"),
    ("Tag", {**DB, "name": 'A "B'}, f'{SCHEMA}."A ""B"'),
    (
        "ProcedureSql",
        {
            **DB,
            "name": "P",
            "arguments": [{"argDataType": "VARCHAR"}, {"argDataType": "NUMBER(38,0)"}],
        },
        f'{SCHEMA}."P"(VARCHAR, NUMBER)',
    ),
    (
        "AccountParameter",
        {"key": "MIN_DATA_RETENTION_TIME_IN_DAYS"},
        "MIN_DATA_RETENTION_TIME_IN_DAYS",
    ),
    (
        "AccountPasswordPolicyAttachment",
        {"passwordPolicy": f'{SCHEMA}."P"'},
        "LEAP_ANALYTICS|RAW|P",
    ),
    (
        "UserAuthenticationPolicyAttachment",
        {"userName": "LOADER_SVC", "authenticationPolicyName": f'{SCHEMA}."KEYS"'},
        f'"LOADER_SVC"|{SCHEMA}."KEYS"',
    ),
    ("NetworkPolicyAttachment", {"networkPolicyName": "OFFICE"}, "OFFICE_attachment"),
    (
        "TagAssociation",
        {"tagId": f'{SCHEMA}."DAYS"', "tagValue": "365", "objectType": "SCHEMA"},
        f'{SCHEMA}."DAYS"|365|SCHEMA',
    ),
    (
        "GrantAccountRole",
        {"roleName": "LOADER", "parentRoleName": "SYSADMIN"},
        '"LOADER"|ROLE|"SYSADMIN"',
    ),
    ("GrantAccountRole", {"roleName": "LOADER", "userName": "LEO"}, '"LOADER"|USER|"LEO"'),
    (
        "GrantOwnership",
        {
            "accountRoleName": "SYSADMIN",
            "outboundPrivileges": "COPY",
            "on": {"objectType": "WAREHOUSE", "objectName": "BI_WH"},
        },
        'ToAccountRole|"SYSADMIN"|COPY|OnObject|WAREHOUSE|"BI_WH"',
    ),
    (
        "GrantOwnership",
        {
            "accountRoleName": "OWNER",
            "on": {"future": {"objectTypePlural": "TABLES", "inSchema": SCHEMA}},
        },
        f'ToAccountRole|"OWNER"||OnFuture|TABLES|InSchema|{SCHEMA}',
    ),
    ("GrantPrivilegesToAccountRole", grant(onAccount=True), GRANT + "OnAccount"),
    (
        "GrantPrivilegesToAccountRole",
        grant(onAccountObject={"objectType": "DATABASE", "objectName": "SNOWFLAKE"}),
        GRANT + 'OnAccountObject|DATABASE|"SNOWFLAKE"',
    ),
    (
        "GrantPrivilegesToAccountRole",
        grant(onSchema={"futureSchemasInDatabase": "D"}, allPrivileges=True),
        '"LOADER"|false|false|ALL|OnSchema|OnFutureSchemasInDatabase|"D"',
    ),
    (
        "GrantPrivilegesToAccountRole",
        grant(onSchema={"schemaName": SCHEMA}, withGrantOption=True),
        f'"LOADER"|true|false|USAGE|OnSchema|OnSchema|{SCHEMA}',
    ),
    (
        "GrantPrivilegesToAccountRole",
        grant(onSchemaObject={"all": {"objectTypePlural": "STAGES", "inSchema": SCHEMA}}),
        GRANT + f"OnSchemaObject|OnAll|STAGES|InSchema|{SCHEMA}",
    ),
    (
        "GrantPrivilegesToAccountRole",
        grant(onSchemaObject={"objectType": "STAGE", "objectName": f'{SCHEMA}."S"'}),
        GRANT + f'OnSchemaObject|OnObject|STAGE|{SCHEMA}."S"',
    ),
    (
        "GrantPrivilegesToAccountRole",
        grant(
            onSchemaObject={
                "objectType": "PROCEDURE",
                "objectName": f'{SCHEMA}."P"(VARCHAR, NUMBER(38,0))',
            }
        ),
        GRANT + f'OnSchemaObject|OnObject|PROCEDURE|{SCHEMA}."P"(VARCHAR, NUMBER)',
    ),
)
OTHERS: Final[tuple[tuple[str, Mapping[str, Any], str | None], ...]] = (
    ("pulumi-python:dynamic/aws:Queue", {"queue": "events"}, "events"),
    ("pulumi-python:dynamic/snowflake:Statement", {"object": "budget B"}, "budget B"),
    ("github:index/branch:Branch", {"repository": "leap", "branch": "develop"}, "leap:develop"),
    ("github:index/issueLabels:IssueLabels", {"repository": "leap"}, "leap"),
    (
        "github:index/teamRepository:TeamRepository",
        {"teamId": "1013", "repository": "leap"},
        "1013:leap",
    ),
    ("github:index/team:Team", {"name": "data-platform"}, "1013"),
    ("github:index/team:Team", {"name": "nobody"}, None),
    (
        "github:index/branchProtection:BranchProtection",
        {"repositoryId": "R_1001", "pattern": "main"},
        "leap:main",
    ),
    (
        "github:index/repositoryRuleset:RepositoryRuleset",
        {"repository": "leap", "name": "release tags v*"},
        "leap:1015",
    ),
    (
        "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy",
        {"repository": "leap", "environment": "dev", "branchPattern": "main"},
        "leap:dev:1023",
    ),
)


@pytest.mark.parametrize(("kind", "inputs", "id_"), CASES)
def test_an_object_of_snowflake_is_known_by_its_inputs(
    kind: str, inputs: Mapping[str, Any], id_: str
) -> None:
    token = f"snowflake:index/{kind[0].lower()}{kind[1:]}:{kind}"
    assert identity.of(token, inputs, Github()) == id_


@pytest.mark.parametrize(("token", "inputs", "id_"), OTHERS)
def test_so_is_what_is_elsewhere_or_only_github_can_tell(
    token: str, inputs: Mapping[str, Any], id_: str | None
) -> None:
    assert identity.of(token, inputs, Github()) == id_


def test_every_kind_that_a_platform_declares_can_be_identified() -> None:
    urns = [line for file in GOLDEN.glob("urns-*.txt") for line in file.read_text().splitlines()]
    tokens = {urn.split("::")[2].rpartition("$")[2] for urn in urns}
    assert tokens
    unknown = set()
    for token in tokens - OF_WORKSPACES:
        if token.startswith(("leap:", "pulumi:")):
            continue
        try:
            identity.of(token, {}, Github())
        except KeyError:
            continue  # it is known, and wants inputs
        except identity.UnknownKindError:
            unknown.add(token)
    assert unknown == set()


def test_the_order_of_privileges_in_an_id_says_nothing() -> None:
    token = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole"
    one, two = ('"R"|false|false|B,A|OnAccount', '"R"|false|false|A,B|OnAccount')
    assert identity.comparable(token, one) == identity.comparable(token, two)
    assert identity.comparable("a:b:Tag", one) == one
