"""Where a new session stands: role, warehouse, database and schema, as asked for or by default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs import use


def enter(context: Context, properties: dict[str, Any], wanted: Mapping[str, str | None]) -> None:
    """Take the wanted places, else the user's defaults.

    As in Snowflake, a default or a wish that does not stand is passed over, except a role.
    """
    session = context.session
    default_role = properties.get("DEFAULT_ROLE")
    session.role_id = context.account.access.role_id("PUBLIC")
    session.secondary_roles = _secondary(properties)
    if wanted.get("role"):
        use.use_role(context, Reader(str(wanted["role"])).identifier())
    elif default_role:
        _try_use(context, use.use_role, default_role)
    namespace = str(properties.get("DEFAULT_NAMESPACE") or "")
    database, _, schema = namespace.partition(".")
    _try_use(
        context,
        use.use_warehouse,
        wanted.get("warehouse") or properties.get("DEFAULT_WAREHOUSE"),
    )
    _try_use(context, use.use_database, wanted.get("database") or database)
    if session.database:
        inside = session.database
        _try_use(
            context,
            lambda context, name: use.use_schema(context, (inside, name)),
            wanted.get("schema") or schema,
        )


def _secondary(properties: Mapping[str, Any]) -> str:
    """ALL unless the user has an empty list of default secondary roles.

    https://docs.snowflake.com/en/sql-reference/sql/create-user#optional-object-properties-objectproperties
    """
    return "NONE" if properties.get("DEFAULT_SECONDARY_ROLES") == [] else "ALL"


def _try_use(context: Context, function: Callable[[Context, str], None], name: str | None) -> None:
    if not name:
        return
    try:
        function(context, Reader(name).identifier())
    except SnowflakeError:
        return
