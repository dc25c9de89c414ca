"""What a killed run made and its state does not know goes, and what it only forgot comes back.

By the word of the account, and of the second one where the stack has something there: a replica
goes before its primary, which Snowflake would not drop otherwise. What a replicated group brought
stays when the group goes, as objects of that account's own, and would stand in the next one's way;
so it goes along, as when the stack itself removes a group (`infra.model.leftovers`).

https://docs.snowflake.com/en/sql-reference/sql/drop-failover-group
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cli.deployment import hub_settling, removal, returning, updates, witness
from cli.deployment.objects import Named, dotted
from cli.errors import BadInputError, NotUsableError
from cli.second_account import login
from cli.target import ask, connected

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    from cli.deployment.unsaved import Unfinished
    from cli.workbench import Workbench

State = Mapping[str, Any]
GROUP: Final = "FAILOVER GROUP"
CONNECTION: Final = "CONNECTION"


@dataclass(frozen=True, slots=True)
class Side:
    """One account of a stack; `unknown`: what its killed run made there, `others`: who else did."""

    connection: SnowflakeConnection
    second: bool
    unknown: tuple[Named, ...]
    others: frozenset[Named]


def settle(bench: Workbench, deployment: State, left: Unfinished) -> dict[str, Any] | None:
    """Take away what the state does not know; the state with what it lost, None where it did not.

    Raises:
        NotUsableError: what was made in the second account needs facts that were taken back.
    """
    before, since = updates.last_good_state(bench.stack, bench.variables), left.since
    hub_settling.take_away(bench, deployment, before, left.began)
    with ExitStack() as opened:
        first = _side(opened, bench, deployment, before, since)
        second = _second(opened, bench, deployment, before, since, first)
        if second is not None:
            _take_away_there(bench, first, second)
        removal.take_away(first.connection, first.unknown[::-1])
        changed: dict[str, Any] | None = None
        for side in filter(None, (first, second)):
            changed = _returned(side, changed or deployment, before) or changed
    return changed


def _returned(side: Side, deployment: State, before: State) -> dict[str, Any] | None:
    return returning.returned(
        deployment,
        before,
        side.others.union(side.unknown),
        lambda text: ask(side.connection, text).dicts(),
        second=side.second,
    )


def _side(
    opened: ExitStack,
    bench: Workbench,
    deployment: State,
    before: State,
    since: datetime | None,
    *,
    second: bool = False,
) -> Side:
    arguments = login(bench) if second else bench.login()
    connection = opened.enter_context(connected(arguments))
    makers = witness.makers(connection, bench.stack, since)
    ours = [named for named, own in makers.items() if own]
    unknown = witness.unknown_to(deployment, before, ours, second=second)
    others = frozenset(named for named, own in makers.items() if not own)
    return Side(connection, second, tuple(unknown), others)


def _second(
    opened: ExitStack,
    bench: Workbench,
    deployment: State,
    before: State,
    since: datetime | None,
    first: Side,
) -> Side | None:
    """The second account, where the stack has, or may have begun, something there."""
    begun = any(named.kind in {GROUP, CONNECTION} for named in first.unknown)
    wanted = bench.settings.environment.replication is not None
    if begun and not wanted:
        raise NotUsableError(
            f"{bench.stack}: a run that was killed began a second account, which is not wanted now;"
            " nothing was done.",
            f"Finish it first: leap up --with-dr --stack {bench.stack}; "
            f"then: leap up --without-dr --stack {bench.stack}",
        )
    if not (wanted or _has_entries(deployment) or _has_entries(before)):
        return None
    return _side(opened, bench, deployment, before, since, second=True)


def _has_entries(deployment: State) -> bool:
    return bool(witness.known_to(deployment, second=True))


def _take_away_there(bench: Workbench, first: Side, second: Side) -> None:
    for named in first.unknown:
        if named.kind == CONNECTION:
            ask(second.connection, f"DROP CONNECTION IF EXISTS {dotted(named.path)}")
    removal.take_away(second.connection, second.unknown[::-1])
    for text in _copies(bench, second):
        try:
            ask(second.connection, text)
        except BadInputError:
            continue  # it never came, or somebody uses it: the next group says so


def _copies(bench: Workbench, second: Side) -> Iterator[str]:
    """The statements that remove what groups brought that are no more."""
    from infra.model import leftovers

    environment = bench.settings.environment
    gone = {named.path[0] for named in second.unknown if named.kind == GROUP}
    for key, facts in environment.replication.groups.items() if environment.replication else ():
        if environment.naming.account(key) in gone:
            yield from map(str, leftovers.removal(environment, facts))
