"""The notification configuration of a bucket: all of it, in one place.

S3 keeps one configuration for a bucket and replaces it as a whole, so two owners would undo each
other. Destinations are queues: pipes' channels and the landing zone's own. An event that nobody
asked for here is removed. Overlapping prefixes for one event are S3's to refuse.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
"""

from typing import TYPE_CHECKING, Any, Final

import pulumi
from botocore.exceptions import ClientError
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource

from infra.dynamic.aws import AwsProvider, Props, arguments, canonical, code, inputs

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_GONE: Final = frozenset({"NoSuchBucket", "404"})


class NotificationProvider(AwsProvider):
    """Inputs: ``bucket`` and ``queues``, each ``{id, queue_arn, events, prefix}``."""

    replaces = ("bucket",)

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """As everywhere, but the order of destinations and of events means nothing."""
        return super().diff(_id, _sorted(_olds), _sorted(_news))

    def create(self, props: Props) -> CreateResult:
        """Writes the configuration; there is always one to write over."""
        return CreateResult(props["bucket"], self.write(props))

    def write(self, props: Props) -> Props:
        """Replaces the bucket's configuration, and answers what is then set."""
        client, name = _client(props), props["bucket"]
        configurations: Any = [_configuration(queue) for queue in props["queues"]]
        client.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"QueueConfigurations": configurations}
        )
        return inputs(props) | {"queues": _live(client, name)}

    def read(self, id_: str, props: Props) -> ReadResult:
        """The bucket's configuration; without an id when it or the bucket is gone."""
        try:
            queues = _live(_client(props), id_)
        except ClientError as error:
            if code(error) in _GONE:
                return ReadResult("", {})
            raise
        if not queues:
            return ReadResult("", {})
        return ReadResult(id_, inputs(props) | {"bucket": id_, "queues": queues})

    def delete(self, _id: str, _props: Props) -> None:
        """Empties the configuration."""
        try:
            _client(_props).put_bucket_notification_configuration(
                Bucket=_id, NotificationConfiguration={}
            )
        except ClientError as error:
            if code(error) not in _GONE:
                raise


class BucketNotification(Resource, module="aws", name="BucketNotification"):
    """The configuration. Its id is the bucket's name."""

    bucket: pulumi.Output[str]

    def __init__(
        self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(NotificationProvider(), name, props, opts)


def _client(props: Props) -> "S3Client":
    import boto3  # late: the program declares, and only the provider calls

    return boto3.client("s3", **arguments(props))


def _configuration(queue: Props) -> Props:
    everything = {
        "Id": queue["id"],
        "QueueArn": queue["queue_arn"],
        "Events": list(queue["events"]),
    }
    if not queue["prefix"]:
        return everything
    rules = [{"Name": "prefix", "Value": queue["prefix"]}]
    return everything | {"Filter": {"Key": {"FilterRules": rules}}}


def _live(client: "S3Client", name: str) -> list[Props]:
    found = client.get_bucket_notification_configuration(Bucket=name)
    queues = [
        {
            "id": entry.get("Id", ""),
            "queue_arn": entry["QueueArn"],
            "events": sorted(entry["Events"]),
            "prefix": _prefix(entry.get("Filter", {}).get("Key", {}).get("FilterRules", [])),
        }
        for entry in found.get("QueueConfigurations", [])
    ]
    return sorted(queues, key=lambda queue: str(queue["id"]))


def _prefix(rules: Any) -> str:
    # S3 answers the name as "Prefix" where "prefix" was written.
    found = [rule["Value"] for rule in rules if rule["Name"].lower() == "prefix"]
    return str(found[0]) if found else ""


def _sorted(props: Props) -> Props:
    queues = props.get("queues")
    if not isinstance(queues, list):
        return props
    ordered = [queue | {"events": sorted(queue["events"])} for queue in queues]
    return props | {"queues": sorted(ordered, key=lambda queue: str(canonical(queue)))}
