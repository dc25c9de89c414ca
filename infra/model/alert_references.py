"""What must hold between alerts, budgets, notifications and monitors and what they name.

Called by `infra.model.references` over merged values that may not be well formed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from infra.model.alert import MINUTES, NEEDS, Watch
from infra.model.cron import CronError, longest_gap
from infra.model.faults import at, entries, listed
from infra.model.notification import Channel

Path: TypeAlias = tuple[str | int, ...]
Found: TypeAlias = Iterator[tuple[Path, str, str]]
"""A path, what was found there, and what is allowed."""


def found(
    values: Mapping[str, Any],
    feeds: Sequence[str],
    nearest: Callable[[str, Sequence[str]], str],
) -> Found:
    """Every fault.

    ``feeds`` are the names that exist; ``nearest`` words the allowed names, led by the nearest to
    a mistyped one.
    """
    channels = {name: entry.get("channel") for name, entry in entries(values, "notifications")}
    mails = [name for name, channel in channels.items() if channel == Channel.EMAIL]
    monitor = values.get("account_monitor")
    if isinstance(monitor, str) and monitor not in at(values, "monitors"):
        yield ("account_monitor",), f"{monitor!r}", nearest(monitor, list(at(values, "monitors")))
    yield from _notifications(values)
    for name, alert in entries(values, "alerts"):
        channel = alert.get("channel")
        if isinstance(channel, str) and channel not in channels:
            yield ("alerts", name, "channel"), f"{channel!r}", nearest(channel, list(channels))
        yield from _schedule(name, alert)
        yield from _needs(name, alert)
        for feed in at(alert, "fresh_hours"):
            if feed not in feeds:
                yield ("alerts", name, "fresh_hours", feed), f"{feed!r}", nearest(feed, feeds)
    for name, budget in entries(values, "budgets"):
        notify = budget.get("notify")
        if isinstance(notify, str) and notify not in mails:
            yield ("budgets", name, "notify"), f"{notify!r}", nearest(notify, mails)
        warehouses = list(at(values, "warehouses"))
        for index, warehouse in enumerate(listed(budget.get("warehouses"))):
            if warehouse not in warehouses:
                yield (
                    ("budgets", name, "warehouses", index),
                    f"{warehouse!r}",
                    nearest(str(warehouse), warehouses),
                )
    yield from _account_budgets(values)


def _notifications(values: Mapping[str, Any]) -> Found:
    for name, entry in entries(values, "notifications"):
        mail = entry.get("channel") == Channel.EMAIL
        if mail and not entry.get("recipients"):
            yield ("notifications", name, "recipients"), "nothing", "at least one address"
        if not mail and entry.get("recipients"):
            path = ("notifications", name, "recipients")
            yield path, f"{entry['recipients']!r}", f"nothing: only {Channel.EMAIL} has recipients"


def _schedule(name: str, alert: Mapping[str, Any]) -> Found:
    said = alert.get("schedule")
    if not isinstance(said, str) or said.endswith(MINUTES):
        return
    try:
        longest_gap(said)
    except CronError as error:
        allowed = "15 MINUTES, or cron in UTC like 0 8 * * MON"
        yield ("alerts", name, "schedule"), f"{said!r} ({error})", allowed


def _needs(name: str, alert: Mapping[str, Any]) -> Found:
    watch = alert.get("watch")
    needed = NEEDS.get(Watch(watch)) if watch in list(Watch) else None
    if needed is not None and not alert.get(needed):
        yield ("alerts", name, needed), "nothing", f"a value, which {watch} compares with"
    for key in sorted({*NEEDS.values()} - {needed}):
        if alert.get(key) and watch in list(Watch):
            users = ", ".join(w for w, k in NEEDS.items() if k == key)
            yield ("alerts", name, key), f"{alert[key]!r}", f"nothing: only {users} reads it"


def _account_budgets(values: Mapping[str, Any]) -> Found:
    owners = [name for name, b in entries(values, "budgets") if b.get("scope") == "account"]
    for name in owners[1:]:
        yield ("budgets", name, "scope"), "'account'", f"objects: {owners[0]} is the account's"
    for name in owners:
        budget = at(values, "budgets", name)
        for key in ("warehouses", "database"):
            if budget.get(key):
                path = ("budgets", name, key)
                yield path, f"{budget[key]!r}", "nothing: the account's budget is over everything"
