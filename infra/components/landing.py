"""A landing zone: the bucket, its queue, and the way in for Snowflake, in one pass.

The integration is made first, with the ARN of a role that does not exist yet; the role then trusts
the user and external id that the integration answers. The bucket's notifications are set apart, by
`LandingEvents`, once the pipes have their queues.

The second region has a zone of its own. Its integration is made in the first account too, because
a refresh drops from the second account what the first one has not.
"""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.dynamic.bucket import Bucket
from infra.dynamic.message_queue import Queue
from infra.dynamic.replicated_integration import ReplicatedIntegration
from infra.dynamic.role import Role
from infra.model import landing_names
from infra.model.environment import Environment
from infra.model.landing_names import LandingNames
from infra.model.naming import Token, logical
from infra.model.target import AwsTarget


class Landing(pulumi.ComponentResource):
    """Bucket, queue with its dead-letter queue, storage integration and role."""

    names: LandingNames
    bucket: Bucket
    queue: Queue
    integration: snowflake.StorageIntegration
    role: Role
    """Made by `admit`."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        aws: AwsTarget,
        prefixes: Sequence[str],
        twin: str = "",
    ) -> None:
        """``prefixes``: the feeds' folders, which the role may read.

        ``twin``: what tells a zone in a second region from the first.
        """
        super().__init__(Token.DR_LANDING if twin else Token.LANDING, name)
        holding = pulumi.ResourceOptions(
            parent=self, provider=providers.aws, protect=environment.protect
        )
        plain = pulumi.ResourceOptions(parent=self, provider=providers.aws)
        self.names = landing_names.landing_names(
            environment.landing, environment.naming, aws.account_id, aws.region, twin
        )
        cloud = {
            "endpoint_url": aws.endpoint_url or "",
            "region": aws.region,
            "owner": f"{pulumi.get_project()}/{pulumi.get_stack()}",
        }
        self.bucket = _bucket(self.names, environment, cloud, holding)
        self.queue = _queues(self.names, environment, cloud, aws.account_id, plain)
        self.integration = snowflake.StorageIntegration(
            logical(environment.landing.storage_integration, twin),
            name=self.names.storage_integration,
            type="EXTERNAL_STAGE",
            enabled=True,
            storage_provider="S3",
            storage_aws_role_arn=self.names.role_arn,
            storage_allowed_locations=[f"{self.names.url}{prefix}" for prefix in sorted(prefixes)],
            comment=f"Reads the landing zone{' of the second region' if twin else ''}",
            opts=pulumi.ResourceOptions(parent=self, provider=providers.accountadmin),
        )
        self._cloud, self._prefixes, self._plain = cloud, prefixes, plain

    def admit(self, *others: ReplicatedIntegration) -> None:
        """Makes the role: the integration reads by it, and so do its replicas in other accounts."""
        own = (self.integration.storage_aws_iam_user_arn, self.integration.storage_aws_external_id)
        pairs = [own, *((other.user_arn, other.external_id) for other in others)]
        readers = pulumi.Output.all(*(pulumi.Output.all(*pair) for pair in pairs))
        trust = readers.apply(lambda known: landing_names.trust_policy(*map(tuple, known)))
        self.role = _role(self.names, trust, self._cloud, self._prefixes, self._plain)
        self.register_outputs({})


def _bucket(
    names: LandingNames,
    environment: Environment,
    cloud: dict[str, Any],
    options: pulumi.ResourceOptions,
) -> Bucket:
    facts = environment.landing
    return Bucket(
        "bucket",
        {
            **cloud,
            "bucket": names.bucket,
            "versioning": True,
            "encryption": "AES256",
            "public_access_blocked": True,
            "noncurrent_version_expiration_days": facts.noncurrent_version_expiration_days,
            "abort_incomplete_multipart_upload_days": facts.abort_incomplete_multipart_upload_days,
            "policy": landing_names.bucket_policy(names),
            "force_destroy": bool(cloud["endpoint_url"]) and not environment.protect,
        },
        options,
    )


def _queues(
    names: LandingNames,
    environment: Environment,
    cloud: dict[str, Any],
    account_id: str,
    options: pulumi.ResourceOptions,
) -> Queue:
    facts = environment.landing
    dead = Queue(
        "dead-letter-queue",
        {
            **cloud,
            "queue": names.dead_letter_queue,
            "retention_days": facts.message_retention_days,
            "dead_letter_arn": "",
            "max_receive_count": 0,
            "policy": landing_names.dead_letter_policy(names),
        },
        options,
    )
    return Queue(
        "queue",
        {
            **cloud,
            "queue": names.queue,
            "retention_days": facts.message_retention_days,
            "dead_letter_arn": dead.arn,
            "max_receive_count": facts.max_receive_count,
            "policy": landing_names.queue_policy(names, account_id),
        },
        options,
    )


def _role(
    names: LandingNames,
    trust: pulumi.Output[str],
    cloud: dict[str, Any],
    prefixes: Sequence[str],
    options: pulumi.ResourceOptions,
) -> Role:
    return Role(
        "role",
        {
            **cloud,
            "role": names.role,
            "description": "Lets Snowflake read the landing zone",
            "trust_policy": trust,
            "policy": landing_names.reading_policy(names, prefixes),
        },
        options,
    )
