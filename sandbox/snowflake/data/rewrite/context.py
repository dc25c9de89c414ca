"""Functions that tell of the session: they read one DuckDB session variable.

The variable is set before a statement that needs it, so that a stored view or column default tells
each caller his own role and time, and a rewritten text can be kept for the next call.
https://docs.snowflake.com/en/sql-reference/functions-context
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from sandbox.snowflake.data.model import QueryContext

VARIABLE: Final = "leap"
"""What stays the same from statement to statement: user, role, warehouse, …"""
CALL: Final = "leap_call"
"""What one statement has for itself: its text, the last query's id."""
NOW: Final = "leap_now"

_FIELDS: Final[dict[str, str]] = {
    "CURRENT_USER": "user",
    "CURRENT_ROLE": "role",
    "INVOKER_ROLE": "role",
    "CURRENT_WAREHOUSE": "warehouse",
    "CURRENT_DATABASE": "database",
    "CURRENT_SCHEMA": "schema",
    "CURRENT_ACCOUNT": "account",
    "CURRENT_ACCOUNT_NAME": "account_name",
    "CURRENT_ORGANIZATION_NAME": "organization",
    "CURRENT_REGION": "region",
    "CURRENT_SESSION": "session_id",
    "CURRENT_SECONDARY_ROLES": "secondary_roles",
    "CURRENT_AVAILABLE_ROLES": "available_roles",
    "CURRENT_ROLE_TYPE": "role_type",
    "CURRENT_VERSION": "version",
    "CURRENT_CLIENT": "client",
    "CURRENT_IP_ADDRESS": "client_ip",
    "CURRENT_STATEMENT": "statement",
    "CURRENT_TRANSACTION": "transaction",
    "CURRENT_SCHEMAS": "schemas",
    "LAST_QUERY_ID": "last_query_id",
}
_CLASSES: Final[dict[type[exp.Expr], str]] = {
    getattr(exp, name.title().replace("_", "")): field
    for name, field in _FIELDS.items()
    if hasattr(exp, name.title().replace("_", ""))
}


_OF_CALL: Final = frozenset({"statement", "transaction", "last_query_id"})
_OF_ALERT: Final = ("alert_scheduled", "alert_last", "alert_condition")


def call_fields(context: QueryContext, statement: str) -> dict[str, str | None]:
    """The values of one statement, by field."""
    return {
        "statement": statement,
        "transaction": None,
        "last_query_id": context.last_query_id,
    }


def session_fields(context: QueryContext) -> dict[str, str | None]:
    """The values of the session, by field."""
    return {
        "user": context.user,
        "role": context.role,
        "warehouse": context.warehouse,
        "database": context.database,
        "schema": context.schema,
        "account": context.account,
        "account_name": context.account_name,
        "organization": context.organization,
        "region": context.region,
        "session_id": str(context.session_id),
        "secondary_roles": context.secondary_roles,
        "available_roles": _array(context.available_roles),
        "role_type": "ROLE",
        "version": context.version,
        "client": "LEAP",
        "client_ip": context.client_ip,
        "schemas": _array((f"{context.database}.{context.schema}",) if context.schema else ()),
        **{name: context.alert.get(name) for name in _OF_ALERT},
        "session_roles": "," + ",".join(context.session_roles or (context.role,)) + ",",
    }


def _array(values: tuple[str, ...]) -> str:
    quoted = ", ".join(f'"{value}"' for value in values)
    return f"[ {quoted} ]" if values else "[]"


def _variable(name: str) -> exp.Expr:
    return exp.Anonymous(this="getvariable", expressions=[exp.Literal.string(name)])


def session_field(name: str) -> exp.Expr:
    """A value of the session, as `session_fields` names it."""
    return _field(name)


def _field(name: str) -> exp.Expr:
    variable = _variable(CALL if name in _OF_CALL else VARIABLE)
    return exp.Anonymous(this="struct_extract", expressions=[variable, exp.Literal.string(name)])


def context_function(node: exp.Expr) -> exp.Expr:
    """`CURRENT_ROLE()` and its like become fields of the session's variable."""
    field = _CLASSES.get(type(node))
    if field is None and isinstance(node, exp.Anonymous):
        field = _FIELDS.get(node.name.upper())
        if node.name.upper() == "IS_ROLE_IN_SESSION":
            needle = exp.Anonymous(
                this="concat",
                expressions=[exp.Literal.string(","), node.expressions[0], exp.Literal.string(",")],
            )
            return exp.Anonymous(this="contains", expressions=[_field("session_roles"), needle])
    return node if field is None else _field(field)


def clock_function(node: exp.Expr) -> exp.Expr:
    """`CURRENT_TIMESTAMP()`, `CURRENT_DATE`, `SYSDATE()` … tell the sandbox's own time."""
    now = _variable(NOW)
    if isinstance(node, exp.CurrentTimestamp) and node.args.get("sysdate"):
        return exp.Anonymous(this="timezone", expressions=[exp.Literal.string("UTC"), now])
    if isinstance(node, exp.CurrentTimestamp | exp.Localtimestamp):
        return now
    if isinstance(node, exp.CurrentDate):
        return exp.cast(now, "date")
    if isinstance(node, exp.CurrentTime | exp.Localtime):
        return exp.cast(now, "time")
    return node
