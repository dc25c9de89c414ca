"""An SQS queue with its policy, its encryption and its dead-letter queue.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

import json
from typing import TYPE_CHECKING, Any, Final

import pulumi
from pulumi.dynamic import CreateResult, ReadResult, Resource

from infra.dynamic.aws import OWNER_TAG, AwsProvider, Props, arguments, inputs

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

_SECONDS_A_DAY: Final = 86400


class QueueProvider(AwsProvider):
    """Inputs: ``queue``, ``owner``, ``policy``, ``retention_days``, and where failures go."""

    replaces = ("queue",)

    def create(self, props: Props) -> CreateResult:
        """Makes the queue, or takes over one that an interrupted run of ours left."""
        client, name = _client(props), props["queue"]
        url = _url(client, name)
        if url is None:
            tags = {OWNER_TAG: props["owner"]}
            url = client.create_queue(QueueName=name, Attributes=_attributes(props), tags=tags)[
                "QueueUrl"
            ]
        elif client.list_queue_tags(QueueUrl=url).get("Tags", {}).get(OWNER_TAG) != props["owner"]:
            raise FileExistsError(
                f"queue {name} exists and is not {props['owner']}'s: choose another name in "
                "landing.bucket, or remove it"
            )
        return CreateResult(name, self.write(props))

    def write(self, props: Props) -> Props:
        """Applies every attribute, and answers what is then set."""
        client = _client(props)
        url = client.get_queue_url(QueueName=props["queue"])["QueueUrl"]
        client.set_queue_attributes(QueueUrl=url, Attributes=_attributes(props))
        return inputs(props) | _live(client, url)

    def read(self, id_: str, props: Props) -> ReadResult:
        """The queue's attributes as they are; without an id when it is gone."""
        client = _client(props)
        url = _url(client, id_)
        if url is None:
            return ReadResult("", {})
        return ReadResult(id_, inputs(props) | {"queue": id_} | _live(client, url))

    def delete(self, _id: str, _props: Props) -> None:
        """Deletes the queue and the messages in it."""
        client = _client(_props)
        url = _url(client, _id)
        if url is not None:
            client.delete_queue(QueueUrl=url)


class Queue(Resource, module="aws", name="Queue"):
    """The queue. Its id is its name."""

    queue: pulumi.Output[str]
    url: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(QueueProvider(), name, {**props, "url": None, "arn": None}, opts)


def _client(props: Props) -> "SQSClient":
    import boto3  # late: the program declares, and only the provider calls

    return boto3.client("sqs", **arguments(props))


def _url(client: "SQSClient", name: str) -> str | None:
    try:
        return client.get_queue_url(QueueName=name)["QueueUrl"]
    except client.exceptions.QueueDoesNotExist:
        return None


def _attributes(props: Props) -> Any:
    redrive = ""
    if props.get("dead_letter_arn"):
        redrive = json.dumps(
            {
                "deadLetterTargetArn": props["dead_letter_arn"],
                "maxReceiveCount": int(props["max_receive_count"]),
            }
        )
    return {
        "MessageRetentionPeriod": str(int(props["retention_days"]) * _SECONDS_A_DAY),
        "Policy": props["policy"],
        "SqsManagedSseEnabled": "true",
    } | ({"RedrivePolicy": redrive} if redrive else {})


def _live(client: "SQSClient", url: str) -> Props:
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    redrive = json.loads(found.get("RedrivePolicy") or "{}")
    return {
        "url": url,
        "arn": found["QueueArn"],
        "policy": json.dumps(json.loads(found.get("Policy") or "{}"), sort_keys=True),
        "retention_days": int(found["MessageRetentionPeriod"]) // _SECONDS_A_DAY,
        "dead_letter_arn": redrive.get("deadLetterTargetArn", ""),
        "max_receive_count": int(redrive.get("maxReceiveCount", 0)),
    }
