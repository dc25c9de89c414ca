"""A webhook that Snowflake calls, as statements: the provider has no resource for this form.

What is hidden in the address or the body is a HIDDEN object of the account that the integration
names, so no statement holds it.

https://docs.snowflake.com/en/sql-reference/sql/create-notification-integration-webhooks
https://docs.snowflake.com/en/sql-reference/sql/alter-notification-integration-webhooks
"""

from typing import Final

from infra.model.base import Fact
from infra.model.sql import Name, Sql, name, sql

HIDDEN: Final = "SNOWFLAKE_WEBHOOK_SECRET"
"""What stands for the secret in the address and in the body."""
MESSAGE: Final = "SNOWFLAKE_WEBHOOK_MESSAGE"
"""What stands for the message in the body."""


class Webhook(Fact):
    """One webhook integration."""

    integration: str
    """Its name in Snowflake."""
    url: str
    secret: tuple[str, str, str]
    """Database, schema and name of the secret."""
    body: str
    comment: str

    @property
    def name(self) -> Name:
        """The integration, for a statement."""
        return name(self.integration)

    def create(self) -> Sql:
        """Makes it, whole: an address that hides something is refused without its secret."""
        return sql(
            "CREATE NOTIFICATION INTEGRATION IF NOT EXISTS {name} TYPE = WEBHOOK {settings}",
            name=self.name,
            settings=self._settings(),
        )

    def update(self) -> Sql:
        """Sets everything that can be set."""
        return sql(
            "ALTER NOTIFICATION INTEGRATION {name} SET {settings}",
            name=self.name,
            settings=self._settings(),
        )

    def _settings(self) -> Sql:
        return sql(
            "ENABLED = TRUE WEBHOOK_URL = {url} WEBHOOK_SECRET = {secret} "
            "WEBHOOK_BODY_TEMPLATE = {body} "
            "WEBHOOK_HEADERS = ('Content-Type' = 'application/json') COMMENT = {comment}",
            url=self.url,
            secret=name(*self.secret),
            body=self.body,
            comment=self.comment,
        )

    def delete(self) -> Sql:
        """Removes it."""
        return sql("DROP NOTIFICATION INTEGRATION IF EXISTS {name}", name=self.name)

    def show(self) -> Sql:
        """Tells whether it stands; the pattern finds similar names too."""
        return sql("SHOW NOTIFICATION INTEGRATIONS LIKE {pattern}", pattern=self.integration)

    def describe(self) -> Sql:
        """Tells what it is set to."""
        return sql("DESCRIBE NOTIFICATION INTEGRATION {name}", name=self.name)
