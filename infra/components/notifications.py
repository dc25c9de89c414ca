"""Notification integrations: e-mail by the provider, webhooks by statements with their secrets.

ACCOUNTADMIN makes integrations, as only it may; SYSADMIN gets to use them, because it owns the
alerts. A secret's value is in the stack's configuration alone, and goes to the account by the
provider's own resource, never by a statement of ours.
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.dynamic.statement import Statement, Statements, question
from infra.model.access import SYSADMIN
from infra.model.environment import Environment
from infra.model.naming import Token, logical
from infra.model.notification import WEBHOOKS, Channel, Notification
from infra.model.webhook import Webhook


class Notifications(pulumi.ComponentResource):
    """Every notification integration of an environment."""

    ready: Sequence[pulumi.Resource]
    """What must stand before SYSADMIN can send."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        secrets: Mapping[str, pulumi.Output[str]],
        needs: Sequence[pulumi.Resource],
    ) -> None:
        """``secrets``: by key of the configuration. ``needs``: the schema of the secrets."""
        super().__init__(Token.NOTIFICATIONS, name)
        self._facts, self._admins, self._needs = environment, providers, needs
        self.ready = [
            self._granted(key, self._integration(key, facts, secrets))
            for key, facts in environment.notifications.items()
        ]
        self.register_outputs({})

    def _integration(
        self, key: str, facts: Notification, secrets: Mapping[str, pulumi.Output[str]]
    ) -> pulumi.Resource:
        if facts.channel is not Channel.EMAIL:
            return self._webhook(key, facts, secrets[WEBHOOKS[facts.channel].config])
        return snowflake.EmailNotificationIntegration(
            logical(key),
            name=self._facts.naming.account(key),
            enabled=True,
            allowed_recipients=list(facts.recipients),
            comment=facts.comment or None,
            opts=pulumi.ResourceOptions(parent=self, provider=self._admins.accountadmin),
        )

    def _webhook(self, key: str, facts: Notification, hidden: pulumi.Output[str]) -> Statement:
        environment, form = self._facts, WEBHOOKS[facts.channel]
        database = environment.naming.account(environment.database.name)
        schema, name = environment.governance.schema_, f"{key}_SECRET"
        secret = snowflake.SecretWithGenericString(
            logical(name),
            name=name,
            database=database,
            schema=schema,
            secret_string=hidden,
            comment=f"What {key} hides",
            opts=pulumi.ResourceOptions(
                parent=self, provider=self._admins.sysadmin, depends_on=list(self._needs)
            ),
        )
        webhook = Webhook(
            integration=environment.naming.account(key),
            url=form.url,
            secret=(database, schema, name),
            body=form.body,
            comment=facts.comment,
        )
        after = pulumi.ResourceOptions(
            parent=self, provider=self._admins.statements, depends_on=[secret]
        )
        return Statement(logical(key), _statements(webhook), after)

    def _granted(self, key: str, made: pulumi.Resource) -> pulumi.Resource:
        return snowflake.GrantPrivilegesToAccountRole(
            logical(SYSADMIN, "uses", key),
            account_role_name=SYSADMIN,
            privileges=["USAGE"],
            on_account_object={
                "object_type": "INTEGRATION",
                "object_name": self._facts.naming.account(key),
            },
            opts=pulumi.ResourceOptions(
                parent=self, provider=self._admins.accountadmin, depends_on=[made]
            ),
        )


def _statements(webhook: Webhook) -> Statements:
    shown = question(webhook.show(), ["name", "enabled"], {"name": webhook.integration})
    return Statements(
        object=f"notification integration {webhook.integration}",
        role="ACCOUNTADMIN",
        create=(webhook.create(),),
        update=(webhook.update(),),
        delete=(webhook.delete(),),
        read=(shown, question(webhook.describe(), ["property", "property_value"])),
    )
