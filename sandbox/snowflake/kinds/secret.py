"""Secrets: that there is one, of what type, and for whom; never what it is.

The value is checked and forgotten: nothing in the sandbox posts it anywhere, so nothing needs it,
and what is not kept cannot be read. The query history stars it out.
https://docs.snowflake.com/en/sql-reference/sql/create-secret
https://docs.snowflake.com/en/sql-reference/sql/alter-secret
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Property, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, DoesNotExistError, InvalidPropertyError
from sandbox.snowflake.kinds.integration import NAMESPACE
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.sql.reader import Reader

_GIVEN: Final = "given"
"""Stands where a value was given."""
_FORMS: Final = {
    "GENERIC_STRING": (("SECRET_STRING",), ()),
    "PASSWORD": (("USERNAME", "PASSWORD"), ()),
    "OAUTH2": (
        ("API_AUTHENTICATION",),
        ("OAUTH_SCOPES", "OAUTH_REFRESH_TOKEN", "OAUTH_REFRESH_TOKEN_EXPIRY_TIME"),
    ),
    "SYMMETRIC_KEY": (("ALGORITHM",), ()),
}
"""By type: what it must have, and what it may have."""
_OWN: Final = tuple(name for form in _FORMS.values() for names in form for name in names)


def _read_value(reader: Reader, item: Property) -> str | None:
    """A secret value: only whether there is one."""
    return _GIVEN if value.read_text(reader, item) is not None else None


def _read_algorithm(reader: Reader, item: Property) -> str | None:
    given = value.read_word(reader, item)
    if given == "GENERIC":
        return given
    raise CompilationError(f"invalid value [{given}] for parameter 'ALGORITHM'; allowed: GENERIC")


def _validate(context: Context, record: Record) -> None:
    properties = record.properties
    type_ = properties.get("TYPE")
    if type_ is None:
        raise CompilationError("Missing option(s): [TYPE]")
    required, optional = _FORMS[type_]
    missing = [name for name in required if properties.get(name) is None]
    if missing:
        raise CompilationError(f"Missing option(s): [{', '.join(missing)}]")
    for name in _OWN:
        if name not in (*required, *optional) and properties.get(name) is not None:
            raise InvalidPropertyError(name, ", ".join((*required, *optional)))
    used = properties.get("API_AUTHENTICATION")
    if used and context.store.find(NAMESPACE, Reader(used).path()) is None:
        raise DoesNotExistError("integration", used)


def _scopes(context: Context, record: Record) -> str | None:
    scopes = record.properties.get("OAUTH_SCOPES")
    return ",".join(scopes) if scopes else None


def _comment(context: Context, record: Record) -> str | None:
    return record.comment or None


_FACTS: Final = (
    column.CREATED_ON,
    column.NAME,
    column.SCHEMA_NAME,
    column.DATABASE_NAME,
    column.OWNER,
    ShowColumn("comment", _comment),
    column.shown("secret_type", "TYPE"),
)
_DESCRIBED: Final = (
    *_FACTS,
    column.shown("username", "USERNAME", missing=None),
    column.fixed("oauth_access_token_expiry_time", None),
    column.shown(
        "oauth_refresh_token_expiry_time", "OAUTH_REFRESH_TOKEN_EXPIRY_TIME", missing=None
    ),
    ShowColumn("oauth_scopes", _scopes),
    column.shown("integration_name", "API_AUTHENTICATION", missing=None),
)


def _describe(context: Context, record: Record) -> Result:
    cells: list[Any] = [item.value(context, record) for item in _DESCRIBED]
    return Result([Column(item.name, item.type) for item in _DESCRIBED], [cells])


KIND: Final = Kind(
    name="SECRET",
    plural="SECRETS",
    scope=Scope.SCHEMA,
    properties=(
        value.word("TYPE", *_FORMS),
        value.of("SECRET_STRING", _read_value),
        value.text("USERNAME"),
        value.of("PASSWORD", _read_value),
        value.reference("API_AUTHENTICATION"),
        value.of("OAUTH_SCOPES", value.read_texts),
        value.of("OAUTH_REFRESH_TOKEN", _read_value),
        value.text("OAUTH_REFRESH_TOKEN_EXPIRY_TIME"),
        value.of("ALGORITHM", _read_algorithm),
        value.COMMENT,
    ),
    privileges=("READ", "USAGE"),
    show=(*_FACTS, ShowColumn("oauth_scopes", _scopes), column.OWNER_ROLE_TYPE),
    describe=_describe,
    validate=_validate,
    renamed=lambda context, record, path: None,
)
