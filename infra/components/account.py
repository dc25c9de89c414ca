"""The account's own parameters. They belong to ACCOUNTADMIN."""

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.naming import Token, logical


class Account(pulumi.ComponentResource):
    """What holds whatever is in the account."""

    def __init__(self, name: str, environment: Environment, providers: Providers) -> None:
        super().__init__(Token.ACCOUNT, name)
        options = pulumi.ResourceOptions(parent=self, provider=providers.accountadmin)
        for key, value in environment.account_parameters.given().items():
            snowflake.AccountParameter(logical(key), key=key, value=value, opts=options)
        self.register_outputs({})
