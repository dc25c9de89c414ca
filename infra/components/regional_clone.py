"""The quarterly clone in the second region: a database of that account alone, with one task.

It waits until the group has arrived there, for the warehouse and the tag that it uses are replicas.

https://docs.snowflake.com/en/user-guide/tasks-intro
"""

from collections.abc import Sequence

import pulumi
import pulumi_snowflake as snowflake

from infra.components.second_account import SecondAccount
from infra.model import regional_clone
from infra.model.environment import Environment
from infra.model.identifiers import quoted
from infra.model.naming import Token, logical
from infra.model.replication import RegionalClone, Replication


class QuarterlyClone(pulumi.ComponentResource):
    """Database, schema and task."""

    def __init__(
        self,
        name: str,
        environment: Environment,
        replication: Replication,
        facts: RegionalClone,
        second: SecondAccount,
        needs: Sequence[pulumi.Resource],
    ) -> None:
        """``needs``: what tells that the group has arrived."""
        super().__init__(Token.QUARTERLY_CLONE, name)
        naming = environment.naming
        place = naming.account(facts.database)
        options = pulumi.ResourceOptions(
            parent=self,
            provider=second.accountadmin,
            depends_on=list(needs),
            protect=environment.protect,
        )
        database = snowflake.Database(
            logical(facts.database),
            name=place,
            comment="Of the second account alone: the task that clones each quarter",
            data_retention_time_in_days=environment.database.data_retention_time_in_days,
            drop_public_schema_on_creation=True,
            opts=options,
        )
        schema = snowflake.Schema(
            logical(regional_clone.SCHEMA),
            name=regional_clone.SCHEMA,
            database=place,
            is_transient="false",
            opts=_after(options, database),
        )
        copied = [
            naming.account(one) for group in replication.groups.values() for one in group.databases
        ]
        after = pulumi.ResourceOptions(
            parent=self, provider=second.accountadmin, depends_on=[*needs, schema]
        )
        _task(place, naming.account(environment.operations.warehouse), facts, copied, after)
        _owned(environment, place, second, [*needs, database], self)
        self.register_outputs({})


def _task(
    place: str,
    warehouse: str,
    facts: RegionalClone,
    copied: Sequence[str],
    options: pulumi.ResourceOptions,
) -> snowflake.Task:
    return snowflake.Task(
        logical(regional_clone.TASK),
        name=regional_clone.TASK,
        database=place,
        schema=regional_clone.SCHEMA,
        warehouse=warehouse,
        schedule=snowflake.TaskScheduleArgs(using_cron=f"{facts.schedule} UTC"),
        sql_statement=str(regional_clone.statement(copied, facts.keep)),
        started=True,
        comment=f"A clone of {', '.join(copied)}; keeps {facts.keep} quarters",
        opts=options,
    )


def _owned(
    environment: Environment,
    place: str,
    second: SecondAccount,
    needs: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
) -> None:
    """Who answers for the database, as of the first account's."""
    owner = environment.database.tags.get("OWNER")
    if owner is None:
        return
    home = environment.naming.account(environment.database.name)
    snowflake.TagAssociation(
        logical(place, "owner"),
        object_type="DATABASE",
        object_identifiers=[quoted(place)],
        tag_id=quoted(home, environment.governance.schema_, "OWNER"),
        tag_value=owner,
        opts=pulumi.ResourceOptions(
            parent=parent, provider=second.accountadmin, depends_on=list(needs)
        ),
    )


def _after(options: pulumi.ResourceOptions, *needed: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=list(needed)))
