"""An estate on which every rule is silent, in the items that rules see, and ways to break it."""

import json
from typing import Any

from infra.model.rules.item import Item, Kind
from infra.model.rules.resources import grant, grant_name

PLACE = "urn:pulumi:prod::leap::t::x"
BUCKET_ARN = "arn:aws:s3:::leap-landing"
NO_CLEAR_TEXT = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
FROM_THE_BUCKET = {
    "Effect": "Allow",
    "Principal": {"Service": "s3.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": "arn:aws:sqs:us-east-1:1:q",
    "Condition": {
        "ArnEquals": {"aws:SourceArn": BUCKET_ARN},
        "StringEquals": {"aws:SourceAccount": "1"},
    },
}


def policy(*statements: dict[str, Any]) -> str:
    """A policy document as JSON text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def privileges(role: str, given: tuple[str, ...], on: str, *path: str, **more: Any) -> Item:
    """A grant of privileges to a role."""
    return Item(Kind.GRANT, grant_name(role, on, path), grant(role, given, on, path, **more), PLACE)


def role_grant(role: str, *, role_above: str = "", user: str = "") -> Item:
    """A role that a role or a user gets."""
    properties = {"role": role, "to_role": role_above, "to_user": user}
    return Item(Kind.ROLE_GRANT, f"{role} to {role_above or user}", properties, PLACE)


def owned(role: str, on: str, *path: str) -> Item:
    """An owner."""
    properties = grant(role, ("OWNERSHIP",), on, path)
    return Item(Kind.OWNERSHIP, grant_name(role, on, path), properties, PLACE)


def thing(kind: Kind, name: str, **properties: Any) -> Item:
    """An object; protected, as the engine has it in production."""
    return Item(kind, name, {"name": name, **properties}, PLACE, True)


RAW = ("LEAP_ANALYTICS", "RAW")
RAW_WRITE = "LEAP_ANALYTICS__RAW__WRITE"
MARTS_WRITE = "LEAP_ANALYTICS__MARTS__WRITE"

CLEAN: tuple[Item, ...] = (
    thing(
        Kind.WAREHOUSE,
        "BI_WH",
        warehouse_size="MEDIUM",
        auto_suspend=300,
        resource_monitor="BI_LIMIT",
        max_cluster_count=3,
        statement_timeout_in_seconds=600,
        statement_queued_timeout_in_seconds=120,
        enable_query_acceleration="true",
        query_acceleration_max_scale_factor=8,
    ),
    thing(Kind.MONITOR, "BI_LIMIT", credit_quota=300, suspend_trigger=100),
    thing(Kind.DATABASE, "LEAP_ANALYTICS", data_retention_time_in_days=7),
    thing(Kind.SCHEMA, "RAW", database="LEAP_ANALYTICS", is_transient="false"),
    thing(Kind.SCHEMA, "STAGING", is_transient="true", data_retention_time_in_days=1),
    thing(
        Kind.TAGGING,
        "cost-centre",
        tag_id='"LEAP_ANALYTICS"."GOVERNANCE"."COST_CENTRE"',
        object_type="WAREHOUSE",
        object_identifiers=['"BI_WH"'],
    ),
    thing(
        Kind.TAGGING,
        "owner",
        tag_id='"LEAP_ANALYTICS"."GOVERNANCE"."OWNER"',
        object_type="DATABASE",
        object_identifiers=['"LEAP_ANALYTICS"'],
    ),
    thing(
        Kind.STAGE,
        "GYMS_STAGE",
        database="LEAP_ANALYTICS",
        url="s3://leap-landing/gyms/",
        storage_integration="LANDING",
    )._replace(protected=False),
    thing(Kind.STAGE, "MANUAL_UPLOADS"),
    thing(Kind.TABLE, "GYMS"),
    thing(
        Kind.INTEGRATION,
        "LANDING",
        type="EXTERNAL_STAGE",
        storage_allowed_locations=["s3://leap-landing/gyms/"],
    ),
    thing(Kind.ROLE, "LOADER"),
    privileges(RAW_WRITE, ("INSERT", "SELECT"), "TABLE", *RAW, "<TABLE>", scope="FUTURE"),
    privileges(RAW_WRITE, ("CREATE TABLE", "USAGE"), "SCHEMA", *RAW),
    privileges(MARTS_WRITE, ("INSERT",), "TABLE", "LEAP_ANALYTICS", "MARTS", "<TABLE>"),
    privileges("WORKSPACE_ADMIN", ("CREATE ROLE",), "ACCOUNT"),
    role_grant(RAW_WRITE, role_above="LOADER"),
    role_grant("LOADER", role_above="SYSADMIN"),
    role_grant("LOADER", user="LOADER_SVC"),
    role_grant(MARTS_WRITE, role_above="TRANSFORMER"),
    role_grant("TRANSFORMER", role_above="SYSADMIN"),
    role_grant("DATA_ANALYST", user="ANA_ANALYST"),
    role_grant("ACCOUNTADMIN", user="ADA"),
    role_grant("ACCOUNTADMIN", user="BO"),
    owned("SYSADMIN", "WAREHOUSE", "BI_WH"),
    thing(
        Kind.USER,
        "LOADER_SVC",
        type="SERVICE",
        default_role="LOADER",
        network_policy="SERVICES",
        rsa_public_key="MIIB",
    ),
    thing(Kind.USER, "ANA_ANALYST", default_role="DATA_ANALYST", has_mfa="false"),
    *(thing(Kind.USER, one, email=f"{one}@leap.example", has_mfa="true") for one in ("ADA", "BO")),
    thing(Kind.PASSWORD_POLICY, "PASSWORDS", min_length=14, max_retries=5, lockout_time_mins=15),
    *(
        thing(Kind.ACCOUNT_PARAMETER, key, key=key, value=value)
        for key, value in (
            ("CLIENT_ENCRYPTION_KEY_SIZE", "256"),
            ("MIN_DATA_RETENTION_TIME_IN_DAYS", "7"),
            ("PREVENT_UNLOAD_TO_INLINE_URL", "true"),
            ("REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION", "true"),
            ("REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_OPERATION", "TRUE"),
        )
    ),
    thing(Kind.NETWORK_RULE, "OFFICE", value_lists=["192.0.2.0/24"], mode="INGRESS"),
    thing(Kind.NETWORK_POLICY, "SERVICES", allowed_network_rule_lists=["OFFICE"]),
    thing(
        Kind.BUCKET,
        "leap-landing",
        public_access_blocked=True,
        encryption="AES256",
        versioning=True,
        policy=policy(NO_CLEAR_TEXT),
    ),
    thing(Kind.BUCKET_NOTIFICATION, "leap-landing"),
    thing(
        Kind.QUEUE,
        "events",
        dead_letter_arn="arn:aws:sqs:us-east-1:1:dead",
        policy=policy(FROM_THE_BUCKET, NO_CLEAR_TEXT),
    ),
    thing(Kind.QUEUE, "dead", dead_letter_arn="", policy=policy(NO_CLEAR_TEXT)),
    thing(
        Kind.AWS_ROLE,
        "leap-landing",
        trust_policy=policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::9:user/snowflake"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": "LEAP=1"}},
            }
        ),
        policy=policy(
            {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [f"{BUCKET_ARN}/gyms/*"]}
        ),
    ),
    thing(
        Kind.FAILOVER_GROUP,
        "LEAP_DR",
        object_types=[
            *("ACCOUNT PARAMETERS", "DATABASES", "INTEGRATIONS", "NETWORK POLICIES"),
            *("RESOURCE MONITORS", "ROLES", "USERS", "WAREHOUSES"),
        ],
        allowed_databases=["LEAP_ANALYTICS"],
        allowed_integration_types=["STORAGE INTEGRATIONS"],
        replication_schedule={"interval": 10},
    ),
    thing(Kind.CONNECTION, "ANALYTICS", enable_failover_to_accounts=['"ACME"."PROD_DR"']),
    thing(
        Kind.BRANCH_PROTECTION,
        "main",
        rules={
            "non_fast_forward": True,
            "pull_request": {"required_approving_review_count": 1},
            "required_status_checks": {"required_checks": [{"context": "checks"}]},
        },
    ),
    thing(Kind.STATEMENT, "warehouse", execute="CALL OPERATIONS.OPEN('DEV_JANE')"),
)


def broken(kind: Kind, name: str, **changes: Any) -> list[Item]:
    """The clean estate with one item's properties changed; a None takes one away.

    ``protected`` is the engine's option, not a property.
    """
    found = []
    for item in CLEAN:
        if (item.kind, item.name) == (kind, name):
            options = {"protected": changes["protected"]} if "protected" in changes else {}
            mixed = {**item.properties, **changes}
            kept = {k: v for k, v in mixed.items() if v is not None and k != "protected"}
            item = item._replace(properties=kept, **options)
        found.append(item)
    assert found != list(CLEAN), f"{kind} {name} is not in the estate"
    return found


def with_more(*items: Item) -> list[Item]:
    """The clean estate and something more."""
    return [*CLEAN, *items]
