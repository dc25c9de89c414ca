"""The control plane's side of INFORMATION_SCHEMA and SNOWFLAKE.ACCOUNT_USAGE.

https://docs.snowflake.com/en/sql-reference/account-usage
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.snowflake import query_views, retention, streams
from sandbox.snowflake.access import usage as access
from sandbox.snowflake.data.model import (
    ObjectName,
    Protection,
    QueryContext,
    StreamFacts,
    VirtualTable,
)
from sandbox.snowflake.governance import policies
from sandbox.snowflake.governance import usage as governance
from sandbox.snowflake.governance.references import FUNCTIONS
from sandbox.snowflake.metering import views as metering
from sandbox.snowflake.replication import views as replication
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.tasking.statements import task_dependents

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

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


Tell = Callable[[], VirtualTable]


class AccountViews:
    """Answers the views and table functions whose facts the catalogue holds."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def view(self, name: ObjectName, context: QueryContext) -> VirtualTable | None:
        """Views of SNOWFLAKE.ACCOUNT_USAGE, and those of replication."""
        if name.schema.upper() == "INFORMATION_SCHEMA":
            told = replication.IN_DATABASES.get(name.name.upper())
            return told(self._account) if told is not None else None
        if name.database.upper() != "SNOWFLAKE" or name.schema.upper() != "ACCOUNT_USAGE":
            return None
        tell = self._views().get(name.name.upper())
        return tell() if tell is not None else None

    def _views(self) -> dict[str, Tell]:
        account = self._account
        return {
            **{name: partial(view, account) for name, view in metering.VIEWS.items()},
            **{name: partial(view, account) for name, view in governance.VIEWS.items()},
            **{name: partial(view, account) for name, view in access.VIEWS.items()},
            **{name: partial(view, account) for name, view in replication.VIEWS.items()},
            "ALERT_HISTORY": account.alert_history.view,
            "TASK_HISTORY": account.task_history.view,
            "LOGIN_HISTORY": account.logins.view,
            "QUERY_ATTRIBUTION_HISTORY": partial(query_views.attribution, account),
            "QUERY_HISTORY": partial(query_views.history, account),
        }

    def function(
        self,
        database: str | None,
        name: str,
        arguments: Mapping[str, Any],
        context: QueryContext,
    ) -> VirtualTable | None:
        """Table functions of INFORMATION_SCHEMA."""
        told = query_views.function(self._account, name.upper(), arguments, context)
        if told is not None:
            return told
        told = replication.function(self._account, name.upper(), arguments, self._account.now())
        if told is not None:
            return told
        tell = self._histories(name.upper(), arguments).get(name.upper())
        if tell is not None:
            return tell()
        references = FUNCTIONS.get(name.upper())
        if references is not None:
            return references(self._account, arguments, context)
        columns = _REFERENCES.get(name.upper())
        return VirtualTable([(column, "TEXT") for column in columns], ()) if columns else None

    def _histories(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Tell]:
        account, now = self._account, self._account.now()
        logins = partial(account.logins.function, name, arguments, now)
        ahead = account.alerts.ahead()
        return {
            "ALERT_HISTORY": partial(account.alert_history.function, arguments, ahead, now),
            "TASK_HISTORY": partial(
                account.task_history.function, arguments, account.tasks.ahead(), now
            ),
            "TASK_DEPENDENTS": partial(task_dependents, account, arguments),
            "LOGIN_HISTORY": logins,
            "LOGIN_HISTORY_BY_USER": logins,
            "NOTIFICATION_HISTORY": partial(account.notifications.table, arguments, now),
            "WAREHOUSE_METERING_HISTORY": partial(
                metering.warehouse_metering_function, account, arguments
            ),
        }

    def lists(self, path: tuple[str, ...], context: QueryContext) -> bool:
        """Whether one of the session's roles has any privilege on it."""
        store = self._account.store
        record = store.find(("DATABASE", "SCHEMA", "TABLE")[len(path) - 1], path)
        return record is not None and self._account.access.authority.lists(context.roles, record)

    def database_facts(self, name: str) -> Mapping[str, Any]:
        """Owner, comment and time of a database."""
        return self._facts("DATABASE", (name,), "DATABASE_OWNER")

    def schema_facts(self, database: str, name: str) -> Mapping[str, Any]:
        """Owner, comment and time of a schema."""
        return self._facts("SCHEMA", (database, name), "SCHEMA_OWNER")

    def object_facts(self, name: ObjectName) -> Mapping[str, Any]:
        """Owner, comment and time of a table or view."""
        return self._facts("TABLE", tuple(name), "TABLE_OWNER")

    def retention_days(self, name: ObjectName) -> int:
        """The retention in force on a table."""
        record = self._account.store.find("TABLE", tuple(name))
        if record is None:
            return 0
        return retention.days(self._account.store, self._account.parameters, record)

    def statement_times(self, statement: str) -> tuple[datetime, datetime] | None:
        """When a statement of the history began and ended; None for an unknown one."""
        query = self._account.history.find(statement)
        return (query.started, query.ended) if query is not None else None

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

    def stream(self, name: ObjectName) -> StreamFacts | None:
        """A stream; None for anything else."""
        record = streams.find(self._account, name)
        return streams.facts(self._account, record) if record is not None else None

    def has_streams(self) -> bool:
        """Whether there are any."""
        return self._account.store.has("STREAM")

    def tracks_changes(self, name: ObjectName) -> tuple[int, bool]:
        """The id of a table, and whether its change tracking is on."""
        record = self._account.store.find("TABLE", tuple(name))
        return (0, False) if record is None else (record.id, streams.tracks_changes(record))

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
