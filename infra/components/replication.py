"""Groups and the client connection, in both accounts.

The primary is made in the first account and its secondary in the second, which waits for it: so a
destruction takes the secondary first, as Snowflake demands. What the provider has no property for
is set by statements, and only where the facts ask for it.

https://docs.snowflake.com/en/user-guide/account-replication-config
https://docs.snowflake.com/en/user-guide/client-redirect
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_snowflake as snowflake

from infra.components import group_statements
from infra.components.providers import Providers
from infra.components.second_account import ADMIN, SecondAccount
from infra.dynamic.replica_place import Place, ReplicaPlace
from infra.dynamic.replicated_integration import Replicated, ReplicatedIntegration
from infra.dynamic.statement import Statement
from infra.model import leftovers
from infra.model.environment import Environment
from infra.model.naming import DR, Token, logical
from infra.model.replication import (
    ClientConnection,
    FailoverGroup,
    IntegrationType,
    Replication,
)
from infra.model.target import SnowflakeTarget


class Groups(pulumi.ComponentResource):
    """Both sides of every group, and of the connection."""

    arrived: Mapping[str, ReplicatedIntegration]
    """Storage integrations as the second account has them, by name."""
    secondaries: Sequence[pulumi.Resource]

    def __init__(
        self,
        name: str,
        environment: Environment,
        replication: Replication,
        providers: tuple[Providers, SecondAccount],
        targets: tuple[SnowflakeTarget, SnowflakeTarget],
        needs: Sequence[pulumi.Resource],
        integrations: Sequence[str],
    ) -> None:
        """``targets``: the first and the second account. ``needs``: what the groups carry.

        ``integrations``: storage integrations whose arrival others wait for.
        """
        super().__init__(Token.REPLICATION, name)
        self._environment, self._targets = environment, targets
        self._first, self._second = providers
        options = pulumi.ResourceOptions(parent=self, protect=environment.protect)
        self._here = _with(options, self._first.accountadmin, *needs)
        self._there = _with(options, self._second.accountadmin)
        made = {key: self._group(key, facts) for key, facts in replication.groups.items()}
        self.secondaries = list(made.values())
        self._read_only(replication, needs)
        if replication.connection is not None:
            self._connection(replication.connection)
        carrier = _carrier(replication)
        self.arrived = {} if carrier is None else self._arrivals(carrier, made, integrations)
        self.register_outputs({})

    def _group(self, key: str, facts: FailoverGroup) -> snowflake.FailoverGroup:
        """The primary, its place over there, its mode, and the secondary."""
        naming = self._environment.naming
        named, (first, second) = naming.account(key), self._targets
        databases = [naming.account(one) for one in facts.databases]
        primary = snowflake.FailoverGroup(
            logical(key),
            name=named,
            object_types=sorted(facts.object_types),
            allowed_databases=databases or None,
            allowed_integration_types=sorted(facts.integration_types) or None,
            allowed_accounts=[_qualified(second)],
            replication_schedule=_schedule(facts),
            opts=self._here,
        )
        place = ReplicaPlace(
            logical(DR, key, "place"),
            Place(
                group=named,
                role=ADMIN,
                databases=databases,
                removal=[]
                if self._environment.protect
                else [str(one) for one in leftovers.removal(self._environment, facts)],
            ),
            pulumi.ResourceOptions(parent=self, provider=self._second.statements),
        )
        if facts.optimized_refresh or facts.rpo_assurance:
            Statement(
                logical(key, "mode"),
                group_statements.mode(named, facts),
                _with(pulumi.ResourceOptions(parent=self), self._first.statements, primary),
            )
        return snowflake.FailoverGroup(
            logical(DR, key),
            name=named,
            from_replica=snowflake.FailoverGroupFromReplicaArgs(
                organization_name=first.organization_name,
                source_account_name=first.account_name,
                name=named,
            ),
            opts=_after(self._there, primary, place),
        )

    def _read_only(self, replication: Replication, needs: Sequence[pulumi.Resource]) -> None:
        """Replication groups: for accounts that read, and never take over."""
        options = pulumi.ResourceOptions(parent=self)
        for key, facts in replication.replication_groups.items():
            Statement(
                logical(key),
                group_statements.read_only(
                    key, facts, self._environment.naming, self._targets[0].organization_name
                ),
                _with(options, self._first.statements, *needs),
            )

    def _connection(self, facts: ClientConnection) -> None:
        first, second = self._targets
        named = self._environment.naming.account(facts.name)
        primary = snowflake.PrimaryConnection(
            logical(named),
            name=named,
            comment=facts.comment or None,
            enable_failover_to_accounts=[_qualified(second)],
            opts=_with(
                pulumi.ResourceOptions(parent=self, protect=self._environment.protect),
                self._first.accountadmin,
            ),
        )
        Statement(
            logical(DR, named),
            group_statements.secondary_connection(named, facts.comment, first, second),
            _with(
                pulumi.ResourceOptions(parent=self, protect=self._environment.protect),
                self._second.statements,
                primary,
            ),
        )

    def _arrivals(
        self,
        carrier: str,
        made: Mapping[str, snowflake.FailoverGroup],
        integrations: Sequence[str],
    ) -> dict[str, ReplicatedIntegration]:
        group = self._environment.naming.account(carrier)
        options = pulumi.ResourceOptions(parent=self)
        arrived: dict[str, ReplicatedIntegration] = {}
        for one in integrations:  # in turn: one refresh brings them all
            after = _with(options, self._second.statements, made[carrier], *arrived.values())
            facts = Replicated(integration=one, group=group, role=ADMIN)
            arrived[one] = ReplicatedIntegration(logical(DR, one), facts, after)
        return arrived


def _qualified(account: SnowflakeTarget) -> str:
    """As the provider reads it back: without quotes."""
    return f"{account.organization_name}.{account.account_name}"


def _carrier(replication: Replication) -> str | None:
    """The group that carries storage integrations."""
    return next(
        (
            k
            for k, g in replication.groups.items()
            if IntegrationType.STORAGE in g.integration_types
        ),
        None,
    )


def _schedule(facts: FailoverGroup) -> snowflake.FailoverGroupReplicationScheduleArgs | None:
    if facts.schedule is None:
        return None
    if facts.interval is not None:
        return snowflake.FailoverGroupReplicationScheduleArgs(interval=facts.interval)
    cron = snowflake.FailoverGroupReplicationScheduleCronArgs(
        expression=facts.schedule, time_zone="UTC"
    )
    return snowflake.FailoverGroupReplicationScheduleArgs(cron=cron)


def _with(
    options: pulumi.ResourceOptions, provider: pulumi.ProviderResource, *needed: pulumi.Resource
) -> pulumi.ResourceOptions:
    more = pulumi.ResourceOptions(provider=provider, depends_on=list(needed))
    return pulumi.ResourceOptions.merge(options, more)


def _after(options: pulumi.ResourceOptions, *needed: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=list(needed)))
