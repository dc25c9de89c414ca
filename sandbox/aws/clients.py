"""boto3 clients for the sandbox's own work on its AWS, made when first needed.

They take nothing from the user's AWS settings or proxies: they speak to this process only.
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sandbox.connection import Aws

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

_SECONDS: Final = 30


class Clients:
    """One client per service; each may be used by several threads."""

    def __init__(self, facts: Aws) -> None:
        self.facts = facts
        self._lock = threading.Lock()

    @cached_property
    def s3(self) -> S3Client:
        """Objects and buckets."""
        with self._lock:
            import boto3

            return boto3.client(
                "s3",
                endpoint_url=self.facts.endpoint_url,
                region_name=self.facts.region,
                aws_access_key_id=self.facts.access_key_id,
                aws_secret_access_key=self.facts.secret_access_key,
                config=_config(),
            )

    @cached_property
    def sqs(self) -> SQSClient:
        """Queues."""
        with self._lock:
            import boto3

            return boto3.client(
                "sqs",
                endpoint_url=self.facts.endpoint_url,
                region_name=self.facts.region,
                aws_access_key_id=self.facts.access_key_id,
                aws_secret_access_key=self.facts.secret_access_key,
                config=_config(),
            )

    @cached_property
    def iam(self) -> IAMClient:
        """Roles and their policies."""
        with self._lock:
            import boto3

            return boto3.client(
                "iam",
                endpoint_url=self.facts.endpoint_url,
                region_name=self.facts.region,
                aws_access_key_id=self.facts.access_key_id,
                aws_secret_access_key=self.facts.secret_access_key,
                config=_config(),
            )


def _config() -> Config:
    from botocore.config import Config

    return Config(
        connect_timeout=_SECONDS,
        read_timeout=_SECONDS,
        proxies={},
        retries={"total_max_attempts": 2},
        s3={"addressing_style": "path"},
    )
