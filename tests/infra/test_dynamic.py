"""The dynamic providers against S3, SQS and IAM as moto serves them."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

from infra.dynamic.aws import AwsProvider, arguments
from infra.dynamic.bucket import BucketProvider
from infra.dynamic.message_queue import QueueProvider
from infra.dynamic.notification import NotificationProvider
from infra.dynamic.role import RoleProvider
from infra.model import landing_names
from infra.model.landing_names import LandingNames

Props = dict[str, Any]
ACCOUNT = "123456789012"
# moto applies a denial whatever its condition says, so tests that put files have no such policy.
OPEN = json.dumps({"Version": "2012-10-17", "Statement": []})
NAMES = LandingNames(
    bucket="leap-landing",
    role="leap-landing",
    role_arn=f"arn:aws:iam::{ACCOUNT}:role/leap-landing",
    queue="leap-events",
    queue_arn=f"arn:aws:sqs:us-east-1:{ACCOUNT}:leap-events",
    dead_letter_queue="leap-events-dead",
    dead_letter_queue_arn=f"arn:aws:sqs:us-east-1:{ACCOUNT}:leap-events-dead",
    storage_integration="LEAP_LANDING",
)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An AWS of our own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def cloud(endpoint: str) -> Props:
    """Where the objects are and whose they are, on an AWS that is empty again."""
    props: Props = {"endpoint_url": endpoint, "region": "us-east-1", "owner": "leap/test"}
    request = urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")
    urllib.request.urlopen(request).close()
    return props


def client(service: Any, cloud: Props) -> Any:
    """A client for the same AWS."""
    return boto3.client(service, **arguments(cloud))


def bucket(cloud: Props, **changes: Any) -> Props:
    """A good bucket's inputs, with changes."""
    return {
        **cloud,
        "bucket": NAMES.bucket,
        "versioning": True,
        "encryption": "AES256",
        "public_access_blocked": True,
        "noncurrent_version_expiration_days": 30,
        "abort_incomplete_multipart_upload_days": 7,
        "policy": landing_names.bucket_policy(NAMES),
        "force_destroy": True,
        **changes,
    }


def queue(cloud: Props, **changes: Any) -> Props:
    """A good queue's inputs, with changes."""
    return {
        **cloud,
        "queue": NAMES.queue,
        "retention_days": 14,
        "dead_letter_arn": "",
        "max_receive_count": 0,
        "policy": landing_names.queue_policy(NAMES, ACCOUNT),
        **changes,
    }


def role(cloud: Props, **changes: Any) -> Props:
    """A good role's inputs, with changes."""
    return {
        **cloud,
        "role": NAMES.role,
        "description": "Reads",
        "trust_policy": landing_names.trust_policy((f"arn:aws:iam::{ACCOUNT}:root", "id=1")),
        "policy": landing_names.reading_policy(NAMES, ["gyms/"]),
        **changes,
    }


CASES: list[tuple[AwsProvider, Any, str, Props]] = [
    (BucketProvider(), bucket, "bucket", {"noncurrent_version_expiration_days": 60}),
    (QueueProvider(), queue, "queue", {"retention_days": 7}),
    (RoleProvider(), role, "role", {"description": "Reads more"}),
]
each = pytest.mark.parametrize(("provider", "good", "name", "change"), CASES)


@each
def test_what_was_made_reads_back_without_a_difference(
    provider: AwsProvider, good: Any, name: str, change: Props, cloud: Props
) -> None:
    made = provider.create(good(cloud))
    assert made.outs is not None
    read = provider.read(made.id, made.outs)
    assert read.id == made.id == good(cloud)[name]
    assert read.outs == made.outs
    assert provider.diff(made.id, made.outs, good(cloud)).changes is False


@each
def test_a_change_is_an_update_that_reads_back(
    provider: AwsProvider, good: Any, name: str, change: Props, cloud: Props
) -> None:
    made = provider.create(good(cloud))
    changed = good(cloud, **change)
    diff = provider.diff(made.id, made.outs or {}, changed)
    assert (diff.changes, diff.replaces) == (True, [])
    updated = provider.update(made.id, made.outs or {}, changed)
    assert provider.diff(made.id, updated.outs or {}, changed).changes is False


@each
def test_another_name_is_a_replacement(
    provider: AwsProvider, good: Any, name: str, change: Props, cloud: Props
) -> None:
    made = provider.create(good(cloud))
    assert provider.diff(made.id, made.outs or {}, good(cloud, **{name: "other"})).replaces == [
        name
    ]


@each
def test_another_endpoint_is_no_difference(
    provider: AwsProvider, good: Any, name: str, change: Props, cloud: Props
) -> None:
    made = provider.create(good(cloud))
    moved = good(cloud) | {"endpoint_url": "http://127.0.0.1:1"}
    assert provider.diff(made.id, made.outs or {}, moved).changes is False


@each
def test_an_interrupted_creation_is_taken_over(
    provider: AwsProvider, good: Any, name: str, change: Props, cloud: Props
) -> None:
    first, second = provider.create(good(cloud)), provider.create(good(cloud))
    assert (first.id, first.outs) == (second.id, second.outs)


@each
def test_an_object_of_someone_else_is_refused(
    provider: AwsProvider, good: Any, name: str, change: Props, cloud: Props
) -> None:
    provider.create(good(cloud, owner="someone/else"))
    with pytest.raises(FileExistsError, match="is not leap/test's"):
        provider.create(good(cloud))


@each
def test_what_is_gone_has_no_id_and_can_be_deleted_again(
    provider: AwsProvider, good: Any, name: str, change: Props, cloud: Props
) -> None:
    made = provider.create(good(cloud))
    provider.delete(made.id, made.outs or {})
    assert provider.read(made.id, made.outs or {}).id == ""
    provider.delete(made.id, made.outs or {})


@each
def test_state_holds_no_credential(
    provider: AwsProvider, good: Any, name: str, change: Props, cloud: Props
) -> None:
    made = provider.create(good(cloud))
    assert not [key for key in made.outs or {} if "secret" in key or "access_key" in key]


@pytest.mark.parametrize("provider", [case[0] for case in CASES] + [NotificationProvider()])
def test_a_provider_is_pickled_by_name(provider: ResourceProvider) -> None:
    assert len(serialize_provider(provider)) < 300


def test_a_setting_undone_by_hand_is_a_difference(cloud: Props) -> None:
    provider = BucketProvider()
    made = provider.create(bucket(cloud))
    client("s3", cloud).delete_public_access_block(Bucket=NAMES.bucket)
    client("s3", cloud).delete_bucket_policy(Bucket=NAMES.bucket)
    read = provider.read(made.id, made.outs or {})
    assert provider.diff(made.id, read.outs or {}, bucket(cloud)).changes is True


def test_an_empty_bucket_without_a_tag_is_an_interrupted_creation(cloud: Props) -> None:
    client("s3", cloud).create_bucket(Bucket=NAMES.bucket)
    assert BucketProvider().create(bucket(cloud)).id == NAMES.bucket


def test_a_full_bucket_without_a_tag_is_someone_elses(cloud: Props) -> None:
    client("s3", cloud).create_bucket(Bucket=NAMES.bucket)
    client("s3", cloud).put_object(Bucket=NAMES.bucket, Key="x", Body=b"x")
    with pytest.raises(FileExistsError):
        BucketProvider().create(bucket(cloud))


def test_a_bucket_with_files_is_deleted_only_where_that_is_allowed(cloud: Props) -> None:
    provider = BucketProvider()
    made = provider.create(bucket(cloud, force_destroy=False, policy=OPEN))
    for body in (b"1", b"2"):
        client("s3", cloud).put_object(Bucket=NAMES.bucket, Key="gyms/a.csv", Body=body)
    client("s3", cloud).delete_object(Bucket=NAMES.bucket, Key="gyms/a.csv")
    with pytest.raises(PermissionError, match="does not delete data"):
        provider.delete(made.id, made.outs or {})
    provider.delete(made.id, (made.outs or {}) | {"force_destroy": True})
    assert provider.read(made.id, made.outs or {}).id == ""


def test_a_queue_sends_what_fails_to_its_dead_letter_queue(cloud: Props) -> None:
    provider = QueueProvider()
    dead = provider.create(queue(cloud, queue=NAMES.dead_letter_queue)).outs or {}
    wanted = queue(cloud, dead_letter_arn=dead["arn"], max_receive_count=5)
    made = provider.create(wanted)
    assert provider.diff(made.id, made.outs or {}, wanted).changes is False
    attributes = client("sqs", cloud).get_queue_attributes(
        QueueUrl=(made.outs or {})["url"], AttributeNames=["RedrivePolicy"]
    )
    redrive = json.loads(attributes["Attributes"]["RedrivePolicy"])
    assert redrive == {"deadLetterTargetArn": dead["arn"], "maxReceiveCount": 5}


def test_the_bucket_owns_one_notification_configuration(cloud: Props) -> None:
    BucketProvider().create(bucket(cloud))
    arn = (QueueProvider().create(queue(cloud)).outs or {})["arn"]
    provider = NotificationProvider()
    wanted = {
        **cloud,
        "bucket": NAMES.bucket,
        "queues": [
            {"id": "gyms", "queue_arn": arn, "events": ["s3:ObjectCreated:*"], "prefix": "gyms/"},
            {"id": "removed", "queue_arn": arn, "events": ["s3:ObjectRemoved:*"], "prefix": ""},
        ],
    }
    made = provider.create(wanted)
    assert provider.diff(made.id, made.outs or {}, wanted).changes is False
    assert provider.read(made.id, made.outs or {}).outs == made.outs
    turned = wanted | {"queues": list(reversed(wanted["queues"]))}
    assert provider.diff(made.id, made.outs or {}, turned).changes is False
    provider.delete(made.id, made.outs or {})
    assert provider.read(made.id, made.outs or {}).id == ""


def test_objects_land_in_the_queue_that_asked_for_them(cloud: Props) -> None:
    BucketProvider().create(bucket(cloud, policy=OPEN))
    outs = QueueProvider().create(queue(cloud)).outs or {}
    one = {"id": "g", "queue_arn": outs["arn"], "events": ["s3:ObjectCreated:*"], "prefix": "gyms/"}
    NotificationProvider().create({**cloud, "bucket": NAMES.bucket, "queues": [one]})
    s3, sqs = client("s3", cloud), client("sqs", cloud)
    while "Messages" in sqs.receive_message(QueueUrl=outs["url"]):
        sqs.purge_queue(QueueUrl=outs["url"])
    for key in ("gyms/a.csv", "other/b.csv"):
        s3.put_object(Bucket=NAMES.bucket, Key=key, Body=b"x")
    found = sqs.receive_message(QueueUrl=outs["url"], MaxNumberOfMessages=10)["Messages"]
    keys = [
        unquote_plus(r["s3"]["object"]["key"])
        for m in found
        for r in json.loads(m["Body"])["Records"]
    ]
    assert keys == ["gyms/a.csv"]


def test_a_sandbox_that_moved_is_found_and_a_real_cloud_is_never_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "connection.json"
    monkeypatch.setenv("LEAP_SANDBOX_CONNECTION", str(file))
    before, now = "http://127.0.0.1:1", "http://127.0.0.1:2"
    props = {"region": "us-east-1", "endpoint_url": before}
    assert arguments(props)["endpoint_url"] == before
    for text in ("", "{", "[]", "{}"):
        file.write_text(text)
        assert arguments(props)["endpoint_url"] == before
    file.write_text(json.dumps({"aws": {"endpoint_url": now}}))
    assert arguments(props)["endpoint_url"] == now
    assert "endpoint_url" not in arguments({"region": "us-east-1", "endpoint_url": ""})
