"""An S3 bucket with everything that makes it safe, as one resource.

One resource and not six, because the settings belong together: a bucket without its policy is a
fault, not a state on the way. Notifications are another resource, since the pipes that they go to
come into being after the bucket. Objects in the bucket are nobody's business here, until deletion.
"""

import json
from typing import TYPE_CHECKING, Any, Final

import pulumi
from botocore.exceptions import ClientError
from pulumi.dynamic import CreateResult, ReadResult, Resource

from infra.dynamic.aws import OWNER_TAG, AwsProvider, Props, arguments, code, inputs

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import PublicAccessBlockConfigurationTypeDef

_MISSING: Final = frozenset({"404", "NoSuchBucket", "NotFound"})
_BLOCKED: Final["PublicAccessBlockConfigurationTypeDef"] = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


class BucketProvider(AwsProvider):
    """Inputs are those of `infra.components.landing`; each setting is applied whole."""

    replaces = ("bucket",)

    def create(self, props: Props) -> CreateResult:
        """Makes the bucket, or takes over one that an interrupted run of ours left."""
        client, name = _client(props), props["bucket"]
        if not _exists(client, name):
            _create(client, name, props["region"])
        elif not _is_ours(client, name, props["owner"]):
            raise FileExistsError(
                f"bucket {name} exists and is not {props['owner']}'s: choose another name in "
                "landing.bucket, or remove it"
            )
        return CreateResult(name, self.write(props))

    def write(self, props: Props) -> Props:
        """Applies every setting, and answers what is then set."""
        client, name = _client(props), props["bucket"]
        client.put_bucket_tagging(
            Bucket=name, Tagging={"TagSet": [{"Key": OWNER_TAG, "Value": props["owner"]}]}
        )
        client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=_BLOCKED)
        client.put_bucket_encryption(
            Bucket=name, ServerSideEncryptionConfiguration=_encryption(props["encryption"])
        )
        client.put_bucket_versioning(
            Bucket=name,
            VersioningConfiguration={"Status": "Enabled" if props["versioning"] else "Suspended"},
        )
        client.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": [_lifecycle(props)]}
        )
        client.put_bucket_policy(Bucket=name, Policy=props["policy"])
        return inputs(props) | _live(client, name)

    def read(self, id_: str, props: Props) -> ReadResult:
        """The bucket's settings as they are; without an id when it is gone."""
        client = _client(props)
        if not _exists(client, id_):
            return ReadResult("", {})
        return ReadResult(id_, inputs(props) | {"bucket": id_} | _live(client, id_))

    def delete(self, _id: str, _props: Props) -> None:
        """Deletes the bucket; with what it holds only where ``force_destroy`` says so."""
        client = _client(_props)
        if not _exists(client, _id):
            return
        if _props.get("force_destroy"):
            _empty(client, _id)
        try:
            client.delete_bucket(Bucket=_id)
        except ClientError as error:
            if code(error) == "BucketNotEmpty":
                raise PermissionError(
                    f"bucket {_id} holds files, and this environment does not delete data: "
                    "move or delete them first"
                ) from error
            if code(error) not in _MISSING:
                raise


class Bucket(Resource, module="aws", name="Bucket"):
    """The bucket. Its id is its name."""

    bucket: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(BucketProvider(), name, {**props, "arn": None}, opts)


def _client(props: Props) -> "S3Client":
    import boto3  # late: the program declares, and only the provider calls

    return boto3.client("s3", **arguments(props))


def _exists(client: "S3Client", name: str) -> bool:
    try:
        client.head_bucket(Bucket=name)
    except ClientError as error:
        if code(error) in _MISSING:
            return False
        raise
    return True


def _create(client: "S3Client", name: str, region: str) -> None:
    if region == "us-east-1":  # the one region that must not be named
        client.create_bucket(Bucket=name)
        return
    place: Any = {"LocationConstraint": region}
    client.create_bucket(Bucket=name, CreateBucketConfiguration=place)


def _is_ours(client: "S3Client", name: str, owner: str) -> bool:
    """Tagged as ours, or cut off between its creation and its tag: untagged and empty."""
    tags = _tags(client, name)
    if tags:
        return tags.get(OWNER_TAG) == owner
    return not client.list_objects_v2(Bucket=name, MaxKeys=1).get("Contents")


def _tags(client: "S3Client", name: str) -> dict[str, str]:
    try:
        found = client.get_bucket_tagging(Bucket=name)["TagSet"]
    except ClientError as error:
        if code(error) == "NoSuchTagSet":
            return {}
        raise
    return {tag["Key"]: tag["Value"] for tag in found}


def _encryption(algorithm: str) -> Any:
    default = {"SSEAlgorithm": algorithm}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": False}]}


def _lifecycle(props: Props) -> Any:
    return {
        "ID": "keep-the-landing-zone-small",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {
            "NoncurrentDays": int(props["noncurrent_version_expiration_days"])
        },
        "AbortIncompleteMultipartUpload": {
            "DaysAfterInitiation": int(props["abort_incomplete_multipart_upload_days"])
        },
    }


def _live(client: "S3Client", name: str) -> Props:
    rule = _first_rule(client, name)
    return {
        "arn": f"arn:aws:s3:::{name}",
        "owner": _tags(client, name).get(OWNER_TAG, ""),
        "versioning": client.get_bucket_versioning(Bucket=name).get("Status") == "Enabled",
        "public_access_blocked": _answer(
            lambda: client.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        )
        == _BLOCKED,
        "encryption": _answer(lambda: _algorithm(client, name)) or "",
        "policy": json.dumps(
            json.loads(_answer(lambda: client.get_bucket_policy(Bucket=name)["Policy"]) or "{}"),
            sort_keys=True,
        ),
        "noncurrent_version_expiration_days": rule.get("NoncurrentVersionExpiration", {}).get(
            "NoncurrentDays", 0
        ),
        "abort_incomplete_multipart_upload_days": rule.get(
            "AbortIncompleteMultipartUpload", {}
        ).get("DaysAfterInitiation", 0),
    }


def _algorithm(client: "S3Client", name: str) -> str:
    rules = client.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    return str(rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"])


def _first_rule(client: "S3Client", name: str) -> dict[str, Any]:
    found = _answer(lambda: client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"])
    return dict(found[0]) if found else {}


def _answer(ask: Any) -> Any:
    """What the service answers, or None where the bucket has no such setting."""
    try:
        return ask()
    except ClientError as error:
        if code(error).startswith(("NoSuch", "ServerSideEncryptionConfigurationNotFound")):
            return None
        raise


def _empty(client: "S3Client", name: str) -> None:
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
        entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if entries:
            doomed: Any = [{"Key": e["Key"], "VersionId": e["VersionId"]} for e in entries]
            client.delete_objects(Bucket=name, Delete={"Objects": doomed, "Quiet": True})
