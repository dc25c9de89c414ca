"""One explicit provider for each admin role: every resource names the role that makes it.

The default provider is switched off in the stack's file, so a resource that forgets its role fails.
Vendor's advice on which role makes what:
https://docs.snowflake.com/en/user-guide/security-access-control-considerations
"""

import functools
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_snowflake as snowflake

from infra.dynamic.account_session import PREFIX
from infra.model.naming import Token, logical, query_tag
from infra.model.target import SnowflakeTarget

# Types that the provider wants named before it will touch them.
_PREVIEW_FEATURES: Final = {
    "SYSADMIN": [
        "snowflake_alert_resource",
        "snowflake_file_format_resource",
        "snowflake_pipe_resource",
        "snowflake_stage_resource",
        "snowflake_table_resource",
    ],
    "ACCOUNTADMIN": [
        "snowflake_account_password_policy_attachment_resource",
        "snowflake_authentication_policy_resource",
        "snowflake_email_notification_integration_resource",
        "snowflake_failover_group_resource",
        "snowflake_network_policy_attachment_resource",
        "snowflake_network_rule_resource",
        "snowflake_password_policy_resource",
        "snowflake_procedure_sql_resource",
        "snowflake_storage_integration_resource",
        "snowflake_user_authentication_policy_attachment_resource",
    ],
}
# The Go driver waits for ever by default when a server answers with a 5xx.
_REQUEST_SECONDS: Final = 300
_RETRIES: Final = 5


@dataclass(frozen=True)
class Credentials:
    """How the provider proves who it is: a password on the sandbox, a key everywhere else."""

    password: pulumi.Output[str] | None = None
    private_key: pulumi.Output[str] | None = None


class Providers(pulumi.ComponentResource):
    """The providers, by what each role is for; each is made when it is first asked for.

    Every provider is a process of its plugin, which a preview of a part does not start in vain.
    """

    def __init__(self, name: str, target: SnowflakeTarget, credentials: Credentials) -> None:
        super().__init__(Token.PROVIDERS, name)
        self._target = target
        self._credentials = credentials
        self.register_outputs({})

    @functools.cached_property
    def sysadmin(self) -> snowflake.Provider:
        """Owns databases, warehouses and what is in them."""
        return self._working_as("SYSADMIN")

    @functools.cached_property
    def useradmin(self) -> snowflake.Provider:
        """Owns roles and people."""
        return self._working_as("USERADMIN")

    @functools.cached_property
    def securityadmin(self) -> snowflake.Provider:
        """Grants."""
        return self._working_as("SECURITYADMIN")

    @functools.cached_property
    def accountadmin(self) -> snowflake.Provider:
        """Makes what only the account's administrator may: monitors, integrations."""
        return self._working_as("ACCOUNTADMIN")

    @functools.cached_property
    def aws(self) -> pulumi.ProviderResource:
        """Runs the dynamic resources of AWS."""
        return pulumi.ProviderResource("pulumi-python", "aws", {}, self._options)

    @functools.cached_property
    def statements(self) -> pulumi.ProviderResource:
        """Runs the statements of what the Snowflake provider lacks, as the role each names."""
        given = login(self._target, self._credentials)
        return pulumi.ProviderResource("pulumi-python", "statements", given, self._options)

    @property
    def _options(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _working_as(self, role: str) -> snowflake.Provider:
        return provider(role, self._target, self._credentials, self._options)


def login(target: SnowflakeTarget, credentials: Credentials) -> dict[str, pulumi.Input[str]]:
    """Inputs of a dynamic provider, of which `infra.dynamic.account_session` makes a login."""
    given = {
        "account": target.account,
        "user": target.user,
        "password": credentials.password,
        "private_key": credentials.private_key,
        "host": target.host,
        "port": None if target.port is None else str(target.port),
        "protocol": target.protocol,
    }
    return {f"{PREFIX}{key}": value for key, value in given.items() if value is not None}


def provider(
    role: str,
    target: SnowflakeTarget,
    credentials: Credentials,
    options: pulumi.ResourceOptions,
    warehouse: str | None = None,
    name: str | None = None,
) -> snowflake.Provider:
    """A provider whose sessions work as that role, and on that warehouse.

    ``name`` is its logical name, where the role's own has a prefix.
    """
    return snowflake.Provider(
        name or logical(role),
        organization_name=target.organization_name,
        account_name=target.account_name,
        user=target.user,
        password=credentials.password,
        private_key=credentials.private_key,
        authenticator="SNOWFLAKE_JWT" if credentials.private_key is not None else None,
        host=target.host,
        port=target.port,
        protocol=target.protocol,
        role=role,
        warehouse=warehouse,
        preview_features_enabled=_PREVIEW_FEATURES.get(role),
        request_timeout=_REQUEST_SECONDS,
        max_retry_count=_RETRIES,
        disable_telemetry=True,
        params={"QUERY_TAG": query_tag(pulumi.get_stack())},
        opts=options,
    )
