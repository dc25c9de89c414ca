"""The tables that jobs write their results to and alerts read, owned by SYSADMIN."""

from collections.abc import Sequence

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.naming import Token, logical
from infra.model.operations import TABLES, OperationsTable


class Operations(pulumi.ComponentResource):
    """Every table of the operations schema."""

    tables: Sequence[snowflake.Table]

    def __init__(
        self,
        name: str,
        environment: Environment,
        providers: Providers,
        needs: Sequence[pulumi.Resource],
    ) -> None:
        """``needs``: the schema, and the grants on what will be in it."""
        super().__init__(Token.OPERATIONS, name)
        options = pulumi.ResourceOptions(
            parent=self,
            provider=providers.sysadmin,
            depends_on=list(needs),
            protect=environment.protect,
        )
        database = environment.naming.account(environment.database.name)
        self.tables = [
            _table(table, database, environment.operations.schema_, options) for table in TABLES
        ]
        self.register_outputs({})


def _table(
    table: OperationsTable, database: str, schema: str, options: pulumi.ResourceOptions
) -> snowflake.Table:
    return snowflake.Table(
        logical(table.name),
        name=table.name,
        database=database,
        schema=schema,
        columns=[
            snowflake.TableColumnArgs(name=column.name, type=column.type, comment=column.comment)
            for column in table.columns
        ],
        comment=table.comment,
        opts=options,
    )
