"""Shares of the Marketplace as databases, owned by ACCOUNTADMIN, which alone may import them.

What a provider changes arrives by itself; a weekly task keeps what columns there were, and an alert
tells the difference.

https://docs.snowflake.com/en/user-guide/data-share-consumers
"""

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.naming import Token, logical


class Marketplace(pulumi.ComponentResource):
    """Every imported database of an environment."""

    databases: dict[str, snowflake.SharedDatabase]
    """By the name in Snowflake."""

    def __init__(self, name: str, environment: Environment, providers: Providers) -> None:
        super().__init__(Token.MARKETPLACE, name)
        options = pulumi.ResourceOptions(parent=self, provider=providers.accountadmin)
        self.databases = {}
        for key, facts in environment.marketplace.items():
            named = environment.naming.account(key)
            self.databases[named] = snowflake.SharedDatabase(
                logical(key),
                name=named,
                from_share=facts.from_share,
                comment=facts.comment or None,
                opts=options,
            )
        self.register_outputs({})
