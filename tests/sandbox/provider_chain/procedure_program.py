"""Procedures and their grants, for the real engine; `STEP` 2 changes what can change in place.

Copied into a scratch project by the test.
"""

from __future__ import annotations

import os

import pulumi
import pulumi_snowflake as snowflake

SECOND = os.environ["STEP"] == "2"
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
    preview_features_enabled=["snowflake_procedure_sql_resource"],
)
ours = pulumi.ResourceOptions(provider=provider)
database = snowflake.Database("guarded", name="GUARDED", opts=ours)
schema = snowflake.Schema("rules", name="RULES", database=database.name, opts=ours)
user = snowflake.AccountRole("user", name="CALLER_ROLE", opts=ours)
procedure = snowflake.ProcedureSql(
    "make",
    name="MAKE",
    database=database.name,
    schema=schema.name,
    arguments=[
        snowflake.ProcedureSqlArgumentArgs(arg_name="WHO", arg_data_type="VARCHAR"),
        snowflake.ProcedureSqlArgumentArgs(
            arg_name="QUOTA", arg_data_type="NUMBER(38,0)", arg_default_value="5"
        ),
    ],
    return_type="VARCHAR",
    execute_as="OWNER",
    procedure_definition="BEGIN\n  RETURN WHO || ' ' || QUOTA;\nEND",
    comment="two" if SECOND else "one",
    opts=ours,
)
plain = snowflake.ProcedureSql(
    "plain",
    name="RENAMED" if SECOND else "PLAIN",
    database=database.name,
    schema=schema.name,
    return_type="NUMBER(38,0)",
    execute_as="CALLER",
    procedure_definition="BEGIN RETURN 1; END",
    opts=ours,
)
snowflake.GrantPrivilegesToAccountRole(
    "may-call",
    account_role_name=user.name,
    privileges=["USAGE"],
    on_schema_object=snowflake.GrantPrivilegesToAccountRoleOnSchemaObjectArgs(
        object_type="PROCEDURE",
        object_name='"GUARDED"."RULES"."MAKE"(VARCHAR, NUMBER)',
    ),
    opts=pulumi.ResourceOptions(provider=provider, depends_on=[procedure]),
)
