"""Stages, internal and external. Secrets of `CREDENTIALS` and `ENCRYPTION` are never kept.

https://docs.snowflake.com/en/sql-reference/sql/create-stage
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FolderPath
from typing import Any, Final, Protocol

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.cloud_access import LocationNotAllowedError
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.model import FileSource, ObjectName
from sandbox.snowflake.errors import CompilationError, DoesNotExistError
from sandbox.snowflake.kinds import format_options, integration, stage_options, storage_integration
from sandbox.snowflake.kinds.format_options import written
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.names import Path
from sandbox.snowflake.sql.reader import Reader


class StageStore(FileSource, Protocol):
    """Who keeps the files of internal stages."""

    def folder(self, stage: ObjectName) -> FolderPath:
        """Where an internal stage keeps its files."""

    def drop(self, stage: Record) -> None:
        """Remove all files of an internal stage."""


_CLOUDS: Final = {
    "s3": "AWS",
    "s3gov": "AWS",
    "s3china": "AWS",
    "s3compat": "AWS",
    "gcs": "GCP",
    "azure": "AZURE",
}


def _validate(context: Context, record: Record) -> None:
    url = record.properties.get("URL")
    if url is not None and _cloud(record) is None:
        schemes = ", ".join(f"{scheme}://" for scheme in _CLOUDS)
        raise CompilationError(f"invalid URL prefix found in: '{url}'; known here: {schemes}")
    _check_integration(context, record, url)
    name = record.properties.get("FILE_FORMAT", {}).get("FORMAT_NAME")
    if name is not None:
        path = Reader(name).path()
        full = (*record.path[: 3 - len(path)], *path)
        found = context.store.find("FILE FORMAT", full)
        if found is None:
            raise DoesNotExistError("file format", name)
        context.demand("USAGE", found)


def _check_integration(context: Context, record: Record, url: str | None) -> None:
    name = record.properties.get("STORAGE_INTEGRATION")
    if name is None:
        return
    found = context.store.find(integration.NAMESPACE, Reader(name).path())
    if found is None or found.kind != storage_integration.KIND.name:
        raise DoesNotExistError("integration", name)
    context.demand("USAGE", found)
    if url is None:
        raise CompilationError("Missing option(s): [URL], which STORAGE_INTEGRATION needs.")
    if not storage_integration.allows(found, url):
        raise LocationNotAllowedError(url, found.name)


def _cloud(record: Record) -> str | None:
    scheme, found, _ = str(record.properties.get("URL") or "").partition("://")
    return _CLOUDS.get(scheme.lower()) if found else None


def _type(context: Context, record: Record) -> str:
    if record.properties.get("URL"):
        return "EXTERNAL"
    encryption = record.properties.get("ENCRYPTION") or {}
    return "INTERNAL NO CSE" if encryption.get("TYPE") == "SNOWFLAKE_SSE" else "INTERNAL"


def _region(context: Context, record: Record) -> str | None:
    if _cloud(record) != "AWS":
        return None
    return context.account.identity.region.removeprefix("AWS_").replace("_", "-").lower()


def _integration(context: Context, record: Record) -> str | None:
    name = record.properties.get("STORAGE_INTEGRATION")
    return Reader(name).path()[-1] if name else None


def _yes(answer: Any) -> str:
    return "Y" if answer else "N"


def _has_key(context: Context, record: Record) -> str:
    encryption = record.properties.get("ENCRYPTION") or {}
    return _yes({"MASTER_KEY", "KMS_KEY_ID"} & encryption.keys())


def _directory_enabled(context: Context, record: Record) -> str:
    return _yes((record.properties.get("DIRECTORY") or {}).get("ENABLE"))


Row = tuple[str, str, str, Any, Any]


def _describe(context: Context, record: Record) -> Result:
    names = ("parent_property", "property", "property_type", "property_value", "property_default")
    found = (*_format_rows(record), *_option_rows(record), *_location_rows(context, record))
    return Result([Column(name) for name in names], found)


def _format_rows(record: Record) -> Iterator[Row]:
    given = record.properties.get("FILE_FORMAT") or {}
    if "FORMAT_NAME" in given:
        # Snowflake escapes the double quotes here: snowflakedb/terraform-provider-snowflake#3845
        name = given["FORMAT_NAME"].replace('"', '\\"')
        yield "STAGE_FILE_FORMAT", "FORMAT_NAME", "String", name, ""
        return
    for name, type_, text, default in format_options.rows(format_options.complete(given)):
        yield "STAGE_FILE_FORMAT", name, type_, text, default


def _option_rows(record: Record) -> Iterator[Row]:
    given = record.properties.get("COPY_OPTIONS") or {}
    for name, item in stage_options.COPY.items():
        text = written(given.get(name, item.default))
        type_ = "Boolean" if isinstance(item.default, bool) else "String"
        if name == "SIZE_LIMIT":
            type_ = "Long"
        yield "STAGE_COPY_OPTIONS", name, type_, text, written(item.default)


def _location_rows(context: Context, record: Record) -> Iterator[Row]:
    url = record.properties.get("URL")
    yield "STAGE_LOCATION", "URL", "String", f'["{url}"]' if url else "", ""
    name = _integration(context, record)
    if name:
        yield "STAGE_INTEGRATION", "STORAGE_INTEGRATION", "String", name, ""
    credentials = record.properties.get("CREDENTIALS") or {}
    if _cloud(record) == "AWS" and not name:
        yield "STAGE_CREDENTIALS", "AWS_KEY_ID", "String", credentials.get("AWS_KEY_ID") or "", ""
    if credentials.get("AWS_ROLE"):
        yield "STAGE_CREDENTIALS", "AWS_ROLE", "String", credentials["AWS_ROLE"], ""
        outer = integration.external_id(context.account.identity, record)
        yield "STAGE_CREDENTIALS", "AWS_EXTERNAL_ID", "String", outer, ""
        user = integration.iam_user(context.account.identity)
        yield "STAGE_CREDENTIALS", "SNOWFLAKE_IAM_USER", "String", user, ""
    directory = record.properties.get("DIRECTORY") or {}
    for option in ("ENABLE", "AUTO_REFRESH"):
        yield "DIRECTORY", option, "Boolean", written(bool(directory.get(option))), "false"
    if directory.get("ENABLE"):
        refreshed = record.properties.get("REFRESHED_ON") or ""
        yield "DIRECTORY", "LAST_REFRESHED_ON", "String", refreshed, ""


def _created(context: Context, record: Record) -> None:
    if (record.properties.get("DIRECTORY") or {}).get("REFRESH_ON_CREATE", True):
        record.properties["REFRESHED_ON"] = context.now.isoformat()


def _refresh(context: Context, record: Record, reader: Reader) -> Result:
    """REFRESH [SUBPATH = '…'] of the directory table: what it lists is read anew each time."""
    if reader.accept("SUBPATH"):
        reader.expect_symbol("=")
        reader.string()
    if not (record.properties.get("DIRECTORY") or {}).get("ENABLE"):
        raise CompilationError(f"Stage '{record.name}' has no directory table.")
    record.properties["REFRESHED_ON"] = context.now.isoformat()
    return Result([Column(name) for name in ("file", "status", "description")], ())


def _purged(context: Context, record: Record, place: str) -> None:
    """An internal stage's files go with it; those of an external one are not Snowflake's."""
    if not record.properties.get("URL"):
        context.account.files.drop(record)


def _renamed(context: Context, record: Record, path: Path) -> None:
    """Pipes name their stage in their own text; they become invalid, as in Snowflake."""


_READ_CREDENTIALS: Final = stage_options.secrets(
    "AWS_KEY_ID", "AWS_SECRET_KEY", "AWS_TOKEN", "AWS_ROLE", "AZURE_SAS_TOKEN"
)
KIND: Final = Kind(
    name="STAGE",
    plural="STAGES",
    scope=Scope.SCHEMA,
    modifiers=("TEMPORARY", "TEMP"),
    properties=(
        value.text("URL"),
        value.reference("STORAGE_INTEGRATION"),
        value.of("CREDENTIALS", _READ_CREDENTIALS),
        value.of("ENCRYPTION", stage_options.secrets("TYPE", "MASTER_KEY", "KMS_KEY_ID")),
        value.of("FILE_FORMAT", stage_options.read_format, {}),
        value.of("COPY_OPTIONS", stage_options.group(stage_options.COPY), {}),
        value.of("DIRECTORY", stage_options.group(stage_options.DIRECTORY), {}),
        value.text("ENDPOINT"),
        value.text("AWS_ACCESS_POINT_ARN"),
        value.boolean("USE_PRIVATELINK_ENDPOINT"),
        value.COMMENT,
    ),
    actions={"REFRESH": _refresh},
    privileges=("READ", "USAGE", "WRITE"),
    show=(
        column.CREATED_ON,
        column.NAME,
        column.DATABASE_NAME,
        column.SCHEMA_NAME,
        column.shown("url", "URL"),
        ShowColumn("has_credentials", lambda _, record: _yes(record.properties.get("CREDENTIALS"))),
        ShowColumn("has_encryption_key", _has_key),
        column.OWNER,
        column.COMMENT,
        ShowColumn("region", _region),
        ShowColumn("type", _type),
        ShowColumn("cloud", lambda _, record: _cloud(record)),
        column.fixed("notification_channel", None),
        ShowColumn("storage_integration", _integration),
        column.shown("endpoint", "ENDPOINT", missing=None),
        column.OWNER_ROLE_TYPE,
        ShowColumn("directory_enabled", _directory_enabled),
    ),
    describe=_describe,
    validate=_validate,
    created=_created,
    purged=_purged,
    renamed=_renamed,
)
