"""What AWS was told is there after a kill -9, exactly as boto3 read it before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import pytest

from sandbox.aws.clients import Clients

pytestmark = pytest.mark.sandbox

BUCKET = "leap-analytics-landing-123456789012"
KEY = "gyms/a file with é.csv"
TLS_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{BUCKET}/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::222222222222:user/x"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "LEAP_1"}},
        }
    ],
}
READING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}


class Aws(Protocol):
    clients: Clients

    def kill_and_start(self) -> None: ...


def make_queues(clients: Clients) -> str:
    sqs = clients.sqs
    dead = sqs.create_queue(QueueName="events-dead")["QueueUrl"]
    dead_arn = queue_arn(clients, dead)
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "2"})
    return sqs.create_queue(
        QueueName="events",
        Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "0"},
        tags={"team": "data"},
    )["QueueUrl"]


def queue_arn(clients: Clients, url: str) -> str:
    return clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]


def make_bucket(clients: Clients, arn: str) -> None:
    s3 = clients.s3
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    rule: Any = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_public_access_block(
        Bucket=BUCKET,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    expiry: Any = {
        "ID": "old",
        "Status": "Enabled",
        "Filter": {"Prefix": "gyms/"},
        "Expiration": {"Days": 30},
    }
    s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": [expiry]})
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "team", "Value": "data"}]})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(TLS_ONLY))
    filters: Any = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "gyms/"}]}}
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET,
        NotificationConfiguration={
            "QueueConfigurations": [
                {"Id": "g", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": filters}
            ]
        },
    )


def make_objects(clients: Clients) -> None:
    s3 = clients.s3
    for body in (b"one", b"two"):
        s3.put_object(Bucket=BUCKET, Key=KEY, Body=body, Metadata={"source": "test"}, Tagging="a=b")
    s3.put_object(Bucket=BUCKET, Key="gyms/gone.csv", Body=b"x")
    s3.delete_object(Bucket=BUCKET, Key="gyms/gone.csv")
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="gyms/large")["UploadId"]
    parts: Any = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(
                Bucket=BUCKET,
                Key="gyms/large",
                UploadId=upload,
                PartNumber=number,
                Body=bytes(5 << 20),
            )["ETag"],
        }
        for number in (1, 2)
    ]
    s3.complete_multipart_upload(
        Bucket=BUCKET, Key="gyms/large", UploadId=upload, MultipartUpload={"Parts": parts}
    )


def make_role(clients: Clients) -> None:
    clients.iam.create_role(
        RoleName="reader",
        AssumeRolePolicyDocument=json.dumps(TRUST),
        Tags=[{"Key": "team", "Value": "data"}],
    )
    clients.iam.put_role_policy(
        RoleName="reader", PolicyName="read", PolicyDocument=json.dumps(READING)
    )
    arn = clients.iam.create_policy(PolicyName="more", PolicyDocument=json.dumps(READING))
    clients.iam.attach_role_policy(RoleName="reader", PolicyArn=arn["Policy"]["Arn"])


def everything(clients: Clients) -> Iterator[tuple[str, Any]]:
    """All that a refresh or a reader asks, without what differs in every answer."""
    s3, sqs, iam = clients.s3, clients.sqs, clients.iam
    for name in (
        *("get_bucket_versioning", "get_bucket_encryption", "get_public_access_block"),
        *("get_bucket_lifecycle_configuration", "get_bucket_tagging", "get_bucket_policy"),
        *("get_bucket_notification_configuration", "get_bucket_location", "get_bucket_acl"),
        *("list_object_versions", "list_objects_v2"),
    ):
        yield name, getattr(s3, name)(Bucket=BUCKET)
    yield "buckets", s3.list_buckets()
    for key in (KEY, "gyms/large"):
        found: Any = s3.get_object(Bucket=BUCKET, Key=key)
        yield "body", found.pop("Body").read()
        yield "object", found
        yield "tags", s3.get_object_tagging(Bucket=BUCKET, Key=key)
    for url in sqs.list_queues()["QueueUrls"]:
        yield url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        yield url, sqs.list_queue_tags(QueueUrl=url)
    yield "role", iam.get_role(RoleName="reader")
    yield "policy", iam.get_role_policy(RoleName="reader", PolicyName="read")
    yield "attached", iam.list_attached_role_policies(RoleName="reader")
    yield "policies", iam.list_policies(Scope="Local")


def told(clients: Clients) -> list[tuple[str, Any]]:
    answers = list(everything(clients))
    for _, answer in answers:
        if isinstance(answer, dict):
            answer.pop("ResponseMetadata", None)
    return answers


def test_everything_reads_back_after_a_kill(aws: Aws) -> None:
    url = make_queues(aws.clients)
    make_bucket(aws.clients, queue_arn(aws.clients, url))
    make_objects(aws.clients)
    make_role(aws.clients)
    before = told(aws.clients)
    aws.kill_and_start()
    assert told(aws.clients) == before
    # and once more, from rows that were read rather than written
    aws.kill_and_start()
    assert told(aws.clients) == before


def test_a_restart_sends_no_event_again(aws: Aws) -> None:
    url = make_queues(aws.clients)
    make_bucket(aws.clients, queue_arn(aws.clients, url))
    aws.clients.s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"x")
    aws.kill_and_start()
    counted = aws.clients.sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    # S3's own test event, and the one object
    assert counted["Attributes"]["ApproximateNumberOfMessages"] == "2"


def test_a_message_that_was_in_flight_comes_again(aws: Aws) -> None:
    sqs = aws.clients.sqs
    url = sqs.create_queue(QueueName="plain", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    first = sqs.receive_message(QueueUrl=url)["Messages"][0]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    aws.kill_and_start()
    again = sqs.receive_message(QueueUrl=url)["Messages"][0]
    assert (again["MessageId"], again["Body"]) == (first["MessageId"], "hello")
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    aws.kill_and_start()
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_receives_are_counted_over_a_restart_until_the_dead_letter_queue(aws: Aws) -> None:
    sqs = aws.clients.sqs
    url = make_queues(aws.clients)
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    assert "Messages" in sqs.receive_message(QueueUrl=url)
    aws.kill_and_start()
    assert "Messages" in sqs.receive_message(QueueUrl=url)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    dead = sqs.get_queue_url(QueueName="events-dead")["QueueUrl"]
    aws.kill_and_start()
    assert sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"] == "poison"


def test_what_was_removed_stays_removed(aws: Aws) -> None:
    url = make_queues(aws.clients)
    make_bucket(aws.clients, queue_arn(aws.clients, url))
    make_role(aws.clients)
    s3 = aws.clients.s3
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    for number in range(3):
        s3.put_object(Bucket=BUCKET, Key=f"other/{number}", Body=b"x")
    doomed: Any = [{"Key": f"other/{number}"} for number in range(3)]
    aws.kill_and_start()
    versions: Any = s3.list_object_versions(Bucket=BUCKET)["Versions"]
    s3.delete_objects(
        Bucket=BUCKET,
        Delete={
            "Objects": [{"Key": v["Key"], "VersionId": v["VersionId"]} for v in versions] or doomed
        },
    )
    aws.kill_and_start()
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)
    s3.delete_bucket(Bucket=BUCKET)
    aws.clients.sqs.delete_queue(QueueUrl=url)
    aws.clients.iam.delete_role_policy(RoleName="reader", PolicyName="read")
    aws.kill_and_start()
    assert s3.list_buckets()["Buckets"] == []
    assert len(aws.clients.sqs.list_queues()["QueueUrls"]) == 1
    assert aws.clients.iam.list_role_policies(RoleName="reader")["PolicyNames"] == []


def test_an_overwritten_object_is_the_last_one(aws: Aws) -> None:
    s3 = aws.clients.s3
    s3.create_bucket(Bucket=BUCKET)
    for body in (b"first", b"second"):
        s3.put_object(Bucket=BUCKET, Key=KEY, Body=body)
    aws.kill_and_start()
    assert s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == b"second"
    # the first body is no longer needed, and was removed at the start
    aws.kill_and_start()
    assert s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == b"second"


def test_a_copy_has_its_own_life(aws: Aws) -> None:
    s3 = aws.clients.s3
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"content")
    s3.copy_object(Bucket=BUCKET, Key="b", CopySource={"Bucket": BUCKET, "Key": "a"})
    s3.delete_object(Bucket=BUCKET, Key="a")
    aws.kill_and_start()
    assert s3.get_object(Bucket=BUCKET, Key="b")["Body"].read() == b"content"
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1


def test_an_upload_goes_on_after_a_restart(aws: Aws) -> None:
    s3 = aws.clients.s3
    s3.create_bucket(Bucket=BUCKET)
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="large")["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key="large", UploadId=upload, PartNumber=1, Body=b"part")
    aws.kill_and_start()
    s3.complete_multipart_upload(
        Bucket=BUCKET,
        Key="large",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    assert s3.get_object(Bucket=BUCKET, Key="large")["Body"].read() == b"part"


def test_the_policy_that_wants_tls_lets_the_sandbox_in(aws: Aws) -> None:
    s3 = aws.clients.s3
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(TLS_ONLY))
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"x")
    assert s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == b"x"


def test_a_policy_that_denies_is_obeyed(aws: Aws) -> None:
    s3 = aws.clients.s3
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"x")
    always = json.dumps(TLS_ONLY).replace('"false"', '"true"')
    s3.put_bucket_policy(Bucket=BUCKET, Policy=always)
    with pytest.raises(s3.exceptions.ClientError, match="403"):
        s3.get_object(Bucket=BUCKET, Key=KEY)


def test_whatever_was_acknowledged_is_there_after_a_kill(aws: Aws) -> None:
    s3, sqs = aws.clients.s3, aws.clients.sqs
    url = sqs.create_queue(QueueName="plain")["QueueUrl"]
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET,
        NotificationConfiguration={
            "QueueConfigurations": [
                {"QueueArn": queue_arn(aws.clients, url), "Events": ["s3:ObjectCreated:*"]}
            ]
        },
    )

    def put(number: int) -> None:
        s3.put_object(Bucket=BUCKET, Key=f"gyms/{number}", Body=str(number).encode())

    with ThreadPoolExecutor(max_workers=4) as threads:
        list(threads.map(put, range(80)))
    aws.kill_and_start()
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 80
    bodies = {
        s3.get_object(Bucket=BUCKET, Key=f"gyms/{number}")["Body"].read() for number in range(80)
    }
    assert bodies == {str(number).encode() for number in range(80)}
    counted = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    assert counted["Attributes"]["ApproximateNumberOfMessages"] == "81"
