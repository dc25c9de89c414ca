"""LEAP's own component of groups and connections; `STEP` 2 changes the schedule."""

from __future__ import annotations

import os
from pathlib import Path

import pulumi
import pulumi_snowflake as snowflake

from infra import settings
from infra.components.providers import Credentials, Providers
from infra.components.replication import Groups
from infra.components.second_account import SecondAccount
from infra.model.target import SnowflakeTarget

STEP = os.environ["STEP"]
os.environ[settings.WITH_DR] = settings.YES
environment = settings.load(Path(os.environ["PYTHONPATH"]), "local").environment
replication = environment.replication
assert replication is not None
if STEP == "2":
    group = replication.groups["LEAP_FAILOVER"].model_copy(update={"schedule": "*/20 * * * *"})
    replication = replication.model_copy(update={"groups": {"LEAP_FAILOVER": group}})


def target(account: str) -> SnowflakeTarget:
    """An account of the scratch organization."""
    return SnowflakeTarget(
        organization_name="LEAP",
        account_name=account,
        user="LEAP_ADMIN",
        host="127.0.0.1",
        port=int(os.environ["SANDBOX_PORT"]),
        protocol="http",
    )


login = Credentials(password=pulumi.Output.secret(os.environ["SANDBOX_PASSWORD"]))
here, there = target("SANDBOX"), target("SANDBOX_DR")
providers = Providers("providers", here, login)
second = SecondAccount("second-account", there, login)
database = snowflake.Database(
    "database",
    name="LEAP_ANALYTICS",
    opts=pulumi.ResourceOptions(provider=providers.sysadmin),
)
landing = snowflake.StorageIntegration(
    "landing",
    name="LEAP_LANDING",
    type="EXTERNAL_STAGE",
    enabled=True,
    storage_provider="S3",
    storage_aws_role_arn="arn:aws:iam::123456789012:role/landing",
    storage_allowed_locations=["s3://landing/"],
    opts=pulumi.ResourceOptions(provider=providers.accountadmin),
)
groups = Groups(
    "replication",
    environment,
    replication,
    (providers, second),
    (here, there),
    [database, landing],
    ["LEAP_LANDING"],
)
pulumi.export("user_arn", groups.arrived["LEAP_LANDING"].user_arn)
