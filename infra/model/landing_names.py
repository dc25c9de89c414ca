"""The landing zone's names and policies, as text: pure functions of facts and the AWS account.

Everything is known before anything is made. The role's ARN follows from account and name, so the
storage integration can be made first and the role's trust can then name what the integration
answered: one pass, where the vendor's guide needs two.

https://docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration
"""

import json
from collections.abc import Sequence
from typing import Any

from infra.model.base import Fact
from infra.model.naming import Naming
from infra.model.pipelines import Landing
from infra.model.replication import second_name


class LandingNames(Fact):
    """Names of the landing zone in one AWS account."""

    bucket: str
    role: str
    role_arn: str
    queue: str
    queue_arn: str
    dead_letter_queue: str
    dead_letter_queue_arn: str
    storage_integration: str

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN."""
        return f"arn:aws:s3:::{self.bucket}"

    @property
    def url(self) -> str:
        """The bucket as Snowflake writes it."""
        return f"s3://{self.bucket}/"


def landing_names(
    landing: Landing, naming: Naming, account_id: str, region: str, twin: str = ""
) -> LandingNames:
    """The names for an account and region; ``twin`` tells a second zone from the first."""
    bucket = naming.aws(landing.bucket, twin, account_id)
    role = naming.aws(landing.role, twin)
    queue = naming.aws(landing.bucket, twin, "events")
    dead = naming.aws(landing.bucket, twin, "events", "dead")
    integration = second_name(landing.storage_integration) if twin else landing.storage_integration
    return LandingNames(
        bucket=bucket,
        role=role,
        role_arn=f"arn:aws:iam::{account_id}:role/{role}",
        queue=queue,
        queue_arn=f"arn:aws:sqs:{region}:{account_id}:{queue}",
        dead_letter_queue=dead,
        dead_letter_queue_arn=f"arn:aws:sqs:{region}:{account_id}:{dead}",
        storage_integration=naming.account(integration),
    )


def bucket_policy(names: LandingNames) -> str:
    """Nobody reaches the bucket without TLS."""
    return _policy(
        {
            "Sid": "OnlyOverTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [names.bucket_arn, f"{names.bucket_arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )


def queue_policy(names: LandingNames, account_id: str) -> str:
    """The bucket of this account may send; nobody speaks to the queue without TLS."""
    return _policy(
        {
            "Sid": "EventsOfTheBucket",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": names.queue_arn,
            "Condition": {
                "ArnEquals": {"aws:SourceArn": names.bucket_arn},
                "StringEquals": {"aws:SourceAccount": account_id},
            },
        },
        _only_over_tls(names.queue_arn),
    )


def dead_letter_policy(names: LandingNames) -> str:
    """Nobody speaks to the queue without TLS; SQS itself needs no permission to move a message."""
    return _policy(_only_over_tls(names.dead_letter_queue_arn))


def trust_policy(*readers: tuple[str, str]) -> str:
    """Snowflake's own users may assume the role, for our integration only.

    Each account of ours has a user and an external id of its own for the integration.
    """
    return _policy(
        *(
            {
                "Sid": f"SnowflakeAssumes{number or ''}",
                "Effect": "Allow",
                "Principal": {"AWS": user},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }
            for number, (user, external_id) in enumerate(readers)
        )
    )


def reading_policy(names: LandingNames, prefixes: Sequence[str]) -> str:
    """The role reads the feeds' folders and nothing else; it never writes."""
    return _policy(
        {
            "Sid": "ReadFeeds",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": [f"{names.bucket_arn}/{prefix}*" for prefix in sorted(prefixes)],
        },
        {
            "Sid": "ListFeeds",
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:ListBucket"],
            "Resource": names.bucket_arn,
        },
    )


def _only_over_tls(queue_arn: str) -> dict[str, Any]:
    return {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": queue_arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _policy(*statements: dict[str, Any]) -> str:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return json.dumps(document, sort_keys=True)
