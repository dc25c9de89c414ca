"""The JSON texts that SYSTEM$SEND_SNOWFLAKE_NOTIFICATION takes: messages and where they go.

The functions of SNOWFLAKE.NOTIFICATION make such texts; a caller may write them by hand.
https://docs.snowflake.com/en/sql-reference/stored-procedures/system_send_snowflake_notification
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from sandbox.snowflake.errors import CompilationError

CONTENT_TYPES: Final = ("text/plain", "text/html", "application/json")
_OPTIONS: Final = ("subject", "toAddress", "ccAddress", "bccAddress")
LONGEST_SUBJECT: Final = 256


class NotificationError(CompilationError):
    """What a caller must put right before a message can be sent."""

    code = "394209"
    sqlstate = "22023"


@dataclass(frozen=True, slots=True)
class Message:
    """A text, and what it is: one of `CONTENT_TYPES`."""

    content_type: str
    content: str


@dataclass(frozen=True, slots=True)
class Target:
    """An integration, with what this message overrides of it."""

    integration: str
    subject: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()


def read_messages(value: Any) -> list[Message]:
    """One or several messages; NotificationError for what is none."""
    found = []
    for item in _objects(value, "message"):
        for kind, content in item.items():
            if kind not in CONTENT_TYPES:
                raise NotificationError(
                    f"Unknown message type [{kind}]; known types: {', '.join(CONTENT_TYPES)}"
                )
            text = content if isinstance(content, str) else json.dumps(content)
            found.append(Message(kind, text))
    return found


def read_targets(value: Any) -> list[Target]:
    """One or several integrations; NotificationError for what is none."""
    found = []
    for item in _objects(value, "integration configuration"):
        for name, options in item.items():
            if not isinstance(options, dict) or not set(options) <= set(_OPTIONS):
                raise NotificationError(
                    f"Invalid options of integration [{name}]; known: {', '.join(_OPTIONS)}"
                )
            found.append(
                Target(
                    integration=name,
                    subject=options.get("subject"),
                    to=_addresses(options.get("toAddress")),
                    cc=_addresses(options.get("ccAddress")),
                    bcc=_addresses(options.get("bccAddress")),
                )
            )
    return found


def _addresses(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    return tuple(str(item).strip() for item in items if str(item).strip())


def _objects(value: Any, what: str) -> list[dict[str, Any]]:
    """The JSON objects in a text, in a JSON array of texts, or in a list of texts."""
    items = value if isinstance(value, list) else [value]
    found: list[dict[str, Any]] = []
    for item in items:
        parsed = _parsed(item, what)
        if isinstance(parsed, list):
            found += _objects(parsed, what)
        elif isinstance(parsed, dict) and parsed:
            found.append(parsed)
        else:
            raise NotificationError(f"Invalid JSON for the {what}: [{item}]")
    return found


def _parsed(item: Any, what: str) -> Any:
    if not isinstance(item, str):
        return item
    try:
        return json.loads(item)
    except ValueError as error:
        raise NotificationError(f"Invalid JSON for the {what}: [{item}]") from error
