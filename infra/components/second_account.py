"""The providers of the second account, as ACCOUNTADMIN: nothing else is made there.

What is replicated is made in the first account, and its roles arrive with it: before the first
refresh the second account has none but Snowflake's own. A provider is a process of the plugin.
"""

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Credentials, login, provider
from infra.model.naming import DR, Token, logical
from infra.model.target import SnowflakeTarget

ADMIN = "ACCOUNTADMIN"


class SecondAccount(pulumi.ComponentResource):
    """The providers, by what each role is for."""

    accountadmin: snowflake.Provider
    """Makes secondary groups and connections, and what is of this account alone."""
    statements: pulumi.ProviderResource
    """Asks, and refreshes."""

    def __init__(self, name: str, target: SnowflakeTarget, credentials: Credentials) -> None:
        super().__init__(Token.PROVIDERS, name)
        options = pulumi.ResourceOptions(parent=self)
        self.accountadmin = provider(ADMIN, target, credentials, options, name=logical(DR, ADMIN))
        self.statements = pulumi.ProviderResource(
            "pulumi-python", logical(DR, "statements"), login(target, credentials), options
        )
        self.register_outputs({})
