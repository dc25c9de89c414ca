"""An object that the plugin lacks, by statements, for the real engine; `STEP` 2 changes it."""

from __future__ import annotations

import os

import pulumi

from infra.dynamic.statement import Statement, Statements, question
from infra.model.sql import name, sql

HOOK = name("CHAIN_HOOK")
PLACE = "two" if os.environ["STEP"] == "2" else "one"

statements = pulumi.ProviderResource(
    "pulumi-python",
    "statements",
    {
        "login:account": "LEAP-SANDBOX",
        "login:user": "LEAP_ADMIN",
        "login:password": pulumi.Output.secret(os.environ["SANDBOX_PASSWORD"]),
        "login:host": "127.0.0.1",
        "login:port": os.environ["SANDBOX_PORT"],
        "login:protocol": "http",
    },
)
Statement(
    "hook",
    Statements(
        object="notification integration CHAIN_HOOK",
        role="ACCOUNTADMIN",
        create=(
            sql(
                "CREATE NOTIFICATION INTEGRATION {hook} TYPE = WEBHOOK ENABLED = TRUE "
                "WEBHOOK_URL = 'https://hooks.slack.com/services/one'",
                hook=HOOK,
            ),
        ),
        update=(
            sql("ALTER NOTIFICATION INTEGRATION {hook} SET COMMENT = {to}", hook=HOOK, to=PLACE),
        ),
        delete=(sql("DROP NOTIFICATION INTEGRATION {hook}", hook=HOOK),),
        read=(
            question(
                sql("SHOW NOTIFICATION INTEGRATIONS LIKE 'CHAIN_HOOK'"),
                ["name", "comment"],
                {"name": "CHAIN_HOOK"},
            ),
            question(
                sql("DESCRIBE NOTIFICATION INTEGRATION {hook}", hook=HOOK),
                ["property", "property_value"],
            ),
        ),
    ),
    pulumi.ResourceOptions(provider=statements),
)
