"""One feed: the table its rows go to, and the stage, file format and pipe that bring them.

The pipe is made after the role that its stage reads through, and after the grants, so that future
grants already cover what is made here. Its queue is reported, not wired: the bucket owns its
notification configuration.

https://docs.snowflake.com/en/user-guide/data-load-snowpipe-auto-s3
"""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_snowflake as snowflake

from infra.components import stages
from infra.components.providers import Providers
from infra.model.environment import Environment
from infra.model.landing_names import LandingNames
from infra.model.naming import Token, logical
from infra.model.pipelines import Feed as FeedFacts


class Feed(pulumi.ComponentResource):
    """A feed's four objects, owned by SYSADMIN, in the schema that files land in."""

    table: snowflake.Table
    pipe: snowflake.Pipe
    pipe_name: str
    """Fully qualified."""

    def __init__(
        self,
        feed: FeedFacts,
        providers: Providers,
        environment: Environment,
        landing: LandingNames,
        needs: Sequence[pulumi.Resource],
    ) -> None:
        super().__init__(Token.FEED, logical(feed.name))
        database = environment.naming.account(environment.database.name)
        schema = environment.landing.schema_
        options = pulumi.ResourceOptions(
            parent=self, provider=providers.sysadmin, depends_on=list(needs)
        )
        holding = pulumi.ResourceOptions.merge(
            options, pulumi.ResourceOptions(protect=environment.protect)
        )
        self.table = _table(feed, database, schema, holding)
        stage = snowflake.Stage(
            logical(feed.stage),
            name=feed.stage,
            database=database,
            schema=schema,
            url=f"{landing.url}{feed.prefix}",
            storage_integration=landing.storage_integration,
            comment=stages.comment(feed.description),
            opts=options,
        )
        file_format = _file_format(feed, database, schema, options)
        self.pipe_name = f"{database}.{schema}.{feed.pipe}"
        self.pipe = snowflake.Pipe(
            logical(feed.pipe),
            name=feed.pipe,
            database=database,
            schema=schema,
            auto_ingest=True,
            copy_statement=feed.copy_statement(database, schema),
            comment=feed.description,
            opts=pulumi.ResourceOptions.merge(
                options, pulumi.ResourceOptions(depends_on=[self.table, stage, file_format])
            ),
        )
        self.register_outputs({})


def _table(
    feed: FeedFacts, database: str, schema: str, options: pulumi.ResourceOptions
) -> snowflake.Table:
    columns = [
        snowflake.TableColumnArgs(
            name=column.name,
            type=column.type,
            nullable=column.nullable,
            comment=column.comment or None,
        )
        for column in feed.table_columns
    ]
    return snowflake.Table(
        logical(feed.table),
        name=feed.table,
        database=database,
        schema=schema,
        columns=columns,
        comment=feed.description,
        opts=options,
    )


def _file_format(
    feed: FeedFacts, database: str, schema: str, options: pulumi.ResourceOptions
) -> snowflake.FileFormat:
    written: dict[str, Any] = dict(feed.format.options)
    arguments = snowflake.FileFormatArgs(
        name=feed.file_format,
        database=database,
        schema=schema,
        format_type=feed.format.type,
        comment=feed.description,
        **written,
    )
    return snowflake.FileFormat(logical(feed.file_format), arguments, options)
