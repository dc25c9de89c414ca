"""Programs that log in: users of type SERVICE, with up to two public keys and no password.

They belong to ACCOUNTADMIN: only who owns both a user and a network policy may hold the one to the
other. Two keys, so that one can be exchanged while the other works.

https://docs.snowflake.com/en/user-guide/key-pair-auth#configuring-key-pair-rotation
"""

from collections.abc import Mapping

import pulumi
import pulumi_snowflake as snowflake

from infra.components.doors import Doors, place
from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.identifiers import quoted
from infra.model.logins import ServiceUser
from infra.model.naming import Token, logical
from infra.model.public_key import PublicKeys


class ServiceUsers(pulumi.ComponentResource):
    """Every service user of an environment, each with one role."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        doors: Doors,
        keys: Mapping[str, PublicKeys],
        roles: Mapping[str, pulumi.Resource],
    ) -> None:
        """``roles``: by name in Snowflake; a user waits for its own."""
        super().__init__(Token.SERVICE_USERS, name)
        options = pulumi.ResourceOptions(parent=self, provider=providers.accountadmin)
        for key, facts in environment.service_users.items():
            held = [doors.networks[facts.network_policy]] if facts.network_policy else []
            role = roles[environment.naming.account(facts.role)]
            user = _user(environment, key, facts, keys[key], _after(options, role, *held))
            snowflake.GrantAccountRole(
                logical(key, "is", facts.role),
                role_name=environment.naming.account(facts.role),
                user_name=environment.naming.account(key),
                opts=pulumi.ResourceOptions(
                    parent=self, provider=providers.securityadmin, depends_on=[user]
                ),
            )
            if facts.authentication_policy is not None:
                self._held(environment, key, facts.authentication_policy, doors, options, user)
        self.register_outputs({})

    def _held(
        self,
        environment: Environment,
        key: str,
        policy: str,
        doors: Doors,
        options: pulumi.ResourceOptions,
        user: pulumi.Resource,
    ) -> None:
        """A user has one policy: the old one goes before another comes."""
        snowflake.UserAuthenticationPolicyAttachment(
            logical(key, "authentication"),
            authentication_policy_name=quoted(*place(environment).values(), policy),
            user_name=environment.naming.account(key),
            opts=pulumi.ResourceOptions.merge(
                _after(options, user, doors.methods[policy]),
                pulumi.ResourceOptions(
                    delete_before_replace=True,
                    aliases=[pulumi.Alias(name=logical(key, "by", policy))],
                ),
            ),
        )


def _after(options: pulumi.ResourceOptions, *needed: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=list(needed)))


def _user(
    environment: Environment,
    key: str,
    facts: ServiceUser,
    keys: PublicKeys,
    options: pulumi.ResourceOptions,
) -> snowflake.ServiceUser:
    named = environment.naming.account
    return snowflake.ServiceUser(
        logical(key),
        name=named(key),
        default_role=named(facts.role),
        default_warehouse=named(facts.warehouse),
        network_policy=named(facts.network_policy) if facts.network_policy else None,
        rsa_public_key=keys.first,
        rsa_public_key2=keys.second,
        comment=facts.comment or None,
        opts=options,
    )
