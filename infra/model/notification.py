"""Where messages go: notification integrations of the account, one for each channel.

What a webhook must keep to itself is a secret of the stack's configuration, never a fact.

https://docs.snowflake.com/en/user-guide/notifications/about-notifications
"""

from enum import StrEnum
from typing import Annotated, Final, NamedTuple

from pydantic import Field, StringConstraints

from infra.model.base import Fact
from infra.model.webhook import HIDDEN, MESSAGE

Address = Annotated[str, StringConstraints(pattern=r"^[^@\s,]+@[^@\s,]+$", max_length=254)]
"""An e-mail address; Snowflake sends only to verified addresses of the account's users."""


class Channel(StrEnum):
    """What an integration speaks to."""

    EMAIL = "email"
    SLACK = "slack"
    PAGERDUTY = "pagerduty"


class Notification(Fact):
    """One notification integration."""

    channel: Channel
    recipients: Annotated[tuple[Address, ...], Field(max_length=50)] = ()
    """Of an e-mail integration: everybody it may write to, and does."""
    comment: str = ""


class WebhookForm(NamedTuple):
    """How a service is called, and which key of the configuration hides what it needs."""

    url: str
    body: str
    config: str
    """The key under ``leap:`` that holds its secret."""


WEBHOOKS: Final = {
    Channel.SLACK: WebhookForm(
        f"https://hooks.slack.com/services/{HIDDEN}",
        f'{{"text": "{MESSAGE}"}}',
        "slackWebhookSecret",
    ),
    Channel.PAGERDUTY: WebhookForm(
        "https://events.pagerduty.com/v2/enqueue",
        f'{{"routing_key": "{HIDDEN}", "event_action": "trigger", "payload": '
        f'{{"summary": "{MESSAGE}", "source": "Snowflake", "severity": "critical"}}}}',
        "pagerdutyRoutingKey",
    ),
}
"""By channel. Vendors: https://api.slack.com/messaging/webhooks and
https://developer.pagerduty.com/docs/send-alert-event"""
CONFIG_SECRETS: Final = tuple(form.config for form in WEBHOOKS.values())
