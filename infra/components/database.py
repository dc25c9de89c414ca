"""The database and its schemas, owned by SYSADMIN.

Tables that dbt builds are absent: dbt owns their shape, and grants on future objects cover them.
"""

from collections.abc import Mapping

import pulumi
import pulumi_snowflake as snowflake

from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.naming import Token, logical


class Database(pulumi.ComponentResource):
    """One database with its schemas."""

    name: str
    """Its name in Snowflake."""
    database: snowflake.Database
    schemas: Mapping[str, snowflake.Schema]
    """By name."""

    def __init__(self, name: str, environment: Environment, providers: Providers) -> None:
        super().__init__(Token.DATABASE, name)
        options = pulumi.ResourceOptions(
            parent=self, provider=providers.sysadmin, protect=environment.protect
        )
        facts = environment.database
        self.name = environment.naming.account(facts.name)
        self.database = snowflake.Database(
            logical(facts.name),
            name=self.name,
            comment=facts.comment or None,
            data_retention_time_in_days=facts.data_retention_time_in_days,
            drop_public_schema_on_creation=True,
            opts=options,
        )
        # Dropping the database takes its schemas along; one by one, a policy that a table of
        # another schema still uses would stand in the way.
        below = pulumi.ResourceOptions.merge(
            options,
            pulumi.ResourceOptions(depends_on=[self.database], deleted_with=self.database),
        )
        self.schemas = {
            key: snowflake.Schema(
                logical(key),
                name=key,
                database=self.name,
                comment=schema.comment or None,
                is_transient="true" if schema.is_transient else "false",
                data_retention_time_in_days=schema.data_retention_time_in_days,
                opts=below,
            )
            for key, schema in facts.schemas.items()
        }
        self.register_outputs({})
