"""The daily look at each budget: who is told when the month will cost more than the limit.

https://docs.snowflake.com/en/user-guide/budgets/notifications
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sandbox.snowflake.budgets import facts
from sandbox.snowflake.budgets.facts import fact
from sandbox.snowflake.budgets.spending import projected
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context, Statement
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.notification import sending
from sandbox.snowflake.notification.log import Attempt
from sandbox.snowflake.notification.message import Message, Target
from sandbox.snowflake.notification.outbox import Delivery
from sandbox.snowflake.scheduler import Due, Ran
from sandbox.snowflake.sql.names import dotted

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

KIND: Final = "budget"
_SOURCE: Final = "BUDGET"
_DAY: Final = timedelta(days=1)


class BudgetChecks:
    """What the scheduler asks and has done: every midnight, UTC."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def due(self, after: datetime, until: datetime) -> Iterator[Due]:
        """The next midnight, where there is a limit to look at."""
        midnight = after.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
        if midnight <= until and any(self._limited()):
            yield Due(KIND, midnight, "daily check")

    def _limited(self) -> Iterator[Record]:
        for budget in facts.all_budgets(self._account.store):
            if fact(budget, facts.LIMIT) != facts.NO_LIMIT:
                yield budget

    def run(self, due: Due) -> Ran:
        """Look at each budget; the first day of a month has nothing to go by."""
        self._account.warehouses.settle_all()
        told = [budget.name for budget in list(self._limited()) if self._check(budget, due.at)]
        return Ran(due, "TOLD" if told else "CHECKED", ", ".join(told))

    def _check(self, budget: Record, now: datetime) -> bool:
        limit, threshold = fact(budget, facts.LIMIT), fact(budget, facts.THRESHOLD)
        expected = projected(self._account, budget, now)
        if fact(budget, facts.MUTED) or expected <= limit * threshold / 100:
            return False
        self._tell(budget, expected, limit)
        return True

    def _tell(self, budget: Record, expected: float, limit: int) -> None:
        name = dotted(budget.path)
        percent = round(expected / limit * 100)
        text = (
            f"Account {self._account.identity.name}: budget {name} is projected to spend "
            f"{expected:.2f} credits this month, {percent}% of its limit of {limit}."
        )
        subject = f"Budget {budget.name}: {percent}% of its limit projected"
        try:
            self._mail(budget, subject, text)
        except SnowflakeError as error:
            self._failed(fact(budget, facts.EMAIL_INTEGRATION), error)
        facts_of_it = {"budget": name, "projected_credits": round(expected, 2), "limit": limit}
        for integration in fact(budget, facts.INTEGRATIONS):
            self._publish(budget, integration, text, json.dumps(facts_of_it))

    def _mail(self, budget: Record, subject: str, text: str) -> None:
        addresses = tuple(
            part.strip() for part in fact(budget, facts.EMAIL).split(",") if part.strip()
        )
        if not addresses:
            return
        integration = fact(budget, facts.EMAIL_INTEGRATION)
        if integration:
            target = Target(integration, subject, addresses)
            sending.send(self._context(), Message("text/plain", text), target, source=_SOURCE)
            return
        message = Delivery("email", "", addresses, text, subject=subject)
        sending.deliver(self._context(), message)
        self._account.notifications.add(Attempt(self._account.now(), _SOURCE, ""))

    def _publish(self, budget: Record, integration: str, text: str, as_json: str) -> None:
        """Queues get JSON, webhooks the sentence."""
        context = self._context()
        try:
            queue = sending.integration(context, integration).properties["TYPE"] == "QUEUE"
            message = Message("application/json", as_json) if queue else Message("text/plain", text)
            sending.send(context, message, Target(integration), source=_SOURCE)
        except SnowflakeError as error:
            self._failed(integration, error)
            return
        kept = dict(fact(budget, facts.INTEGRATIONS))
        kept[integration] = [kept[integration][0], self._account.now().isoformat()]
        budget.properties[facts.INTEGRATIONS] = kept
        with self._account.store.transaction():
            self._account.store.save(budget)

    def _failed(self, integration: str, error: SnowflakeError) -> None:
        attempt = Attempt(self._account.now(), _SOURCE, integration, error.message)
        self._account.notifications.add(attempt)

    def _context(self) -> Context:
        session = self._account.system_session()
        session.data.close()
        return Context(self._account, session, Statement("", "", "", self._account.now()))
