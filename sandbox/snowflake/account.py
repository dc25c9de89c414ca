"""One Snowflake account: its objects, grants, sessions, history, and the rows behind them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.snowflake import dispatch, login_rules
from sandbox.snowflake.access.grants import Grants
from sandbox.snowflake.access.guard import Guard, RoleGuard
from sandbox.snowflake.alerting import alerts
from sandbox.snowflake.alerting.alerts import Alerts
from sandbox.snowflake.alerting.history import AlertHistory
from sandbox.snowflake.bootstrap import bootstrap
from sandbox.snowflake.budgets import check
from sandbox.snowflake.budgets.check import BudgetChecks
from sandbox.snowflake.catalog.graveyard import Graveyard
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.context import Context, Statement
from sandbox.snowflake.data.model import FileSource, QueryContext, SystemViews
from sandbox.snowflake.data.plane import DataPlane
from sandbox.snowflake.entering import enter
from sandbox.snowflake.errors import SessionExpiredError, SnowflakeError
from sandbox.snowflake.governance.protection import Protections
from sandbox.snowflake.history import History
from sandbox.snowflake.kinds.pipe import NoPipeWork, PipeWork
from sandbox.snowflake.kinds.registry import KINDS, SYSTEM_FUNCTIONS
from sandbox.snowflake.kinds.stage import StageStore
from sandbox.snowflake.login_log import LoginLog
from sandbox.snowflake.metering import events
from sandbox.snowflake.metering.events import MeteringEvents
from sandbox.snowflake.metering.ledger import Ledger
from sandbox.snowflake.metering.monitors import Monitors
from sandbox.snowflake.metering.warehouses import Warehouses
from sandbox.snowflake.notification.log import NotificationLog
from sandbox.snowflake.notification.outbox import Outbox
from sandbox.snowflake.parameter_levels import ParameterLevels
from sandbox.snowflake.recovery import Recovery
from sandbox.snowflake.replication import schedule
from sandbox.snowflake.replication.gate import Gate
from sandbox.snowflake.replication.refresh import Refreshes
from sandbox.snowflake.replication.replicas import Replicas
from sandbox.snowflake.result import AnyResult
from sandbox.snowflake.scheduler import Scheduler
from sandbox.snowflake.session import Session
from sandbox.snowflake.sessions import Sessions, new_token
from sandbox.snowflake.sharing.imports import Imports
from sandbox.snowflake.sharing.organization import Organization
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.system_views import AccountViews
from sandbox.snowflake.tasking import tasks
from sandbox.snowflake.tasking.history import TaskHistory
from sandbox.snowflake.tasking.statements import SYSTEM_FUNCTIONS as TASK_FUNCTIONS
from sandbox.snowflake.tasking.tasks import Tasks
from sandbox.snowflake.verbs.drop import remove_temporary


@dataclass(frozen=True, slots=True)
class Identity:
    """What the account is called, where it is, and who administers it at first."""

    organization: str = "LEAP"
    name: str = "SANDBOX"
    locator: str = "SANDBOX1"
    region: str = "AWS_US_EAST_1"
    aws_account_id: str = "123456789012"
    admin_user: str = "LEAP_ADMIN"
    admin_password: str = ""


class Account:
    """Opened on a folder, which holds everything that outlives the process."""

    def __init__(
        self,
        folder: Path,
        identity: Identity,
        now: Callable[[], datetime],
        files: Callable[[Store], StageStore],
        channel_for: Callable[[str], str],
        *,
        data: Callable[[Path, FileSource, SystemViews], DataPlane] = DataPlane,
        outbox: Path | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.identity = identity
        self.now = now
        self.channel_for = channel_for
        """The notification channel (a queue's ARN) for a stage URL that a pipe reads."""
        self.store = Store(folder / "catalogue.sqlite", KINDS)
        self.parameters = ParameterLevels(self.store)
        self.access = Grants(self.store, now)
        self.replicas, self.gate = Replicas(self.store, identity), Gate()
        self.belongings = ExitStack()
        """What runs for this account alone (the worker of its pipes), and ends with it."""
        self.graves, self.recovery = Graveyard(self.store), Recovery(self.store)
        self.guard: Guard = RoleGuard()
        self.history = History(self.store)
        self.notifications = NotificationLog(self.store)
        self.outbox = Outbox(outbox or folder / "outbox" / "notifications.jsonl")
        self.logins = LoginLog(self.store)
        self.alert_history = AlertHistory(self.store)
        self.sessions = Sessions()
        self.scheduler = Scheduler()
        """Kinds register what they have to run; it works where somebody enters `running`."""
        self.ledger, self.monitors = Ledger(self.store), Monitors(self)
        self.warehouses = Warehouses(self, self.monitors)
        self.alerts = Alerts(self)
        self.task_history = TaskHistory(self.store)
        self.tasks = Tasks(self)
        self._register_work()
        self.pipes: PipeWork = NoPipeWork(self.parameters)
        """Whoever runs the pipes puts itself here."""
        self.files = files(self.store)
        self.system_functions = SYSTEM_FUNCTIONS | TASK_FUNCTIONS
        self.data = data(folder / "data", self.files, AccountViews(self))
        self.protections = Protections(self.store, lambda name: self.data.columns(name))
        self.imports = Imports(self)
        self.organization: Organization | None = None
        """The accounts beside this one, where there are any."""
        self.refreshes = Refreshes(self)
        bootstrap(self)
        self._tidy()

    def _tidy(self) -> None:
        """Finish what an earlier process had decided, and drop what its sessions left."""
        self.refreshes.recover()
        self.data.recover(lambda: self.recovery.run(self))
        session = self.system_session()
        self._drop_temporary(session)
        session.data.close()

    def _register_work(self) -> None:
        """Tell the scheduler what there is to run; at one moment, in this order."""
        metering, checks = MeteringEvents(self), BudgetChecks(self)
        self.scheduler.register(events.KIND, metering.due, metering.run, told=False)
        self.scheduler.register(check.KIND, checks.due, checks.run, told=False)
        self.scheduler.register(
            schedule.KIND, partial(schedule.due, self), partial(schedule.run, self)
        )
        self.scheduler.register(tasks.KIND, self.tasks.due, self.tasks.run)
        self.scheduler.register(alerts.KIND, self.alerts.due, self.alerts.run)

    def close(self) -> None:
        """Flush and let go of the files."""
        self.belongings.close()
        self.history.flush()
        self.warehouses.settle_all()
        for session in self.sessions.all():
            self.log_out(session.token)
        self.data.close()
        self.store.close()

    def log_in(
        self,
        data: dict[str, Any],
        wanted: Mapping[str, str | None],
        address: str = "127.0.0.1",
    ) -> Session:
        """A new session for the user that the request proves to be."""
        try:
            user = login_rules.prove(self, data, address)
        except SnowflakeError as error:
            self.logins.add(self.now(), data, address, error)
            raise
        self.logins.add(self.now(), data, address, None)
        with self.store.transaction():
            user = self.store.get(user.id) or user  # memory may have been read anew
            user.properties["LAST_SUCCESS_LOGIN"] = self.now().isoformat()
            user.properties.pop("FAILED_LOGINS", None)
            self.store.save(user)
            session = self._open(user.id)
        session.address = address
        session.client = str(data.get("CLIENT_APP_ID", ""))
        session.client_version = str(data.get("CLIENT_APP_VERSION", ""))
        for name, value in (data.get("SESSION_PARAMETERS") or {}).items():
            session.parameters[str(name).upper()] = str(value)
        try:
            enter(Context(self, session, self._nothing()), user.properties, wanted)
        except SnowflakeError:
            session.data.close()
            raise
        self.sessions.add(session)
        return session

    def _open(self, user_id: int) -> Session:
        number = int(self.store.setting("last_session") or 1000) + 1
        self.store.keep_setting("last_session", str(number))
        return Session(
            id=number,
            token=new_token(),
            master_token=new_token(),
            user_id=user_id,
            role_id=None,
            data=self.data.open_session(),
            started=self.now(),
        )

    def session_of(self, token: str) -> Session:
        """The session of a token, which is used from now on; SessionExpiredError if it idled."""
        session = self.sessions.get(token)
        minutes = login_rules.idle_minutes(self, self.store.get(session.user_id))
        idle = self.now() - (session.last_used or session.started)
        if minutes is not None and idle > timedelta(minutes=minutes):
            self.log_out(token)
            raise SessionExpiredError
        session.last_used = self.now()
        return session

    def log_out(self, token: str) -> None:
        """End a session."""
        session = self.sessions.remove(token)
        if session is not None:
            self._drop_temporary(session, of_session=session.id)
            session.data.close()

    def _drop_temporary(self, session: Session, *, of_session: int | None = None) -> None:
        with self.store.transaction():
            remove_temporary(Context(self, session, self._nothing()), of_session=of_session)

    def system_session(self, role: str = "ACCOUNTADMIN") -> Session:
        """A session of the administrator for the sandbox's own work (pipes, tasks, status)."""
        user = self.store.find("USER", (self.identity.admin_user,))
        if user is None:
            raise SnowflakeError(f"User {self.identity.admin_user} is gone.")
        with self.store.transaction():
            session = self._open(user.id)
        session.role_id = self.access.role_id(role)
        session.client, session.serverless, session.secondary_roles = "LEAP sandbox", True, "NONE"
        return session

    def execute(
        self,
        session: Session,
        text: str,
        bindings: Mapping[str, Any] | None = None,
        *,
        describe_only: bool = False,
    ) -> tuple[Statement, AnyResult]:
        """Run one statement; every failure is a `SnowflakeError`."""
        return dispatch.execute(self, session, text, bindings, describe_only=describe_only)

    def query_context(self, context: Context) -> QueryContext:
        """What the data plane may know of the session."""
        session, identity = context.session, self.identity
        role = context.role
        return QueryContext(
            database=session.database,
            schema=session.schema,
            user=context.user.name,
            role=role.name if role is not None else "",
            warehouse=session.warehouse,
            account=identity.locator,
            account_name=identity.name,
            organization=identity.organization,
            region=identity.region,
            session_id=session.id,
            secondary_roles=json.dumps({"roles": "", "value": session.secondary_roles}),
            available_roles=tuple(self.access.available_roles(session.user_id)),
            session_roles=tuple(self.access.session_roles(context)),
            roles=self.access.active_roles(context),
            now=self.now(),
            last_query_id=session.last_query_id,
            statement_id=context.statement.id,
            client_ip=session.address,
            timezone=self.parameters.in_session("TIMEZONE", session),
            alert=session.alert,
        )

    def login_answer(self, session: Session) -> dict[str, Any]:
        """What a login answers."""
        facts = self.session_facts(session)
        return {
            "token": session.token,
            "masterToken": session.master_token,
            "validityInSeconds": 3600,
            "masterValidityInSeconds": 14400,
            "sessionId": session.id,
            "serverVersion": "10.0.0",
            "displayUserName": "",
            "healthCheckInterval": 45,
            "parameters": self._client_parameters(session),
            "sessionInfo": {
                "databaseName": facts["finalDatabaseName"],
                "schemaName": facts["finalSchemaName"],
                "warehouseName": facts["finalWarehouseName"],
                "roleName": facts["finalRoleName"],
            },
        }

    def session_facts(self, session: Session) -> dict[str, Any]:
        """Where the session is now; every answer says it."""
        role = self.store.get(session.role_id)
        return {
            "finalDatabaseName": session.database,
            "finalSchemaName": session.schema,
            "finalWarehouseName": session.warehouse,
            "finalRoleName": dotted(role.path) if role is not None else None,
            "parameters": self._client_parameters(session),
        }

    def _client_parameters(self, session: Session) -> list[dict[str, Any]]:
        """Parameters that drivers read from the login and from each answer."""
        return [
            {"name": "TIMEZONE", "value": self.parameters.in_session("TIMEZONE", session)},
            {"name": "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", "value": 3600},
            {"name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 0},
            {"name": "AUTOCOMMIT", "value": True},
        ]

    def _nothing(self) -> Statement:
        return Statement("", "", "", self.now())
