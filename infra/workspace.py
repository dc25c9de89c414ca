"""What a workspace stack deploys: one corner of a foundation that stands already.

The schema's comment is the register of workspaces. It is made, changed and dropped with the schema,
so the two cannot contradict each other, it needs no warehouse, and twenty developers at once do
not wait for one another's rows.
"""

import json
from datetime import date
from typing import Any, Final

import pulumi

from infra.components.providers import Credentials, provider
from infra.components.workspace import Workspace
from infra.model.identifiers import quoted
from infra.model.naming import logical
from infra.model.stack_config import PRIVATE_KEY, PROJECT
from infra.model.target import Destination, SnowflakeTarget
from infra.model.workspace import WorkspaceNames
from infra.settings import Settings, destination, secrets, workspace

DBT_TARGETS: Final = {"personal": "dev", "ci": "ci"}
"""The target of `dbt/profiles.yml` that a workspace of each environment works with."""


def deploy(settings: Settings) -> None:
    """Declares one workspace.

    Raises:
        SettingsError: before anything is declared.
    """
    facts, environment, config = workspace(settings), settings.environment, settings.config
    place = destination(settings)
    account = place.snowflake.model_copy(update={"user": config.user})
    naming = environment.naming
    names = facts.names(naming, environment.database.name, settings.stack.owner)
    deployer = provider(
        naming.account(environment.workspaces.deployer),
        account,
        _credentials(settings),
        pulumi.ResourceOptions(),
        warehouse=naming.account(facts.warehouse),
        name=logical(environment.workspaces.deployer),
    )
    made = Workspace("workspace", facts, names, naming, deployer, comment=register_entry(settings))
    schema = quoted(names.database, environment.operations.schema_)
    made.limit(schema, names.schema_, config.credit_quota or facts.credit_quota)
    _export(settings, place, account, names)


def register_entry(settings: Settings) -> str:
    """What the account keeps of the workspace: its stack, owner, limit and last day, as JSON."""
    facts, config = workspace(settings), settings.config
    expires = config.expires_on or date.max
    entry = {
        "stack": settings.stack.name,
        "owner": config.user,
        "foundation": config.foundation,
        "credits": config.credit_quota or facts.credit_quota,
        "expires_on": expires.isoformat(),
    }
    return json.dumps({"workspace": entry})


def _credentials(settings: Settings) -> Credentials:
    """The person's own: the sandbox's password, or what the provider finds by itself.

    A developer's key never becomes part of the stack: the provider reads SNOWFLAKE_PRIVATE_KEY or
    SNOWFLAKE_AUTHENTICATOR from the environment, unless the stack has a service user's key.
    https://www.pulumi.com/registry/packages/snowflake/installation-configuration/
    """
    password = secrets(settings).people_password
    if password is not None:
        return Credentials(password=pulumi.Output.secret(password))
    return Credentials(private_key=pulumi.Config(PROJECT).get_secret(PRIVATE_KEY))


def _export(
    settings: Settings, place: Destination, account: SnowflakeTarget, names: WorkspaceNames
) -> None:
    facts, config, naming = workspace(settings), settings.config, settings.environment.naming
    outputs: dict[str, Any] = {
        "environment": settings.stack.environment,
        "target": place.target.value,
        "foundation": config.foundation,
        "database": names.database,
        "schema": names.schema_,
        "owner": config.user,
        "expires_on": str(config.expires_on),
        "roles": {facts.role: naming.account(facts.role)},
        "dbt": {
            "account": account.account,
            "host": account.host or "",
            "port": account.port or 443,
            "protocol": account.protocol or "https",
            "user": account.user,
            "role": naming.account(facts.role),
            "warehouse": names.warehouse,
            "database": names.database,
            "schema": names.schema_,
            "target": DBT_TARGETS[settings.stack.environment],
        },
    }
    for name, value in outputs.items():
        pulumi.export(name, value)
