"""S3's messages, as a queue delivers them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from ingestion.s3_event import created, parse

AT = datetime(2026, 11, 23, 18, 0, 0, 123_000, tzinfo=UTC)


def test_what_is_built_is_what_is_read() -> None:
    key = "gyms/2026-11-23/näme with+plus-0123.csv"
    body = created("landing", key, size=7, e_tag="abc", region="us-east-1", at=AT)
    (record,) = parse(body)
    assert record.event_name == "ObjectCreated:Put"
    assert record.event_time == AT
    assert record.s3.bucket.name == "landing"
    assert (record.s3.object.key, record.s3.object.size) == (key, 7)


def test_the_key_is_encoded_as_s3_does() -> None:
    body = created("b", "gyms/a b.csv", size=1, e_tag="e", region="us-east-1")
    assert json.loads(body)["Records"][0]["s3"]["object"]["key"] == "gyms/a+b.csv"


def test_the_test_event_of_a_new_configuration_has_no_records() -> None:
    assert parse('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "landing"}') == ()


def test_a_removal_has_no_size() -> None:
    content = json.loads(created("b", "k", size=1, e_tag="e", region="us-east-1"))
    del content["Records"][0]["s3"]["object"]["size"]
    content["Records"][0]["eventName"] = "ObjectRemoved:Delete"
    content["Records"][0]["newKeyOfTheFuture"] = {}
    (record,) = parse(json.dumps(content))
    assert record.s3.object.size is None


def test_a_record_without_a_bucket_is_refused() -> None:
    with pytest.raises(ValidationError):
        parse('{"Records": [{"eventName": "ObjectCreated:Put"}]}')
