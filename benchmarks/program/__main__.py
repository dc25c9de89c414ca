"""SCRATCH_OBJECTS objects in the mix of a real estate: grants above all, then roles and schemas.

Of ten objects four are grants, two are roles, two are schemas, one is a warehouse and one is the
grant of a role to its parent. The account is told by SCRATCH_CONNECTION.
"""

import json
import os

import pulumi
import pulumi_snowflake as snowflake

OBJECTS = int(os.environ["SCRATCH_OBJECTS"])
ACCOUNT = json.loads(os.environ["SCRATCH_CONNECTION"])["snowflake"]

provider = snowflake.Provider(
    "admin",
    organization_name=ACCOUNT["organization"],
    account_name=ACCOUNT["account_name"],
    user=ACCOUNT["admin"]["user"],
    password=pulumi.Output.secret(ACCOUNT["admin"]["password"]),
    role="ACCOUNTADMIN",
    host=ACCOUNT["host"],
    port=ACCOUNT["port"],
    protocol=ACCOUNT["protocol"],
)
options = pulumi.ResourceOptions(provider=provider)
database = snowflake.Database("database", name="SCRATCH", opts=options)

for number in range(OBJECTS // 10):
    roles = [
        snowflake.AccountRole(f"role-{number}-{level}", name=f"R{number:04}_{level}", opts=options)
        for level in ("READ", "WRITE")
    ]
    schemas = [
        snowflake.Schema(
            f"schema-{number}-{part}",
            name=f"S{number:04}_{part}",
            database=database.name,
            opts=options,
        )
        for part in ("IN", "OUT")
    ]
    warehouse = snowflake.Warehouse(
        f"warehouse-{number}",
        name=f"W{number:04}",
        warehouse_size="XSMALL",
        auto_suspend=60,
        initially_suspended=True,
        opts=options,
    )
    snowflake.GrantAccountRole(
        f"hierarchy-{number}",
        role_name=roles[0].name,
        parent_role_name=roles[1].name,
        opts=options,
    )
    for role, schema in zip(roles, schemas, strict=True):
        name = pulumi.Output.concat('"', database.name, '"."', schema.name, '"')
        snowflake.GrantPrivilegesToAccountRole(
            f"schema-grant-{number}-{role._name}",
            account_role_name=role.name,
            privileges=["USAGE", "MONITOR"],
            on_schema={"schema_name": name},
            opts=options,
        )
        snowflake.GrantPrivilegesToAccountRole(
            f"warehouse-grant-{number}-{role._name}",
            account_role_name=role.name,
            privileges=["USAGE"],
            on_account_object={"object_type": "WAREHOUSE", "object_name": warehouse.name},
            opts=options,
        )
