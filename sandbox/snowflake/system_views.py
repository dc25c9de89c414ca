"""The control plane's side of INFORMATION_SCHEMA and SNOWFLAKE.ACCOUNT_USAGE.

https://docs.snowflake.com/en/sql-reference/account-usage
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.snowflake.data.model import ObjectName, Protection, QueryContext, VirtualTable
from sandbox.snowflake.governance import policies
from sandbox.snowflake.governance.references import FUNCTIONS
from sandbox.snowflake.history import Query
from sandbox.snowflake.metering import views as metering
from sandbox.snowflake.sql.names import dotted

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_QUERY_HISTORY = (
    ("QUERY_ID", "TEXT"),
    ("QUERY_TEXT", "TEXT"),
    ("DATABASE_NAME", "TEXT"),
    ("SCHEMA_NAME", "TEXT"),
    ("QUERY_TYPE", "TEXT"),
    ("SESSION_ID", "NUMBER"),
    ("USER_NAME", "TEXT"),
    ("ROLE_NAME", "TEXT"),
    ("WAREHOUSE_NAME", "TEXT"),
    ("QUERY_TAG", "TEXT"),
    ("EXECUTION_STATUS", "TEXT"),
    ("ERROR_CODE", "TEXT"),
    ("ERROR_MESSAGE", "TEXT"),
    ("START_TIME", "TIMESTAMP_LTZ"),
    ("END_TIME", "TIMESTAMP_LTZ"),
    ("TOTAL_ELAPSED_TIME", "NUMBER"),
    ("ROWS_PRODUCED", "NUMBER"),
    ("CLIENT_APPLICATION_ID", "TEXT"),
)

_REFERENCES = {
    "DATA_METRIC_FUNCTION_REFERENCES": (
        "METRIC_DATABASE_NAME",
        "METRIC_SCHEMA_NAME",
        "METRIC_NAME",
        "METRIC_SIGNATURE",
        "METRIC_DATA_TYPE",
        "REF_ENTITY_DATABASE_NAME",
        "REF_ENTITY_SCHEMA_NAME",
        "REF_ENTITY_NAME",
        "REF_ENTITY_DOMAIN",
        "REF_ARGUMENTS",
        "REF_ID",
        "SCHEDULE",
        "SCHEDULE_STATUS",
    ),
}
"""Functions without rows: the sandbox has no data metric functions to refer to."""


def _query_row(query: Query) -> tuple[Any, ...]:
    elapsed = int((query.ended - query.started).total_seconds() * 1000)
    return (
        query.id,
        query.text,
        query.database,
        query.schema,
        query.kind,
        query.session_id,
        query.user,
        query.role,
        query.warehouse,
        query.tag or "",
        query.status,
        query.error_code,
        query.error,
        query.started,
        query.ended,
        elapsed,
        query.rows,
        query.client,
    )


class AccountViews:
    """Answers the views and table functions whose facts the catalogue holds."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def view(self, name: ObjectName, context: QueryContext) -> VirtualTable | None:
        """Views of SNOWFLAKE.ACCOUNT_USAGE."""
        if name.database.upper() != "SNOWFLAKE" or name.schema.upper() != "ACCOUNT_USAGE":
            return None
        if name.name.upper() == "QUERY_HISTORY":
            return self._query_history()
        if name.name.upper() == "ALERT_HISTORY":
            return self._account.alert_history.view()
        credits_told = metering.VIEWS.get(name.name.upper())
        return credits_told(self._account) if credits_told is not None else None

    def function(
        self,
        database: str | None,
        name: str,
        arguments: Mapping[str, Any],
        context: QueryContext,
    ) -> VirtualTable | None:
        """Table functions of INFORMATION_SCHEMA."""
        if name.upper() == "QUERY_HISTORY":
            return self._query_history(int(arguments.get("RESULT_LIMIT", 100)))
        if name.upper() == "ALERT_HISTORY":
            ahead = self._account.alerts.ahead()
            return self._account.alert_history.function(arguments, ahead, self._account.now())
        if name.upper() == "WAREHOUSE_METERING_HISTORY":
            return metering.warehouse_metering_function(self._account, arguments)
        if name.upper() == "NOTIFICATION_HISTORY":
            return self._account.notifications.table(arguments, self._account.now())
        references = FUNCTIONS.get(name.upper())
        if references is not None:
            return references(self._account, arguments, context)
        columns = _REFERENCES.get(name.upper())
        return VirtualTable([(column, "TEXT") for column in columns], ()) if columns else None

    def database_facts(self, name: str) -> Mapping[str, Any]:
        """Owner, comment and time of a database."""
        return self._facts("DATABASE", (name,), "DATABASE_OWNER")

    def schema_facts(self, database: str, name: str) -> Mapping[str, Any]:
        """Owner, comment and time of a schema."""
        return self._facts("SCHEMA", (database, name), "SCHEMA_OWNER")

    def object_facts(self, name: ObjectName) -> Mapping[str, Any]:
        """Owner, comment and time of a table or view."""
        return self._facts("TABLE", tuple(name), "TABLE_OWNER")

    def masking_policies(self, name: ObjectName) -> Mapping[str, str]:
        """The masking policy that is set on each column itself."""
        record = self._account.store.find("TABLE", tuple(name))
        attached = policies.on(self._account.store, record) if record is not None else ()
        return {
            item.at.column: dotted(item.policy.path)
            for item in attached
            if item.at.column is not None
        }

    def protection_version(self) -> int | None:
        """Another number after each change that may protect something; None: nothing is."""
        return self._account.protections.version()

    def protection(self, name: ObjectName) -> Protection | None:
        """The policies of a table or view."""
        return self._account.protections.of(name)

    def view_definition(self, name: ObjectName) -> tuple[str, str] | None:
        """The text and the owner of a view; None for anything else."""
        store = self._account.store
        record = store.find("TABLE", tuple(name))
        if record is None or record.kind != "VIEW" or not record.properties.get("TEXT"):
            return None
        owner = store.get(record.owner)
        return record.properties["TEXT"], owner.name if owner is not None else ""

    def _facts(self, space: str, path: tuple[str, ...], owner: str) -> Mapping[str, Any]:
        store = self._account.store
        record = store.find(space, path)
        if record is None:
            return {}
        role = store.get(record.owner)
        return {
            owner: role.name if role is not None else None,
            "CREATED": record.created_on,
            "LAST_ALTERED": record.created_on,
            "COMMENT": record.comment or None,
        }

    def _query_history(self, limit: int | None = None) -> VirtualTable:
        history = self._account.history
        queries = history.latest(limit) if limit is not None else history.latest()
        return VirtualTable(_QUERY_HISTORY, [_query_row(query) for query in queries])
