"""What a stack's own runs made, by the account's word: its query history.

The engine's event log is no witness: it is written behind the work, so a killed engine has made
what it never told, and a creation whose plugin died is told as failed. The account knows each
statement that succeeded, and by the sessions' query tag which stack's plugin sent it. An object
that was last made by anybody else is nobody's here. What was made with IF NOT EXISTS, as by the
procedures that workspaces call, need not be known: it stands in the way of nobody who asks again.

https://docs.snowflake.com/en/sql-reference/account-usage/query_history
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from cli.deployment import objects
from cli.deployment.objects import Named
from cli.target import ask
from infra.model.naming import of_second_account, query_tag

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

LEEWAY: Final = timedelta(minutes=1)
"""The account's clock is not ours."""
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
# The sandbox's view is whole and tells at once; an account's is up to 45 minutes late.
_ASKED: Final = """
SELECT query_text, query_tag, database_name, schema_name
FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY
WHERE execution_status = 'SUCCESS' AND end_time >= %s::TIMESTAMP_LTZ
  AND query_type IN ('CREATE', 'ALTER')
ORDER BY end_time
"""


def makers(
    connection: SnowflakeConnection, stack: str, since: datetime | None
) -> dict[Named, bool]:
    """What was made since then, from old to new, and whether the stack's own run made it last."""
    start = (since or LONG_AGO) - LEEWAY
    return last_makers(stack, ask(connection, _ASKED, (start.isoformat(),)).dicts())


def last_makers(stack: str, statements: Iterable[Mapping[str, Any]]) -> dict[Named, bool]:
    """The same of statements, which come from old to new."""
    tag, found = query_tag(stack), dict[Named, bool]()
    for statement in statements:
        named = objects.of_statement(
            str(statement["query_text"]),
            str(statement["database_name"] or ""),
            str(statement["schema_name"] or ""),
        )
        ours = statement["query_tag"] == tag
        if named is None or (ours and objects.is_made_where_it_is_not(statement["query_text"])):
            continue
        found.pop(named, None)
        found[named] = ours
    return found


def known_to(deployment: Mapping[str, Any], *, second: bool = False) -> set[Named]:
    """What the state speaks of in the first account, or in the second."""
    entries = deployment.get("resources") or ()
    return {
        named
        for entry in entries
        if (named := objects.of_resource(entry)) is not None
        if of_second_account(str(entry.get("provider") or "")) is second
    }


def unknown_to(
    deployment: Mapping[str, Any],
    before: Mapping[str, Any],
    made: Iterable[Named],
    *,
    second: bool = False,
) -> list[Named]:
    """What was made and stands in neither state.

    What the last good state has comes back from there (`cli.deployment.returning`): the history is
    asked from a little before that run's end, and what is there under the name is asked anyway.
    """
    known = known_to(deployment, second=second)
    entries = {named: named.types for named in known_to(before, second=second)}
    return [n for n in made if n not in known and entries.get(n) != n.types]
