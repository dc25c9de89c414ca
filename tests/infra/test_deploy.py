"""What the program registers, by the mocks of Pulumi's own SDK.

The golden files pin every URN. When a change to them is meant, run the test with
`LEAP_WRITE_GOLDEN=1` and commit what it wrote: the diff shows what the change replaces.
"""

import json
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parent / "golden"
STACKS = ("local", "dev", "prod")
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
"""How the engine marks a value that its state keeps encrypted."""
ACCOUNT_OBJECTS = {
    "snowflake:index/warehouse:Warehouse",
    "snowflake:index/resourceMonitor:ResourceMonitor",
    "snowflake:index/database:Database",
    "snowflake:index/accountRole:AccountRole",
    "snowflake:index/storageIntegration:StorageIntegration",
}
WAREHOUSES = {
    "LOADING_WH": ("XSMALL", 60, "LOADING_LIMIT"),
    "TRANSFORMING_WH": ("SMALL", 300, "TRANSFORMING_LIMIT"),
    "BI_WH": ("MEDIUM", 600, "BI_LIMIT"),
    "DEV_WH": ("XSMALL", 60, "DEV_LIMIT"),
}


def of(deployed: Any, stack: str, kind: str) -> dict[str, Any]:
    """The inputs of the stack's resources of one type, by the name in the account."""
    found = [
        r
        for r in deployed(stack)
        if r.type == f"snowflake:index/{kind[0].lower()}{kind[1:]}:{kind}"
    ]
    return {r.inputs["name"]: r.inputs for r in found}


@pytest.mark.parametrize("stack", STACKS)
def test_urns_are_those_that_state_knows(deployed: Any, stack: str) -> None:
    urns = "".join(f"{urn}\n" for urn in sorted(r.urn for r in deployed(stack)))
    golden = GOLDEN / f"urns-{stack}.txt"
    if os.environ.get("LEAP_WRITE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(urns)
    assert urns == golden.read_text()


@pytest.mark.parametrize("stack", STACKS)
def test_no_two_resources_share_a_urn(deployed: Any, stack: str) -> None:
    urns = [r.urn for r in deployed(stack)]
    assert len(urns) == len(set(urns))


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_names_its_provider(deployed: Any, stack: str) -> None:
    made = [r for r in deployed(stack) if r.type.startswith(("snowflake:", "pulumi-python:"))]
    assert made
    assert [r.urn for r in made if "::leap:index:Providers$" not in r.provider] == []


@pytest.mark.parametrize("stack", ["local", "prod"])
def test_the_warehouses_are_those_of_the_brief(deployed: Any, stack: str) -> None:
    warehouses = {
        name: (w["warehouseSize"], w["autoSuspend"], w["resourceMonitor"])
        for name, w in of(deployed, stack, "Warehouse").items()
    }
    assert warehouses == WAREHOUSES


def test_the_development_limit_is_that_of_the_brief(deployed: Any) -> None:
    monitor = of(deployed, "local", "ResourceMonitor")["DEV_LIMIT"]
    assert monitor == {
        "name": "DEV_LIMIT",
        "creditQuota": 100,
        "notifyTriggers": [75],
        "suspendTrigger": 100,
    }


@pytest.mark.parametrize("stack", STACKS)
def test_every_warehouse_has_a_monitor_that_suspends(deployed: Any, stack: str) -> None:
    monitors = of(deployed, stack, "ResourceMonitor")
    for warehouse in of(deployed, stack, "Warehouse").values():
        assert monitors[warehouse["resourceMonitor"]]["suspendTrigger"] == 100


def test_the_database_has_the_layers_and_no_public(deployed: Any) -> None:
    layers = {"RAW", "STAGING", "INTERMEDIATE", "MARTS"}
    assert set(of(deployed, "local", "Schema")) >= {*layers, "GOVERNANCE", "OPERATIONS"}
    database = of(deployed, "local", "Database")["LEAP_ANALYTICS"]
    assert database["dropPublicSchemaOnCreation"] is True


@pytest.mark.parametrize(("stack", "kept"), [("local", 7), ("prod", 7), ("dev", 1)])
def test_what_dbt_can_build_again_is_transient_and_the_rest_kept(
    deployed: Any, stack: str, kept: int
) -> None:
    database = next(d for n, d in of(deployed, stack, "Database").items() if "ANALYTICS" in n)
    assert database["dataRetentionTimeInDays"] == kept
    schemas = of(deployed, stack, "Schema").values()
    transient = {s["name"] for s in schemas if s["isTransient"] == "true"}
    assert transient == {"STAGING", "INTERMEDIATE"}
    stated = {s["name"]: s.get("dataRetentionTimeInDays") for s in schemas}
    assert {name: days for name, days in stated.items() if days} == dict.fromkeys(transient, 1)


def test_dev_prefixes_every_name_that_the_account_shares(deployed: Any) -> None:
    names = [r.inputs["name"] for r in deployed("dev") if r.type in ACCOUNT_OBJECTS]
    assert names
    assert [name for name in names if not name.startswith("DEV__")] == []


def test_dev_and_local_share_no_cloud_name(deployed: Any) -> None:
    def names(stack: str) -> set[str]:
        found = [
            r.inputs for r in deployed(stack) if r.type.startswith("pulumi-python:dynamic/aws")
        ]
        return {i.get("queue") or i.get("role") or i["bucket"] for i in found}

    assert not names("local") & names("dev")


def test_people_exist_on_the_sandbox_alone(deployed: Any) -> None:
    people = of(deployed, "local", "User")
    assert {p["defaultRole"] for p in people.values()} == {
        "DATA_ANALYST",
        "DATA_ENGINEER",
        "DATA_ADMIN",
        "LOADER",
        "TRANSFORMER",
        "REPORTER",
        "CI",
    }
    assert of(deployed, "dev", "User") == {}
    assert of(deployed, "prod", "User") == {}


def test_passwords_are_secrets_of_the_state(deployed: Any) -> None:
    given = [r.inputs["password"] for r in deployed("local") if "password" in r.inputs]
    assert len(given) == 4 + 7
    assert all(SECRET.items() <= password.items() for password in given)


def test_what_holds_data_is_protected_in_prod_only(deployed: Any) -> None:
    holding = {"Database", "Schema", "Table", "Bucket", "Stage", "Repository"}
    holding |= {"FailoverGroup", "PrimaryConnection", "Statement"}
    protected = {r.type.rsplit(":", 1)[-1] for r in deployed("prod") if r.protect}
    assert protected == holding
    assert [r.urn for r in deployed("local") if r.protect] == []


def test_prod_never_empties_its_bucket(deployed: Any) -> None:
    def bucket(stack: str) -> Any:
        return next(r for r in deployed(stack) if r.type.endswith(":Bucket")).inputs

    assert bucket("prod")["force_destroy"] is False
    assert bucket("local")["force_destroy"] is True


def test_pipes_wait_for_the_role_and_for_every_future_grant_in_their_schema(deployed: Any) -> None:
    registered = deployed("local")
    needed = {
        r.urn
        for r in registered
        if ("-on-future-" in r.name and r.name.endswith("-raw")) or r.type.endswith(":Role")
    }
    assert len(needed) > 5
    for resource in registered:
        if resource.type == "snowflake:index/pipe:Pipe":
            assert needed <= set(resource.dependencies)


def test_a_grant_waits_for_its_own_role_and_object_alone(deployed: Any) -> None:
    registered = deployed("local")
    by_name = {r.inputs.get("name"): r.urn for r in registered}
    grants = [r for r in registered if "$snowflake:" in r.urn and "Access" in r.urn.split("$")[0]]
    assert len(grants) > 100
    for grant in grants:
        assert len(grant.dependencies) <= 2, grant.urn
        for key in {"accountRoleName", "roleName"} & set(grant.inputs):
            assert by_name.get(grant.inputs[key]) in {*grant.dependencies, None}


def test_a_grant_on_a_schema_waits_for_that_schema(deployed: Any) -> None:
    registered = deployed("local")
    schemas = {r.inputs["name"]: r.urn for r in registered if r.type.endswith(":Schema")}
    placed = [r for r in registered if r.inputs.get("onSchema") and ":Access" in r.urn]
    assert len(placed) > 5
    for grant in placed:
        name = grant.inputs["onSchema"]["schemaName"].split(".")[-1].strip('"')
        assert schemas[name] in grant.dependencies


def test_the_role_trusts_what_the_integration_answered(deployed: Any) -> None:
    role = next(r for r in deployed("local") if r.type == "pulumi-python:dynamic/aws:Role").inputs
    statement = json.loads(role["trust_policy"])["Statement"][0]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::999999999999:user/snowflake"}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "LEAP_SFCRole=1"}}


def test_each_feed_goes_to_its_pipe_and_the_rest_to_our_queue(deployed: Any) -> None:
    found = next(r for r in deployed("local") if r.type.endswith(":BucketNotification"))
    prefixes = {q["id"]: (q["prefix"], q["events"]) for q in found.inputs["queues"]}
    created = ["s3:ObjectCreated:*"]
    assert prefixes == {
        "gyms": ("gyms/", created),
        "census_demographics": ("census_demographics/", created),
        "gym_events": ("gym_events/", created),
        "rejected": ("rejected/", created),
        "removed": ("", ["s3:ObjectRemoved:*"]),
    }


HIDDEN = {
    "slackWebhookSecret": "T/B/x",
    "pagerdutyRoutingKey": "r",
    "githubToken": "t",
    "githubSecrets": json.dumps({"leap": {"SNOWFLAKE_PRIVATE_KEY": "another key"}}),
}


def real_account(clone: Path) -> Path:
    """The clone with `prod` pointing at a real account."""
    (clone / "Pulumi.prod.yaml").write_text(
        "config:\n"
        "  leap:target: snowflake\n"
        "  leap:organization_name: ACME\n"
        "  leap:account_name: PROD\n"
        "  leap:user: DEPLOYER\n"
        '  leap:aws_account_id: "210987654321"\n'
        "  leap:aws_region: eu-west-1\n"
        "  leap:dr_account_name: PROD_DR\n"
        "  leap:dr_aws_region: eu-central-1\n"
        "  leap:github_owner: acme\n"
    )
    return clone


def test_a_real_account_is_reached_with_a_key_and_no_password(deployed: Any, clone: Path) -> None:
    given = {f"leap:{key}": value for key, value in {**HIDDEN, "private_key": "a key"}.items()}
    registered = deployed("prod", real_account(clone), json.dumps(given))
    providers = [r.inputs for r in registered if r.type == "pulumi:providers:snowflake"]
    assert {p["role"] for p in providers} == {
        "SYSADMIN",
        "USERADMIN",
        "SECURITYADMIN",
        "ACCOUNTADMIN",
    }
    for provider in providers:
        assert provider["privateKey"] == SECRET | {"value": "a key"}
        assert provider["authenticator"] == "SNOWFLAKE_JWT"
        assert not {"password", "host", "port", "protocol"} & set(provider)
    buckets = [r.inputs for r in registered if r.type.endswith(":Bucket")]
    assert {(b["bucket"], b["endpoint_url"], b["region"]) for b in buckets} == {
        ("leap-analytics-landing-210987654321", "", "eu-west-1"),
        ("leap-analytics-landing-dr-210987654321", "", "eu-central-1"),
    }


def test_the_sandbox_takes_the_secret_of_a_webhook_that_is_set(deployed: Any) -> None:
    given = json.dumps({"leap:slackWebhookSecret": "T/B/x"})
    secrets = of(partial(deployed, config=given), "local", "SecretWithGenericString")
    assert {name: secret["secretString"]["value"] for name, secret in secrets.items()} == {
        "LEAP_SLACK_SECRET": "T/B/x",
        "LEAP_PAGERDUTY_SECRET": "sandbox-pagerdutyRoutingKey",
    }


def test_a_real_account_without_a_key_registers_nothing(deployed: Any, clone: Path) -> None:
    with pytest.raises(AssertionError, match="leap:private_key: got nothing"):
        deployed("prod", real_account(clone))
