"""What a webhook integration posts: its URL, headers and body with the placeholders filled in.

The message goes into the body as it is: where the template is JSON, quotes and line ends in the
message must be escaped by the sender, or the receiver refuses the request and nothing is delivered.
https://docs.snowflake.com/en/user-guide/notifications/webhook-notifications
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from sandbox.snowflake.errors import CompilationError

KEY_PLACE: Final = "SNOWFLAKE_WEBHOOK_SECRET"
MESSAGE_PLACE: Final = "SNOWFLAKE_WEBHOOK_MESSAGE"
REDACTED: Final = "***"
"""Stands in the outbox where Snowflake would post the secret."""
_ALLOWED: Final = (
    r"https://hooks\.slack\.com/services/\S+",
    r"https://[\w.-]+\.logic\.azure\.com(:443)?/workflows/\S+",
    r"https://default[\w.-]+\.environment\.api\.powerplatform\.com(:443)?/powerautomate/\S+",
    r"https://events\.pagerduty\.com/v2/enqueue",
)


def check_url(url: str) -> None:
    """CompilationError for an address that Snowflake does not post to."""
    if not any(re.fullmatch(pattern, url) for pattern in _ALLOWED):
        raise CompilationError(
            f"Webhook URL [{url}] is not allowed. Allowed: https://hooks.slack.com/services/…, "
            "https://….logic.azure.com/workflows/…, "
            "https://default….environment.api.powerplatform.com/powerautomate/… and "
            "https://events.pagerduty.com/v2/enqueue"
        )


def uses_secret(properties: Mapping[str, Any]) -> bool:
    """Whether the integration says where its secret goes."""
    headers = properties.get("WEBHOOK_HEADERS") or {}
    texts = (properties.get("WEBHOOK_URL"), properties.get("WEBHOOK_BODY_TEMPLATE"))
    return any(KEY_PLACE in str(text) for text in (*texts, *headers.values()))


def body(properties: Mapping[str, Any], message: str) -> str:
    """The body of the request, without the secret."""
    template = properties.get("WEBHOOK_BODY_TEMPLATE")
    text = message if template is None else str(template).replace(MESSAGE_PLACE, message)
    return redacted(text)


def redacted(text: str) -> str:
    """The text with stars where the secret goes."""
    return text.replace(KEY_PLACE, REDACTED)


def headers(properties: Mapping[str, Any]) -> dict[str, str]:
    """The headers of the request, without the secret."""
    given = properties.get("WEBHOOK_HEADERS") or {}
    return {name: redacted(str(value)) for name, value in given.items()}


def refusal(properties: Mapping[str, Any], text: str) -> str | None:
    """Why the receiver would refuse this body: each of the allowed ones wants JSON."""
    try:
        json.loads(text)
    except ValueError as error:
        return f"The webhook answered 400: its body is no JSON ({error})"
    return None


def content_type(given: Mapping[str, str]) -> str:
    """What the headers say of the body."""
    for name, value in given.items():
        if name.lower() == "content-type":
            return value
    return "application/json"
