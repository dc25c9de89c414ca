"""S3's events as they come off a queue."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.aws.clients import Clients
from sandbox.connection import Aws
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.files import Location
from sandbox.snowflake.pipe_files import Arrival
from sandbox.snowflake.pipe_queue import Event, PipeQueues, events


def body(name: str = "ObjectCreated:Put", key: str = "gyms/a.csv", **more: Any) -> str:
    found = {"key": key, "size": 3, "eTag": "e", **more}
    record = {"eventName": name, "s3": {"bucket": {"name": "landing"}, "object": found}}
    return json.dumps({"Records": [record]})


def test_a_creation_is_an_event() -> None:
    assert list(events(body())) == [Event("landing", Arrival("gyms/a.csv", "e", 3))]


def test_a_key_is_decoded_as_a_form() -> None:
    [event] = events(body(key="gyms/a+file+with+%C3%A9%2B.csv"))
    assert event.file.name == "gyms/a file with é+.csv"


@pytest.mark.parametrize(
    "message",
    [
        json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "landing"}),
        body("ObjectRemoved:Delete"),
        "no json",
        "[]",
        '{"Records": []}',
    ],
)
def test_other_messages_tell_nothing(message: str) -> None:
    assert list(events(message)) == []


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("s3://landing", Location("landing", "")),
        ("s3://landing/", Location("landing", "")),
        ("s3://landing/gyms", Location("landing", "gyms/")),
        ("S3://landing/gyms/in/", Location("landing", "gyms/in/")),
    ],
)
def test_a_stage_url_is_a_folder(url: str, location: Location) -> None:
    assert Location.of(url) == location


def test_another_cloud_is_not_served() -> None:
    with pytest.raises(UnsupportedError, match="only S3"):
        Location.of("azure://x.blob.core.windows.net/y")


@pytest.mark.sandbox
def test_one_queue_serves_an_account_and_bucket(aws: Any) -> None:
    queues = PipeQueues(aws.clients, "SANDBOX1")
    one = queues.channel_for("s3://landing/gyms/")
    assert one.startswith("arn:aws:sqs:us-east-1:123456789012:sf-snowpipe-AIDA")
    assert queues.channel_for("s3://landing/census/") == one
    assert queues.channel_for("s3://other/") != one
    assert PipeQueues(aws.clients, "OTHER").channel_for("s3://landing/") != one
    aws.kill_and_start()
    assert PipeQueues(aws.clients, "SANDBOX1").channel_for("s3://landing/gyms/") == one


@pytest.mark.sandbox
def test_many_messages_are_taken_and_deleted(aws: Any) -> None:
    queues = PipeQueues(aws.clients, "SANDBOX1")
    name = queues.channel_for("s3://landing/").rpartition(":")[2]
    url = aws.clients.sqs.get_queue_url(QueueName=name)["QueueUrl"]
    for number in range(25):
        aws.clients.sqs.send_message(QueueUrl=url, MessageBody=str(number))
    messages = queues.receive("landing")
    assert sorted(int(message["Body"]) for message in messages) == list(range(25))
    queues.delete("landing", messages)
    aws.kill_and_start()
    assert queues.receive("landing") == []


def test_clients_are_made_when_needed_only() -> None:
    clients = Clients(Aws(endpoint_url="http://127.0.0.1:9"))
    assert not {"s3", "sqs", "iam"} & vars(clients).keys()
