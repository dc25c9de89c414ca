"""May the account read that bucket? Asked of the AWS side each time, as Snowflake does.

The role of the stage's storage integration must exist, trust the integration's IAM user under its
external id, and allow reading; the bucket must not deny it. What the program wrote into IAM is
thereby tried, not assumed. A stage without an integration is read without a check.
https://docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.aws.policy import Call, Document, UnknownPolicyPartError, judge
from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

    from sandbox.aws.clients import Clients


class AssumeRoleError(SnowflakeError):
    """The integration's role cannot be assumed."""

    code = "003167"
    sqlstate = "42601"

    def __init__(self) -> None:
        super().__init__(
            "Error assuming AWS_ROLE. Please verify the role and externalId are configured "
            "correctly in your AWS policy."
        )


class StageAreaError(SnowflakeError):
    """The bucket cannot be read."""

    code = "091003"
    sqlstate = "55000"

    def __init__(self, message: str, status: int, error_code: str) -> None:
        super().__init__(
            f"Failure using stage area. Cause: [{message} "
            f"(Status Code: {status}; Error Code: {error_code})]"
        )


class LocationNotAllowedError(SnowflakeError):
    """The location is outside of what the integration allows."""

    code = "003001"
    sqlstate = "42501"

    def __init__(self, location: str, integration: str) -> None:
        super().__init__(
            f"Location '{location}' is not allowed by integration {integration}. "
            "Please use DESC integration to check out allowed locations."
        )


@dataclass(frozen=True, slots=True)
class Integration:
    """Who a storage integration is on AWS: the role, and who assumes it under which id."""

    role_arn: str
    user_arn: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Reader:
    """The role as it was assumed, with the documents that decide what it may."""

    role_arn: str
    identity: tuple[Document, ...]
    bucket_policy: Document | None

    def check(self, action: str, resource: str, context: dict[str, str] | None = None) -> None:
        """Fail with S3's access denied when the role may not."""
        if not self.may(action, resource, context):
            raise StageAreaError("Access Denied", 403, "AccessDenied")

    def may(self, action: str, resource: str, context: dict[str, str] | None = None) -> bool:
        """Whether the role may, by its own policies and the bucket's."""
        call = Call(
            action=action,
            resource=resource,
            principal=self.role_arn,
            context={"aws:securetransport": "true", **(context or {})},
        )
        try:
            allowed = judge(self.identity, call) == "allow"
            of_bucket = judge([self.bucket_policy], call) if self.bucket_policy else "silent"
        except UnknownPolicyPartError as error:
            raise SnowflakeError(f"The LEAP sandbox does not support: {error}") from error
        return of_bucket != "deny" and (allowed or of_bucket == "allow")


def assume(clients: Clients, integration: Integration, bucket: str) -> Reader:
    """Become the integration's role, to read one bucket.

    Raises:
        AssumeRoleError: there is no such role, or it does not trust the integration.
    """
    name = integration.role_arn.rpartition("/")[2]
    try:
        role = clients.iam.get_role(RoleName=name)["Role"]
    except clients.iam.exceptions.NoSuchEntityException as error:
        raise AssumeRoleError from error
    call = Call(
        action="sts:AssumeRole",
        principal=integration.user_arn,
        context={"sts:externalid": integration.external_id},
    )
    try:
        trusted = judge([_document(role["AssumeRolePolicyDocument"])], call) == "allow"
    except UnknownPolicyPartError as error:
        raise SnowflakeError(f"The LEAP sandbox does not support: {error}") from error
    if role["Arn"] != integration.role_arn or not trusted:
        raise AssumeRoleError
    return Reader(role["Arn"], tuple(_policies(clients.iam, name)), _bucket_policy(clients, bucket))


def _policies(iam: IAMClient, role: str) -> Iterator[Document]:
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield _document(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = attached["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        kept = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        yield _document(kept["Document"])


def _bucket_policy(clients: Clients, bucket: str) -> Document | None:
    from botocore.exceptions import ClientError

    try:
        return _document(clients.s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NoSuchBucketPolicy", "NoSuchBucket"}:
            return None
        raise


def _document(value: Any) -> Document:
    """boto3 gives documents as objects in some calls and as text in others."""
    document: Document = json.loads(value) if isinstance(value, str) else value
    return document
