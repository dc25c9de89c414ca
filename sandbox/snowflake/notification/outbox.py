"""The outbox: every message that the account delivered, one JSON object a line, on this machine.

A line is on disk before its statement answers. A process that was killed while it wrote leaves half
a line at most; readers pass over it, and the next message begins a line of its own. Nothing is ever
sent, and no secret is written: whoever composes a message has redacted it.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

Channel = Literal["email", "webhook", "queue"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivered message. `to` are addresses, a URL, or the ARN of a topic."""

    channel: Channel
    integration: str
    to: tuple[str, ...] | str
    body: str
    subject: str = ""
    content_type: str = "text/plain"
    headers: Mapping[str, str] = field(default_factory=dict)
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()

    def line(self, at: datetime, query_id: str) -> dict[str, Any]:
        """The object that the outbox keeps."""
        address = "url" if self.channel == "webhook" else "to"
        to = list(self.to) if isinstance(self.to, tuple) else self.to
        copies = {"cc": list(self.cc), "bcc": list(self.bcc)}
        return {
            "at": at.isoformat(),
            "channel": self.channel,
            "integration": self.integration,
            address: to,
            **{name: people for name, people in copies.items() if people},
            "subject": self.subject,
            "content_type": self.content_type,
            "headers": dict(self.headers),
            "body": self.body,
            "sender_query_id": query_id,
        }


class Outbox:
    """Appends to one file; also from several threads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def deliver(self, delivery: Delivery, *, at: datetime, query_id: str) -> None:
        """Write a message down, and return when it is on disk."""
        text = json.dumps(delivery.line(at, query_id), ensure_ascii=False) + "\n"
        with self._lock:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
            descriptor = os.open(self._file, flags, 0o600)
            try:
                os.write(descriptor, self._torn(descriptor) + text.encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    @staticmethod
    def _torn(descriptor: int) -> bytes:
        """What ends a half-written line, where the file ends with one."""
        size = os.fstat(descriptor).st_size
        return b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""

    def messages(self) -> list[dict[str, Any]]:
        """What was delivered so far, oldest first."""
        return read_messages(self._file)


def read_messages(file: Path) -> list[dict[str, Any]]:
    """The messages in an outbox file, oldest first; none where there is no file."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [message for line in lines if (message := _message(line)) is not None]


def _message(line: str) -> dict[str, Any] | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None
