"""Takes a message to an integration: checks who may get it, fills it in, puts it into the outbox.

https://docs.snowflake.com/en/user-guide/notifications/about-notifications
"""

from __future__ import annotations

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.notification import webhook
from sandbox.snowflake.notification.log import Attempt
from sandbox.snowflake.notification.message import (
    LONGEST_SUBJECT,
    Message,
    NotificationError,
    Target,
)
from sandbox.snowflake.notification.outbox import Delivery
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader

_NO_SUBJECT = "Snowflake Email Notification"


class IntegrationMissingError(SnowflakeError):
    """A message to an integration that is not there, or that the role may not use."""

    code = "002003"
    sqlstate = "02000"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"SQL compilation error:\nIntegration '{name}' does not exist or not authorized."
        )


def send(context: Context, message: Message, target: Target, *, source: str) -> None:
    """Deliver one message to one integration; `source` is told in NOTIFICATION_HISTORY."""
    record = integration(context, target.integration)
    compose = {"EMAIL": _mail, "WEBHOOK": _post, "QUEUE": _publish}[record.properties["TYPE"]]
    delivery = compose(context, record, message, target)
    refused = None
    if delivery.channel == "webhook":
        refused = webhook.refusal(record.properties, delivery.body)
    if refused is None:
        deliver(context, delivery)
    context.account.notifications.add(Attempt(context.now, source, record.name, refused))


def deliver(context: Context, delivery: Delivery) -> None:
    """Put what is composed into the outbox."""
    context.account.outbox.deliver(delivery, at=context.now, query_id=context.statement.id)


def integration(context: Context, name: str) -> Record:
    """The enabled notification integration of that name, which the role may use."""
    path = Reader(name).path() if name else ("",)
    record = context.store.find("INTEGRATION", path)
    if record is None or record.kind != "NOTIFICATION INTEGRATION":
        raise IntegrationMissingError(dotted(path))
    context.demand("USAGE", record)
    if not record.properties.get("ENABLED"):
        raise NotificationError(f"Integration '{record.name}' is not enabled.")
    return record


def _mail(context: Context, record: Record, message: Message, target: Target) -> Delivery:
    properties = record.properties
    if message.content_type == "application/json":
        raise NotificationError(
            f"Integration '{record.name}' of type EMAIL takes no message of type "
            f"{message.content_type}."
        )
    to = target.to or tuple(properties.get("DEFAULT_RECIPIENTS") or ())
    if not to:
        raise NotificationError("Email recipients must be specified.")
    subject = target.subject or properties.get("DEFAULT_SUBJECT") or _NO_SUBJECT
    if len(subject) > LONGEST_SUBJECT:
        raise NotificationError(f"Email subject cannot exceed {LONGEST_SUBJECT} characters.")
    for people in (to, target.cc, target.bcc):
        _check_recipients(context, record, people)
    return Delivery(
        "email",
        record.name,
        to,
        message.content,
        subject=subject,
        content_type=message.content_type,
        cc=target.cc,
        bcc=target.bcc,
    )


def _check_recipients(context: Context, record: Record, people: tuple[str, ...]) -> None:
    """Only the integration's recipients; where it names none, e-mail addresses of users."""
    allowed = record.properties.get("ALLOWED_RECIPIENTS")
    if not allowed:
        allowed = [user.properties.get("EMAIL") or "" for user in context.store.each("USER")]
    known = {str(address).lower() for address in allowed}
    wrong = [str(place) for place, person in enumerate(people, 1) if person.lower() not in known]
    if wrong:
        raise NotificationError(
            f"Email recipients in the given list at indexes [{','.join(wrong)}] are not allowed. "
            "Either these email addresses are not yet validated or do not belong to any user in "
            "the current account."
        )


def _post(context: Context, record: Record, message: Message, target: Target) -> Delivery:
    properties = record.properties
    _check_secret(context, record)
    headers = webhook.headers(properties)
    return Delivery(
        "webhook",
        record.name,
        webhook.redacted(properties["WEBHOOK_URL"]),
        webhook.body(properties, message.content),
        content_type=webhook.content_type(headers),
        headers=headers,
    )


def _check_secret(context: Context, record: Record) -> None:
    """The secret must stand where the integration says that it goes."""
    if not webhook.uses_secret(record.properties):
        return
    name = record.properties.get("WEBHOOK_SECRET")
    if not name:
        raise NotificationError(f"Integration '{record.name}' has no WEBHOOK_SECRET.")
    context.demand("READ", context.get(context.registry["SECRET"], Reader(name).path()))


def _publish(context: Context, record: Record, message: Message, target: Target) -> Delivery:
    properties = record.properties
    if properties.get("DIRECTION") != "OUTBOUND":
        raise NotificationError(f"Integration '{record.name}' is not outbound.")
    names = ("AWS_SNS_TOPIC_ARN", "GCP_PUBSUB_TOPIC_NAME", "AZURE_EVENT_GRID_TOPIC_ENDPOINT")
    topic = next(str(properties[name]) for name in names if properties.get(name))
    return Delivery(
        "queue", record.name, (topic,), message.content, content_type=message.content_type
    )
