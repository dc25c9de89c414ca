"""The message that S3 puts on a queue when something happens to an object.

Only what a reader of landing events needs is modelled; S3 adds keys from time to time, so unknown
ones are ignored here, unlike in our own files.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

from pydantic import BaseModel, ConfigDict, Field

TEST_EVENT: Final = "s3:TestEvent"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Bucket(_Part):
    """The bucket of the object."""

    name: str
    arn: str


class Object(_Part):
    """The object; its key is encoded as in a form, a removal has neither size nor eTag."""

    encoded_key: str = Field(alias="key")
    size: int | None = None
    e_tag: str | None = Field(default=None, alias="eTag")
    sequencer: str | None = None

    @property
    def key(self) -> str:
        """The key as it is in the bucket."""
        return unquote_plus(self.encoded_key)


class Entity(_Part):
    """Bucket and object together."""

    bucket: Bucket
    object: Object


class Record(_Part):
    """One thing that happened, for instance `ObjectCreated:Put`."""

    event_name: str = Field(alias="eventName")
    event_time: datetime = Field(alias="eventTime")
    region: str = Field(alias="awsRegion")
    s3: Entity


class Notification(_Part):
    """The body of one message; S3's own test of a new configuration has no records."""

    records: tuple[Record, ...] = Field(default=(), alias="Records")


def parse(body: str | bytes) -> tuple[Record, ...]:
    """The records of a message body; none for S3's test event.

    Raises:
        pydantic.ValidationError: it is no S3 notification.
    """
    content = json.loads(body)
    if isinstance(content, dict) and content.get("Event") == TEST_EVENT:
        return ()
    return Notification.model_validate(content).records


def created(
    bucket: str, key: str, *, size: int, e_tag: str, region: str, at: datetime | None = None
) -> str:
    """The body that S3 would send for a new object, for replays and tests."""
    at = (at or datetime.now(UTC)).astimezone(UTC)
    record: dict[str, Any] = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": region,
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {"key": quote_plus(key, safe="/"), "size": size, "eTag": e_tag},
        },
    }
    return json.dumps({"Records": [record]})
