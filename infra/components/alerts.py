"""The alerts, and the tasks that keep what columns stand, owned by SYSADMIN and started.

To run, they need two privileges on the account and a look at its usage, which other stacks of the
same account need as well: these grants stay when a stack goes.
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.model import message, watches
from infra.model.access import SYSADMIN
from infra.model.alert import Alert
from infra.model.environment import Environment
from infra.model.naming import Token, logical
from infra.model.operations import MARKETPLACE_COLUMNS, RAW_COLUMNS, OperationsTable
from infra.model.watches import Estate

_SNAPSHOTS = {RAW_COLUMNS.name: "30 5 * * *", MARKETPLACE_COLUMNS.name: "30 5 * * MON"}
"""When the columns are kept: before the alert that compares them looks."""


class Alerts(pulumi.ComponentResource):
    """Every alert and task of an environment."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        stack: str,
        providers: Providers,
        tables: Mapping[str, str],
        imported: Sequence[str],
        needs: Sequence[pulumi.Resource],
    ) -> None:
        """``tables``: of each feed. ``imported``: databases of the Marketplace.

        ``needs``: the tables that are read, and the notifications.
        """
        super().__init__(Token.ALERTS, name)
        self._facts, self._admins, self._tables = environment, providers, tables
        rights = self._rights()
        options = pulumi.ResourceOptions(
            parent=self, provider=providers.sysadmin, depends_on=[*needs, *rights]
        )
        for key, facts in environment.alerts.items():
            self._alert(key, facts, stack, options)
        self._snapshot(RAW_COLUMNS, [self._estate("").database], options)
        if imported:
            self._snapshot(MARKETPLACE_COLUMNS, imported, options)
        self.register_outputs({})

    def _rights(self) -> list[pulumi.Resource]:
        """What the owner of the alerts needs on the account to run them, and for what they ask."""
        options = pulumi.ResourceOptions(
            parent=self, provider=self._admins.accountadmin, retain_on_delete=True
        )
        running = snowflake.GrantPrivilegesToAccountRole(
            logical(SYSADMIN, "runs"),
            account_role_name=SYSADMIN,
            privileges=["EXECUTE ALERT", "EXECUTE TASK"],
            on_account=True,
            opts=options,
        )
        usage = snowflake.GrantPrivilegesToAccountRole(
            logical(SYSADMIN, "reads", "usage"),
            account_role_name=SYSADMIN,
            privileges=["IMPORTED PRIVILEGES"],
            on_account_object={"object_type": "DATABASE", "object_name": "SNOWFLAKE"},
            opts=options,
        )
        return [running, usage]

    def _estate(self, alert: str) -> Estate:
        environment = self._facts
        return Estate(
            database=environment.naming.account(environment.database.name),
            operations=environment.operations.schema_,
            landing=environment.landing.schema_,
            warehouses=tuple(environment.naming.account(key) for key in environment.warehouses),
            tables=self._tables,
            credit_price=environment.prices.credit,
            alert=alert,
        )

    def _alert(self, key: str, facts: Alert, stack: str, options: pulumi.ResourceOptions) -> None:
        environment, estate = self._facts, self._estate(key)
        told = environment.notifications[facts.channel]
        minutes = facts.minutes
        schedule = (
            snowflake.AlertAlertScheduleArgs(
                cron=snowflake.AlertAlertScheduleCronArgs(
                    expression=facts.schedule, time_zone="UTC"
                )
            )
            if minutes is None
            else snowflake.AlertAlertScheduleArgs(interval=minutes)
        )
        snowflake.Alert(
            logical(key),
            name=key,
            database=estate.database,
            schema=estate.operations,
            warehouse=environment.naming.account(environment.operations.warehouse),
            alert_schedule=schedule,
            condition=str(watches.condition(estate, facts)),
            action=str(
                message.action(
                    facts,
                    stack,
                    environment.naming.account(facts.channel),
                    told.channel,
                    told.recipients,
                )
            ),
            enabled=facts.enabled,
            comment=f"{facts.severity}: {facts.watch}",
            opts=options,
        )

    def _snapshot(
        self, table: OperationsTable, databases: Sequence[str], options: pulumi.ResourceOptions
    ) -> None:
        environment, estate = self._facts, self._estate("")
        schema = estate.landing if table is RAW_COLUMNS else ""
        snowflake.Task(
            logical("keep", table.name),
            name=f"KEEP_{table.name}",
            database=estate.database,
            schema=estate.operations,
            warehouse=environment.naming.account(environment.operations.warehouse),
            schedule=snowflake.TaskScheduleArgs(using_cron=f"{_SNAPSHOTS[table.name]} UTC"),
            sql_statement=str(watches.snapshot(estate, table, databases, schema)),
            started=True,
            comment=table.comment,
            opts=options,
        )
