"""What counts towards a budget, and what it comes to by the end of the month.

Months are calendar months in UTC. The account's budget counts everything since the month began, a
custom one its own objects since it was made.
https://docs.snowflake.com/en/user-guide/budgets#how-budgets-work
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.snowflake.budgets import facts
from sandbox.snowflake.budgets.facts import fact
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.governance import tags
from sandbox.snowflake.governance.place import Place
from sandbox.snowflake.metering.ledger import Burnt

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """The calendar month that a moment lies in: its beginning, and that of the next."""
    start = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=32)).replace(day=1)


def counted(account: Account, budget: Record, start: datetime) -> list[Burnt]:
    """What counts towards a budget in the hours from a moment on."""
    if facts.is_root(budget):
        return account.ledger.since(start)
    since = max(start, budget.created_on.replace(minute=0, second=0, microsecond=0))
    counts = _test(account, budget)
    return [burnt for burnt in account.ledger.since(since) if counts(burnt.entity)]


def _test(account: Account, budget: Record) -> Callable[[int], bool]:
    linked = set(fact(budget, facts.RESOURCES))
    found = (account.store.get(number) for number in linked)
    homes = [
        item.path for item in found if item is not None and item.kind in ("DATABASE", "SCHEMA")
    ]
    pairs = {(str(number), value) for number, value in fact(budget, facts.TAGS)}
    combine = all if fact(budget, facts.TAG_MODE) == "INTERSECTION" else any

    def counts(entity: int) -> bool:
        record = account.store.get(entity)
        if entity in linked or record is None:
            return entity in linked
        if any(record.path[: len(home)] == home for home in homes):
            return True
        if not pairs:
            return False
        own = tags.in_force(account.store, Place(record))
        mine = {(str(item.tag.id), item.value) for item in own}
        return combine(pair in mine for pair in pairs)

    return counts


def projected(account: Account, budget: Record, now: datetime) -> float:
    """What will be spent by the end of the month if it goes on like this."""
    start, end = month_of(now)
    passed = now - start
    if passed <= timedelta():
        return 0.0
    spent = sum(burnt.credits for burnt in counted(account, budget, start))
    return spent / (passed / (end - start))


def history(
    account: Account, budget: Record, first: datetime, last: datetime
) -> list[tuple[date, str, float]]:
    """Credits by day and service."""
    days: dict[tuple[date, str], float] = defaultdict(float)
    for burnt in counted(account, budget, first):
        if burnt.hour <= last:
            days[burnt.hour.date(), burnt.service] += burnt.credits
    return [(day, service, spent) for (day, service), spent in sorted(days.items())]
