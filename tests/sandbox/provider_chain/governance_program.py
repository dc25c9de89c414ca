"""Policies, tags, tasks, streams and alerts, for the real engine; `STEP` 2 changes each.

Copied into a scratch project by the test. What a type cannot change in place stays as it is.
"""

from __future__ import annotations

import os
from typing import Any, TypeVar

import pulumi
import pulumi_snowflake as snowflake

T = TypeVar("T")
SECOND = os.environ["STEP"] == "2"
PREVIEW_FEATURES = (
    *("alert", "authentication_policy", "network_policy_attachment", "network_rule"),
    *("password_policy", "share", "table", "user_password_policy_attachment"),
    *("user_authentication_policy_attachment",),
)


def step(first: T, second: T) -> T:
    """The value of the step that is run."""
    return second if SECOND else first


provider = snowflake.Provider(
    "account",
    organization_name="LEAP",
    account_name="SANDBOX",
    user="LEAP_ADMIN",
    password=os.environ["SANDBOX_PASSWORD"],
    role="ACCOUNTADMIN",
    protocol="http",
    host="127.0.0.1",
    port=int(os.environ["SANDBOX_PORT"]),
    request_timeout=30,
    max_retry_count=1,
    disable_telemetry=True,
    preview_features_enabled=[f"snowflake_{name}_resource" for name in PREVIEW_FEATURES],
)


def after(*needs: pulumi.Resource) -> pulumi.ResourceOptions:
    """With our provider, and after what the names in it mean."""
    return pulumi.ResourceOptions(provider=provider, depends_on=list(needs))


warehouse = snowflake.Warehouse("work", name="WORK_WH", opts=after())
database = snowflake.Database("guarded", name="GUARDED", opts=after())
schema = snowflake.Schema("rules", name="RULES", database=database.name, opts=after())
home: dict[str, Any] = {"database": database.name, "schema": schema.name}
Column = snowflake.TableColumnArgs
people = snowflake.Table(
    "people",
    name="PEOPLE",
    columns=[Column(name="EMAIL", type="VARCHAR(100)"), Column(name="REGION", type="VARCHAR(2)")],
    change_tracking=True,  # a stream on the table switches it on
    opts=after(),
    **home,
)

# network

office = snowflake.NetworkRule(
    "office",
    name="OFFICE",
    type="IPV4",
    mode="INGRESS",
    value_lists=step(["10.0.0.0/8"], ["10.0.0.0/8", "192.168.0.0/16"]),
    comment=step("one", "two"),
    opts=after(),
    **home,
)
snowflake.NetworkPolicy(
    "door",
    name=step("DOOR", "GATE"),
    allowed_network_rule_lists=['"GUARDED"."RULES"."OFFICE"'],
    allowed_ip_lists=step(["10.0.0.1"], ["10.0.0.1", "10.0.0.2"]),
    blocked_ip_lists=step(["10.0.0.9"], None),
    comment=step("one", None),
    opts=after(office),
)

# tags and policies

email = snowflake.MaskingPolicy(
    "email",
    name="EMAIL_MASK",
    arguments=[snowflake.MaskingPolicyArgumentArgs(name="VAL", type="VARCHAR")],
    return_data_type="VARCHAR",
    body=step("CASE WHEN CURRENT_ROLE() = 'A' THEN VAL ELSE '***' END", "'***'"),
    comment=step("one", "two"),
    opts=after(),
    **home,
)
snowflake.MaskingPolicy(
    "amount",
    name=step("AMOUNT_MASK", "AMOUNT"),
    arguments=[
        snowflake.MaskingPolicyArgumentArgs(name="VAL", type="NUMBER(38,0)"),
        snowflake.MaskingPolicyArgumentArgs(name="REGION", type="VARCHAR"),
    ],
    return_data_type="NUMBER(38,0)",
    body="IFF(REGION = 'X', VAL, 0)",
    exempt_other_policies="true",
    opts=after(),
    **home,
)
snowflake.RowAccessPolicy(
    "region",
    name=step("BY_REGION", "BY_PLACE"),
    arguments=[snowflake.RowAccessPolicyArgumentArgs(name="REGION", type="VARCHAR")],
    body=step("REGION = 'X'", "REGION IN ('X', 'Y')"),
    comment=step("one", None),
    opts=after(),
    **home,
)
pii = snowflake.Tag(
    "pii",
    name="PII",
    allowed_values=step(["email", "name"], ["email", "phone", "name"]),
    masking_policies=['"GUARDED"."RULES"."EMAIL_MASK"'],
    comment=step("one", "two"),
    opts=after(email),
    **home,
)
owner = snowflake.Tag("owner", name=step("OWNER", "OWNED_BY"), opts=after(), **home)
snowflake.TagAssociation(
    "people-email",
    object_identifiers=['"GUARDED"."RULES"."PEOPLE"."EMAIL"'],
    object_type="COLUMN",
    tag_id='"GUARDED"."RULES"."PII"',
    tag_value=step("email", "name"),
    opts=after(people, pii),
)
snowflake.TagAssociation(
    "work-pii",
    object_identifiers=['"WORK_WH"'],
    object_type="WAREHOUSE",
    tag_id='"GUARDED"."RULES"."PII"',
    tag_value=step("email", "name"),
    opts=after(warehouse, pii),
)

# tasks, streams and alerts

root = snowflake.Task(
    "root",
    name="ROOT",
    warehouse=warehouse.name,
    started=True,
    schedule=snowflake.TaskScheduleArgs(minutes=step(5, 10)),
    sql_statement=step("SELECT 1", "SELECT 2"),
    statement_timeout_in_seconds=step(100, 200),
    suspend_task_after_num_failures=step(None, 3),
    config='{"a": 1}',
    comment=step("one", None),
    opts=after(),
    **home,
)
leaf = snowflake.Task(
    "leaf",
    name="LEAF",
    started=True,
    afters=['"GUARDED"."RULES"."ROOT"'],
    when=step("1 = 1", "2 = 2"),
    sql_statement="SELECT 2",
    user_task_managed_initial_warehouse_size="XSMALL",
    opts=after(root),
    **home,
)
snowflake.Task(
    "last",
    name="LAST",
    started=False,
    finalize='"GUARDED"."RULES"."ROOT"',
    sql_statement="SELECT 3",
    comment=step("one", "two"),
    opts=after(root, leaf),
    **home,
)
snowflake.Task(
    "nightly",
    name="NIGHTLY",
    warehouse=warehouse.name,
    started=step(False, True),
    schedule=snowflake.TaskScheduleArgs(using_cron="0 2 * * * UTC"),
    allow_overlapping_execution="true",
    sql_statement="SELECT 4",
    opts=after(),
    **home,
)
snowflake.StreamOnTable(
    "changes",
    name="CHANGES",
    table='"GUARDED"."RULES"."PEOPLE"',
    append_only="true",
    comment=step("one", "two"),
    opts=after(people),
    **home,
)
snowflake.Alert(
    "spend",
    name="SPEND",
    warehouse=warehouse.name,
    alert_schedule=snowflake.AlertAlertScheduleArgs(interval=step(5, 10)),
    condition=step("SELECT 1", "SELECT 1 WHERE 1 = 1"),
    action=step("SELECT 'a'", "SELECT 'b'"),
    enabled=step(True, False),
    comment=step("one", "two"),
    opts=after(),
    **home,
)

# logins

password = snowflake.PasswordPolicy(
    "password",
    name="STRONG",
    min_length=step(12, 14),
    max_age_days=step(90, 0),
    comment=step("one", "two"),
    opts=after(),
    **home,
)
methods = snowflake.AuthenticationPolicy(
    "methods",
    name="METHODS",
    authentication_methods=step(["PASSWORD", "KEYPAIR"], ["KEYPAIR"]),
    client_types=["DRIVERS"],
    comment=step("one", "two"),
    opts=after(),
    **home,
)
robot = snowflake.LegacyServiceUser("robot", name="ROBOT", opts=after())
snowflake.UserPasswordPolicyAttachment(
    "robot-password",
    password_policy_name='"GUARDED"."RULES"."STRONG"',
    user_name=robot.name,
    opts=after(password, robot),
)
snowflake.UserAuthenticationPolicyAttachment(
    "robot-methods",
    authentication_policy_name='"GUARDED"."RULES"."METHODS"',
    user_name=robot.name,
    opts=after(methods, robot),
)
snowflake.Share("gift", name="GIFT", comment=step("one", "two"), opts=after())
