"""What the provider lacks of replication, by statements.

Its core (1.2.3) makes a secondary connection and then fails to read it, for a type does not fit,
and it would make a promoted one anew. It knows neither `OPTIMIZED_REFRESH` nor `RPO_ASSURANCE`, and
has no resource for groups that are only read: those three are off where the facts do not ask.

https://docs.snowflake.com/en/user-guide/account-replication-optimized-refresh
https://docs.snowflake.com/en/sql-reference/sql/create-replication-group
"""

from collections.abc import Iterable, Iterator

from infra.dynamic.statement import Statements, question
from infra.model.naming import Naming
from infra.model.replication import FailoverGroup, ReplicationGroup
from infra.model.sql import Sql, joined, name, sql
from infra.model.target import SnowflakeTarget

_ROLE = "ACCOUNTADMIN"


def mode(named: str, facts: FailoverGroup) -> Statements:
    """How a failover group is refreshed; Replication Classic when the resource goes."""
    group = name(named)
    word = "RPO_ASSURANCE" if facts.rpo_assurance else "OPTIMIZED_REFRESH"
    shown = question(
        sql("SHOW FAILOVER GROUPS"), ["name", "optimized_refresh", "rpo_assurance"], {"name": named}
    )
    return Statements(
        object=f"refresh mode of failover group {named}",
        role=_ROLE,
        create=(),
        update=(
            sql("ALTER FAILOVER GROUP {group} SET {word} = TRUE", group=group, word=Sql(word)),
        ),
        delete=(
            sql("ALTER FAILOVER GROUP {group} SET {word} = FALSE", group=group, word=Sql(word)),
        ),
        read=(shown,),
    )


def secondary_connection(
    named: str, comment: str, first: SnowflakeTarget, second: SnowflakeTarget
) -> Statements:
    """The second account's side of the client connection; promoted or not, it is the same."""
    connection, primary = name(named), name(first.organization_name, first.account_name, named)
    shown = question(
        sql("SHOW CONNECTIONS LIKE {named}", named=named),
        ["name", "comment"],
        {"name": named, "account_name": second.account_name},
    )
    return Statements(
        object=f"connection {named} in {second.account}, a replica of {first.account}'s",
        role=_ROLE,
        create=(
            sql(
                "CREATE CONNECTION IF NOT EXISTS {connection} AS REPLICA OF {primary}",
                connection=connection,
                primary=primary,
            ),
        ),
        update=(
            sql(
                "ALTER CONNECTION {connection} SET COMMENT = {comment}",
                connection=connection,
                comment=comment,
            ),
        ),
        delete=(sql("DROP CONNECTION IF EXISTS {connection}", connection=connection),),
        read=(shown,),
    )


def read_only(key: str, facts: ReplicationGroup, naming: Naming, organization: str) -> Statements:
    """A replication group in the first account; the accounts that read it make its replica."""
    named = naming.account(key)
    group, properties = name(named), joined(_properties(facts, naming, organization), " ")
    shown = question(
        sql("SHOW REPLICATION GROUPS"),
        ["name", "object_types", "allowed_accounts", "replication_schedule"],
        {"name": named},
    )
    return Statements(
        object=f"replication group {named}",
        role=_ROLE,
        create=(
            sql(
                "CREATE REPLICATION GROUP IF NOT EXISTS {group} {properties}",
                group=group,
                properties=properties,
            ),
        ),
        update=(),
        delete=(sql("DROP REPLICATION GROUP IF EXISTS {group}", group=group),),
        read=(shown,),
    )


def _properties(facts: ReplicationGroup, naming: Naming, organization: str) -> Iterator[Sql]:
    yield Sql(f"OBJECT_TYPES = {_listed(Sql(one) for one in sorted(facts.object_types))}")
    if facts.databases:
        named = (Sql(name(naming.account(one))) for one in facts.databases)
        yield Sql(f"ALLOWED_DATABASES = {_listed(named)}")
    if facts.integration_types:
        kinds = (Sql(one) for one in sorted(facts.integration_types))
        yield Sql(f"ALLOWED_INTEGRATION_TYPES = {_listed(kinds)}")
    accounts = (Sql(name(organization, one)) for one in facts.accounts)
    yield Sql(f"ALLOWED_ACCOUNTS = {_listed(accounts)}")
    if facts.schedule is not None:
        text = (
            f"USING CRON {facts.schedule} UTC"
            if facts.interval is None
            else f"{facts.interval} MINUTE"
        )
        yield sql("REPLICATION_SCHEDULE = {text}", text=text)


def _listed(pieces: Iterable[Sql]) -> Sql:
    return joined(pieces, ", ")
