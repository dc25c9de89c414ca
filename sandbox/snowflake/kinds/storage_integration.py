"""Storage integrations: who Snowflake is in a cloud, and which buckets it may read.

https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration
"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, InvalidValueError
from sandbox.snowflake.kinds import integration
from sandbox.snowflake.result import Result

_S3: Final = ("S3", "S3GOV", "S3CHINA")
_REQUIRED: Final = ("STORAGE_PROVIDER", "STORAGE_ALLOWED_LOCATIONS")
_REQUIRED_BY: Final = {
    "AZURE": ("AZURE_TENANT_ID",),
    **dict.fromkeys(_S3, ("STORAGE_AWS_ROLE_ARN",)),
}
_OWNER_HAS_CONTROL: Final = "bucket-owner-full-control"
_SCHEMES: Final = {
    "GCS": "gcs://",
    "AZURE": "azure://",
    "S3GOV": "s3gov://",
    "S3CHINA": "s3china://",
}


def allows(record: Record, url: str) -> bool:
    """Whether a stage of this integration may be at `url`: allowed, and not blocked."""
    properties = record.properties
    if any(_within(url, place) for place in properties.get("STORAGE_BLOCKED_LOCATIONS") or []):
        return False
    return any(_within(url, place) for place in properties.get("STORAGE_ALLOWED_LOCATIONS") or [])


def _within(url: str, place: str) -> bool:
    return place == "*" or f"{url.rstrip('/')}/".startswith(f"{place.rstrip('/')}/")


def _validate(context: Context, record: Record) -> None:
    integration.require(record, _REQUIRED)
    provider = record.properties["STORAGE_PROVIDER"]
    integration.require(record, _REQUIRED_BY.get(provider, ()))
    acl = record.properties.get("STORAGE_AWS_OBJECT_ACL")
    if acl not in (None, _OWNER_HAS_CONTROL):
        raise InvalidValueError(str(acl), "STORAGE_AWS_OBJECT_ACL")
    scheme = _SCHEMES.get(provider, "s3://")
    for name in ("STORAGE_ALLOWED_LOCATIONS", "STORAGE_BLOCKED_LOCATIONS"):
        for place in record.properties[name] or []:
            if place != "*" and not place.startswith(scheme):
                raise CompilationError(
                    f"Invalid location '{place}' in {name}: {scheme}… is needed."
                )


def _generate(context: Context, record: Record) -> None:
    """Fill in what Snowflake makes up, where the statement did not give it."""
    properties = record.properties
    if properties["STORAGE_PROVIDER"] == "GCS":
        properties["STORAGE_GCP_SERVICE_ACCOUNT"] = integration.service_account(context)
    elif properties["STORAGE_PROVIDER"] == "AZURE":
        properties |= integration.azure(record)
    else:
        given = properties.get("STORAGE_AWS_EXTERNAL_ID")
        properties["STORAGE_AWS_EXTERNAL_ID"] = given or integration.external_id(
            context.account.identity, record
        )
        properties["STORAGE_AWS_IAM_USER_ARN"] = integration.iam_user(context.account.identity)


def _created(context: Context, record: Record) -> None:
    integration.require(record, ("ENABLED",))
    _generate(context, record)


def _altered(context: Context, record: Record) -> None:
    integration.switch_off_where_unset(record)
    _generate(context, record)


_COMMON: Final = (
    ("ENABLED", "Boolean", "false"),
    ("STORAGE_PROVIDER", "String", ""),
    ("STORAGE_ALLOWED_LOCATIONS", "List", "[]"),
    ("STORAGE_BLOCKED_LOCATIONS", "List", "[]"),
)
_BY_PROVIDER: Final = {
    "GCS": (("STORAGE_GCP_SERVICE_ACCOUNT", "String", ""),),
    "AZURE": (
        ("AZURE_TENANT_ID", "String", ""),
        ("AZURE_CONSENT_URL", "String", ""),
        ("AZURE_MULTI_TENANT_APP_NAME", "String", ""),
    ),
}
_AWS: Final = (
    ("STORAGE_AWS_IAM_USER_ARN", "String", ""),
    ("STORAGE_AWS_ROLE_ARN", "String", ""),
    ("STORAGE_AWS_EXTERNAL_ID", "String", ""),
)
_ACL: Final = ("STORAGE_AWS_OBJECT_ACL", "String", "")
_LAST: Final = (("USE_PRIVATELINK_ENDPOINT", "Boolean", "false"), ("COMMENT", "String", ""))


def _describe(context: Context, record: Record) -> Result:
    own = _BY_PROVIDER.get(record.properties["STORAGE_PROVIDER"], _AWS)
    acl = (_ACL,) if record.properties.get("STORAGE_AWS_OBJECT_ACL") else ()
    return integration.rows(record, (*_COMMON, *own, *acl, *_LAST))


KIND: Final = Kind(
    name="STORAGE INTEGRATION",
    plural="STORAGE INTEGRATIONS",
    scope=Scope.ACCOUNT,
    namespace=integration.NAMESPACE,
    create_privilege="CREATE STORAGE INTEGRATION",
    properties=(
        value.word("TYPE", "EXTERNAL_STAGE", default="EXTERNAL_STAGE"),
        value.boolean("ENABLED"),
        value.word("STORAGE_PROVIDER", *_S3, "GCS", "AZURE"),
        value.text("STORAGE_AWS_ROLE_ARN"),
        value.text("STORAGE_AWS_OBJECT_ACL"),
        value.text("STORAGE_AWS_EXTERNAL_ID"),
        value.text("AZURE_TENANT_ID"),
        value.of("STORAGE_ALLOWED_LOCATIONS", value.read_texts),
        value.of("STORAGE_BLOCKED_LOCATIONS", value.read_texts, []),
        value.boolean("USE_PRIVATELINK_ENDPOINT", False),
        value.COMMENT,
    ),
    privileges=integration.PRIVILEGES,
    show=integration.SHOW,
    describe=_describe,
    validate=_validate,
    created=_created,
    altered=_altered,
)
