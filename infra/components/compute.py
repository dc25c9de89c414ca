"""Warehouses, each under its resource monitor.

Only ACCOUNTADMIN may make a monitor or attach one to a warehouse, so it makes both, and then hands
the warehouse to SYSADMIN: the role that runs the platform owns it, and its ceiling stays out of
that role's reach.

https://docs.snowflake.com/en/user-guide/resource-monitors
"""

from collections.abc import Mapping

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.dynamic.statement import Statement, Statements, question
from infra.model.access import SYSADMIN
from infra.model.environment import Environment
from infra.model.monitor import Monitor
from infra.model.naming import Token, logical
from infra.model.sql import name as named
from infra.model.sql import sql
from infra.model.warehouse import Warehouse


class Compute(pulumi.ComponentResource):
    """All monitors and warehouses of an environment."""

    warehouses: Mapping[str, snowflake.Warehouse]
    """By the name in the facts."""
    ready: Mapping[str, pulumi.Resource]
    """What must stand before a grant on a warehouse, by its name in Snowflake."""

    def __init__(self, name: str, environment: Environment, providers: Providers) -> None:
        super().__init__(Token.COMPUTE, name)
        options = pulumi.ResourceOptions(parent=self, provider=providers.accountadmin)
        naming = environment.naming
        monitors = {
            key: _monitor(key, naming.account(key), facts, options)
            for key, facts in environment.monitors.items()
        }
        self.warehouses = {
            key: _warehouse(
                key,
                naming.account(key),
                naming.account(facts.resource_monitor),
                facts,
                _after(options, monitors[facts.resource_monitor]),
            )
            for key, facts in environment.warehouses.items()
        }
        self.ready = {
            naming.account(key): _owned_by_sysadmin(
                key, naming.account(key), _after(options, warehouse)
            )
            for key, warehouse in self.warehouses.items()
        }
        if environment.account_monitor is not None:
            holding = pulumi.ResourceOptions(
                parent=self,
                provider=providers.statements,
                depends_on=[monitors[environment.account_monitor]],
            )
            monitor = naming.account(environment.account_monitor)
            Statement(logical("account", "monitor"), _account_monitor(monitor), holding)
        self.register_outputs({})


def _after(options: pulumi.ResourceOptions, *needed: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=list(needed)))


def _monitor(
    key: str, name: str, facts: Monitor, options: pulumi.ResourceOptions
) -> snowflake.ResourceMonitor:
    return snowflake.ResourceMonitor(
        logical(key),
        name=name,
        credit_quota=facts.credit_quota,
        notify_triggers=list(facts.notify_triggers) or None,
        suspend_trigger=facts.suspend_trigger,
        suspend_immediate_trigger=facts.suspend_immediate_trigger,
        notify_users=list(facts.notify_users) or None,
        frequency=facts.frequency,
        start_timestamp=facts.start_timestamp,
        opts=options,
    )


def _warehouse(
    key: str, name: str, monitor: str, facts: Warehouse, options: pulumi.ResourceOptions
) -> snowflake.Warehouse:
    scale = facts.query_acceleration_max_scale_factor
    return snowflake.Warehouse(
        logical(key),
        name=name,
        warehouse_size=facts.warehouse_size,
        warehouse_type=facts.warehouse_type,
        auto_suspend=facts.auto_suspend,
        auto_resume="true",
        initially_suspended=True,
        resource_monitor=monitor,
        comment=facts.comment or None,
        min_cluster_count=facts.min_cluster_count,
        max_cluster_count=facts.max_cluster_count,
        scaling_policy=facts.scaling_policy,
        max_concurrency_level=facts.max_concurrency_level,
        statement_timeout_in_seconds=facts.statement_timeout_in_seconds,
        statement_queued_timeout_in_seconds=facts.statement_queued_timeout_in_seconds,
        enable_query_acceleration=None if scale is None else "true",
        query_acceleration_max_scale_factor=scale,
        opts=options,
    )


def _owned_by_sysadmin(
    key: str, name: str, options: pulumi.ResourceOptions
) -> snowflake.GrantOwnership:
    return snowflake.GrantOwnership(
        logical(key, "owner"),
        account_role_name=SYSADMIN,
        outbound_privileges="COPY",
        on={"object_type": "WAREHOUSE", "object_name": name},
        opts=options,
    )


def _account_monitor(monitor: str) -> Statements:
    """The account under its monitor: the provider makes the monitor, and cannot attach it.

    https://docs.snowflake.com/en/user-guide/resource-monitors#assigning-resource-monitors
    """
    return Statements(
        object=f"the account's resource monitor {monitor}",
        role="ACCOUNTADMIN",
        create=(),
        update=(sql("ALTER ACCOUNT SET RESOURCE_MONITOR = {monitor}", monitor=named(monitor)),),
        delete=(sql("ALTER ACCOUNT UNSET RESOURCE_MONITOR"),),
        read=(
            question(
                sql("SHOW RESOURCE MONITORS LIKE {monitor}", monitor=monitor),
                ["name", "level"],
                {"name": monitor, "level": "ACCOUNT"},
            ),
        ),
    )
