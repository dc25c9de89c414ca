"""Snowflake's own queue for a bucket, and the events of S3 that arrive on it.

As in Snowflake there is one queue per account and bucket, named `sf-snowpipe-…`; a pipe reports
its ARN, and the bucket's owner sends `ObjectCreated` events to it. Here it lies in the sandbox's
one AWS account, where the real one lies in an account of Snowflake. Its name depends on account
and bucket only, so a bucket's notification stays right when pipes are made anew.
https://docs.snowflake.com/en/user-guide/data-load-snowpipe-auto-s3
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from sandbox.snowflake.files import Location
from sandbox.snowflake.pipe_files import Arrival

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from sandbox.aws.clients import Clients

log = logging.getLogger("sandbox.pipes")

_BATCH: Final = 10
_AT_ONCE: Final = 50
_RETENTION: Final = 14 * 24 * 3600
_HIDDEN: Final = 30


@dataclass(frozen=True, slots=True)
class Event:
    """One object that was created."""

    bucket: str
    file: Arrival


class PipeQueues:
    """The queues of one account."""

    def __init__(self, clients: Clients, locator: str) -> None:
        self._clients = clients
        self._locator = locator
        self._urls: dict[str, str] = {}

    def channel_for(self, stage_url: str) -> str:
        """The ARN of the queue for a stage's bucket; the queue is made when it is not there."""
        bucket = Location.of(stage_url).bucket
        self._url(bucket)
        facts = self._clients.facts
        return f"arn:aws:sqs:{facts.region}:{facts.account_id}:{self._name(bucket)}"

    def receive(self, bucket: str) -> list[MessageTypeDef]:
        """Messages that are there now; whoever does not `delete` them gets them again later."""
        url = self._url(bucket)
        messages: list[MessageTypeDef] = []
        while len(messages) < _BATCH * _AT_ONCE:
            answer = self._clients.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=_BATCH, VisibilityTimeout=_HIDDEN
            )
            if not answer.get("Messages"):
                break
            messages += answer["Messages"]
        return messages

    def delete(self, bucket: str, messages: list[MessageTypeDef]) -> None:
        """Take messages off the queue."""
        for start in range(0, len(messages), _BATCH):
            self._clients.sqs.delete_message_batch(
                QueueUrl=self._url(bucket),
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(messages[start : start + _BATCH])
                ],
            )

    def forget(self, bucket: str) -> None:
        """Look for the queue again: somebody removed it."""
        self._urls.pop(bucket, None)

    def _url(self, bucket: str) -> str:
        if bucket not in self._urls:
            answer = self._clients.sqs.create_queue(
                QueueName=self._name(bucket),
                Attributes={"MessageRetentionPeriod": str(_RETENTION)},
            )
            self._urls[bucket] = answer["QueueUrl"]
        return self._urls[bucket]

    def _name(self, bucket: str) -> str:
        digest = hashlib.sha256(f"{self._locator}/{bucket}".encode()).digest()
        user = base64.b32encode(hashlib.sha256(self._locator.encode()).digest()).decode()[:17]
        tail = base64.urlsafe_b64encode(digest).decode()[:22]
        return f"sf-snowpipe-AIDA{user}-{tail}"


def events(body: str) -> Iterator[Event]:
    """The creations that a message tells; S3's test event and other messages tell none.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    try:
        content = json.loads(body)
    except ValueError:
        log.warning("a message that is no JSON was dropped: %.200s", body)
        return
    records = content.get("Records", []) if isinstance(content, dict) else []
    for record in records:
        if str(record.get("eventName", "")).startswith("ObjectCreated:"):
            yield _event(record["s3"])


def _event(facts: dict[str, Any]) -> Event:
    found = facts["object"]
    return Event(
        bucket=facts["bucket"]["name"],
        file=Arrival(
            name=unquote_plus(found["key"]),
            etag=str(found.get("eTag", "")),
            size=int(found.get("size", 0)),
        ),
    )
