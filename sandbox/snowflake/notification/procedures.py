"""The procedures that send messages.

https://docs.snowflake.com/en/sql-reference/stored-procedures/system_send_email
https://docs.snowflake.com/en/sql-reference/stored-procedures/system_send_snowflake_notification
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sandbox.snowflake.context import Context
from sandbox.snowflake.notification.message import (
    Message,
    NotificationError,
    Target,
    read_messages,
    read_targets,
)
from sandbox.snowflake.notification.sending import integration, send
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.verbs.procedure import BuiltIn

_MAIL_TYPES: Final = ("text/plain", "text/html")


def _send_email(context: Context, values: Sequence[Any]) -> Result:
    """(integration, recipients, subject, content [, mime type [, cc [, bcc]]])."""
    given = ["" if value is None else str(value) for value in values] + [""] * (7 - len(values))
    name, to, subject, content, kind, cc, bcc = given
    kind = kind or "text/plain"
    if kind not in _MAIL_TYPES:
        raise NotificationError(f"Invalid mime type [{kind}]; known: {', '.join(_MAIL_TYPES)}")
    if integration(context, name).properties["TYPE"] != "EMAIL":
        raise NotificationError(f"Integration '{name}' is not an email integration.")
    target = Target(name, subject, _list(to), _list(cc), _list(bcc))
    send(context, Message(kind, content), target, source="EMAIL")
    return Result([Column("SYSTEM$SEND_EMAIL", "boolean")], [[True]])


def _list(addresses: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in addresses.split(",") if part.strip())


def _send_notification(context: Context, values: Sequence[Any]) -> Result:
    """(message or messages, integration or integrations): each kind of integration takes the first
    message that it can carry.
    """
    messages, targets = read_messages(values[0]), read_targets(values[1])
    for target in targets:
        send(context, _fitting(context, messages, target), target, source="SYSTEM_PROCEDURE")
    name = "SYSTEM$SEND_SNOWFLAKE_NOTIFICATION"
    return Result([Column(name)], [["Enqueued notifications."]])


def _fitting(context: Context, messages: Sequence[Message], target: Target) -> Message:
    kind = integration(context, target.integration).properties["TYPE"]
    wanted = {
        "EMAIL": ("text/html", "text/plain"),
        "QUEUE": ("application/json", "text/plain"),
    }.get(str(kind), ("application/json", "text/plain", "text/html"))
    for content_type in wanted:
        for message in messages:
            if message.content_type == content_type:
                return message
    return messages[0]


PROCEDURES: Final = {
    "SYSTEM$SEND_EMAIL": BuiltIn(_send_email, 4, 7),
    "SYSTEM$SEND_SNOWFLAKE_NOTIFICATION": BuiltIn(_send_notification, 2, 2),
}
