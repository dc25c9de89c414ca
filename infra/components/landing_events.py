"""Where the bucket's events go: each feed's files to its pipe, what else matters to our own queue.

S3 refuses two destinations for overlapping prefixes of one event, so the landing zone's own queue
hears of rejected files and of removals, and of nothing that a pipe already hears. In the second
region no pipe reads before a failover: there the queue keeps every event until one does.
"""

from collections.abc import Sequence
from typing import Final

import pulumi

from infra.components.feed import Feed
from infra.components.landing import Landing
from infra.components.providers import Providers
from infra.dynamic.notification import BucketNotification
from infra.model.naming import Token
from infra.model.pipelines import Feed as FeedFacts
from infra.model.target import AwsTarget

REJECTED: Final = "rejected/"
_CREATED: Final = ["s3:ObjectCreated:*"]
_REMOVED: Final = ["s3:ObjectRemoved:*"]


class LandingEvents(pulumi.ComponentResource):
    """The bucket's whole notification configuration."""

    def __init__(
        self,
        name: str,
        landing: Landing,
        feeds: Sequence[tuple[FeedFacts, Feed]],
        providers: Providers,
        aws: AwsTarget,
        *,
        twin: bool = False,
    ) -> None:
        """``twin``: of the second region, with no pipe yet."""
        super().__init__(Token.DR_LANDING_EVENTS if twin else Token.LANDING_EVENTS, name)
        pipes = [
            {
                "id": facts.name,
                "queue_arn": feed.pipe.notification_channel,
                "events": _CREATED,
                "prefix": facts.prefix,
            }
            for facts, feed in feeds
        ]
        own = [
            {"id": "arrived", "prefix": "", "events": _CREATED}
            if twin
            else {"id": "rejected", "prefix": REJECTED, "events": _CREATED},
            {"id": "removed", "prefix": "", "events": _REMOVED},
        ]
        BucketNotification(
            "notification",
            {
                "endpoint_url": aws.endpoint_url or "",
                "region": aws.region,
                "bucket": landing.bucket.bucket,
                "queues": [*pipes, *({**entry, "queue_arn": landing.queue.arn} for entry in own)],
            },
            pulumi.ResourceOptions(parent=self, provider=providers.aws),
        )
        self.register_outputs({})
