"""Shares in both directions, a protected table, and who may log in; `STEP` 2 changes each.

Copied into a scratch project by the test.
"""

from __future__ import annotations

import os
from typing import Any, TypeVar

import pulumi
import pulumi_snowflake as snowflake

T = TypeVar("T")
SECOND = os.environ["STEP"] == "2"
PREVIEW_FEATURES = ("network_policy_attachment", "network_rule", "share", "table")


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


# inbound

census = snowflake.SharedDatabase(
    "census",
    name="CENSUS",
    from_share='"LEAP"."MARKETPLACE"."US_OPEN_CENSUS_DATA"',
    comment=step("one", "two"),
    opts=after(),
)
reader = snowflake.AccountRole("reader", name="CENSUS_READER", opts=after())
for name, target in (("census", census.name), ("snowflake", pulumi.Output.from_input("SNOWFLAKE"))):
    snowflake.GrantPrivilegesToAccountRole(
        f"reads-{name}",
        account_role_name=reader.name,
        privileges=["IMPORTED PRIVILEGES"],
        on_account_object=snowflake.GrantPrivilegesToAccountRoleOnAccountObjectArgs(
            object_type="DATABASE", object_name=target
        ),
        opts=after(),
    )

# outbound, of a table that is born with a mask

database = snowflake.Database("given", name="GIVEN", opts=after())
schema = snowflake.Schema("marts", name="MARTS", database=database.name, opts=after())
home: dict[str, Any] = {"database": database.name, "schema": schema.name}
mask = snowflake.MaskingPolicy(
    "mask",
    name="MASK",
    arguments=[snowflake.MaskingPolicyArgumentArgs(name="VAL", type="VARCHAR")],
    return_data_type="VARCHAR",
    body="'***'",
    opts=after(),
    **home,
)
table = snowflake.Table(
    "people",
    name="PEOPLE",
    columns=[
        snowflake.TableColumnArgs(
            name="EMAIL", type="VARCHAR(100)", masking_policy='"GIVEN"."MARTS"."MASK"'
        ),
        snowflake.TableColumnArgs(name="REGION", type="VARCHAR(2)"),
    ],
    opts=after(mask),
    **home,
)
gift = snowflake.Share(
    "gift",
    name="GIFT",
    accounts=step(["LEAP.MARKETPLACE"], ["LEAP.MARKETPLACE", "PARTNERS.ONE"]),
    comment=step("one", "two"),
    opts=after(),
)
usage = snowflake.GrantPrivilegesToShare(
    "database-gift",
    to_share=gift.name,
    privileges=["USAGE"],
    on_database=database.name,
    opts=after(),
)
inside = snowflake.GrantPrivilegesToShare(
    "schema-gift",
    to_share=gift.name,
    privileges=["USAGE"],
    on_schema='"GIVEN"."MARTS"',
    opts=after(usage, schema),
)
snowflake.GrantPrivilegesToShare(
    "table-gift",
    to_share=gift.name,
    privileges=["SELECT"],
    on_table='"GIVEN"."MARTS"."PEOPLE"',
    opts=after(inside, table),
)

# who may log in

office = snowflake.NetworkRule(
    "office",
    name="OFFICE",
    type="IPV4",
    mode="INGRESS",
    value_lists=step(["127.0.0.1"], ["127.0.0.1", "10.0.0.0/8"]),
    opts=after(),
    **home,
)
door = snowflake.NetworkPolicy(
    "door",
    name="DOOR",
    allowed_network_rule_lists=['"GIVEN"."MARTS"."OFFICE"'],
    opts=after(office),
)
snowflake.NetworkPolicyAttachment(
    "everybody", network_policy_name=door.name, set_for_account=True, opts=after()
)
snowflake.ServiceUser(
    "robot",
    name="ROBOT",
    rsa_public_key=os.environ["SANDBOX_KEY"],
    rsa_public_key2=step(None, os.environ["SANDBOX_KEY_2"]),
    network_policy=door.name,
    opts=after(),
)
