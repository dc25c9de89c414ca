"""The ways in: network rules and policies, authentication and password policies.

They belong to ACCOUNTADMIN, which alone may hold users and the account to them. The account's own
network policy is set where the facts ask for it, and only if it admits the deployer.
"""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.identifiers import quoted
from infra.model.naming import Token, logical

LOOPBACK = "127.0.0.1/32"
"""Where everybody on the sandbox comes from."""


class Doors(pulumi.ComponentResource):
    """Everything that decides whether a login is let in."""

    networks: dict[str, snowflake.NetworkPolicy]
    """Network policies by the name in the facts."""
    methods: dict[str, snowflake.AuthenticationPolicy]
    """Authentication policies by name."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        needs: Sequence[pulumi.Resource],
        *,
        on_sandbox: bool,
    ) -> None:
        """``needs``: the governance schema."""
        super().__init__(Token.DOORS, name)
        options = pulumi.ResourceOptions(
            parent=self, provider=providers.accountadmin, depends_on=list(needs)
        )
        extra = [LOOPBACK] if on_sandbox else []
        rules = _rules(environment, extra, options)
        self.networks = _networks(environment, _after(options, *rules))
        chosen = environment.network.account_policy
        if chosen is not None:
            snowflake.NetworkPolicyAttachment(
                "account-network-policy",
                network_policy_name=environment.naming.account(chosen),
                set_for_account=True,
                opts=_after(options, self.networks[chosen]),
            )
        self.methods = _methods(environment, options)
        _passwords(environment, options)
        self.register_outputs({})


def _after(options: pulumi.ResourceOptions, *needed: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=list(needed)))


def place(environment: Environment) -> dict[str, Any]:
    """The database and schema that rules and policies live in."""
    database = environment.naming.account(environment.database.name)
    return {"database": database, "schema": environment.governance.schema_}


def _rules(
    environment: Environment, extra: Sequence[str], options: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    return [
        snowflake.NetworkRule(
            logical(key),
            name=key,
            type="IPV4",
            mode="INGRESS",
            value_lists=[*addresses, *extra],
            opts=options,
            **place(environment),
        )
        for key, addresses in environment.network.groups.items()
    ]


def _networks(
    environment: Environment, options: pulumi.ResourceOptions
) -> dict[str, snowflake.NetworkPolicy]:
    home = tuple(place(environment).values())
    return {
        key: snowflake.NetworkPolicy(
            logical(key),
            name=environment.naming.account(key),
            allowed_network_rule_lists=[quoted(*home, group) for group in policy.allowed],
            comment=policy.comment or None,
            opts=options,
        )
        for key, policy in environment.network.policies.items()
    }


def _methods(
    environment: Environment, options: pulumi.ResourceOptions
) -> dict[str, snowflake.AuthenticationPolicy]:
    return {
        key: snowflake.AuthenticationPolicy(
            logical(key),
            name=key,
            authentication_methods=[method.value for method in policy.authentication_methods],
            client_types=[client.value for client in policy.client_types],
            comment=policy.comment or None,
            opts=options,
            **place(environment),
        )
        for key, policy in environment.authentication_policies.items()
    }


def _passwords(environment: Environment, options: pulumi.ResourceOptions) -> None:
    for key, policy in environment.password_policies.items():
        made = snowflake.PasswordPolicy(
            logical(key),
            name=key,
            min_length=policy.min_length,
            max_age_days=policy.max_age_days,
            history=policy.history,
            max_retries=policy.max_retries,
            lockout_time_mins=policy.lockout_time_mins,
            comment=policy.comment or None,
            opts=options,
            **place(environment),
        )
        if policy.account:
            # An account has one policy: the old one goes before another comes.
            once = pulumi.ResourceOptions(
                delete_before_replace=True,
                aliases=[pulumi.Alias(name=logical(key, "of", "account"))],
            )
            snowflake.AccountPasswordPolicyAttachment(
                "account-password-policy",
                password_policy=quoted(*place(environment).values(), key),
                opts=pulumi.ResourceOptions.merge(_after(options, made), once),
            )
