"""Reports to write, and an account that tells what a test says."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from infra.model.exemption import Exemption
from infra.model.rules.catalogue import RULES
from infra.model.rules.item import Kind
from infra.model.rules.judging import judge
from infra.model.rules.rule import Ground, Severity
from ops.audit.live import RefusedError
from ops.audit.report import Report, Unseen
from policies.facts import ground
from tests.policies.estate import broken

TODAY = date(2026, 12, 1)


@pytest.fixture
def prod() -> Ground:
    """The shipped facts of production."""
    return ground("prod")


@pytest.fixture
def report(prod: Ground) -> Report:
    """One finding, one excused, and something that could not be read."""
    excuse = Exemption(
        rule="statements-end",
        objects=("BI_*",),
        reason="The board's <yearly> report",
        owner="data-platform",
        until="2026-12-31",
    )
    facts = prod.environment.model_copy(update={"exceptions": {"BOARD": excuse}})
    items = broken(Kind.WAREHOUSE, "BI_WH", auto_suspend=86400, statement_timeout_in_seconds=90000)
    judgement = judge(RULES, items, Ground(facts, "prod"), TODAY)
    unread = (Unseen("SHOW USERS", "Insufficient privileges"),)
    return Report("prod", "live account (sandbox)", judgement, Severity.MEDIUM, TODAY, unread)


@pytest.fixture
def telling() -> Callable[[Mapping[str, Any]], Callable[[str], Sequence[Mapping[str, Any]]]]:
    """An account: rows by the beginning of the statement; an exception is a refusal."""

    def account(rows: Mapping[str, Any]) -> Callable[[str], Sequence[Mapping[str, Any]]]:
        def ask(statement: str) -> Sequence[Mapping[str, Any]]:
            for beginning, answer in rows.items():
                if statement.startswith(beginning):
                    if isinstance(answer, str):
                        raise RefusedError(answer)
                    return list(answer)
            return []

        return ask

    return account
