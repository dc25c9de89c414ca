"""All rules. A new one is an entry in its topic's module and a row in its test."""

from typing import Final

from infra.model.rules import (
    access,
    account,
    compute,
    continuity,
    duties,
    logins,
    order,
    replication,
    storage,
)
from infra.model.rules.reach import AUDITED
from infra.model.rules.rule import Rule

RULES: Final[tuple[Rule, ...]] = (
    *access.RULES,
    *duties.RULES,
    *logins.RULES,
    *compute.RULES,
    *storage.RULES,
    *account.RULES,
    *continuity.RULES,
    *replication.RULES,
    *order.RULES,
)
"""What the policy pack and the audit both judge."""

EVERY: Final[tuple[Rule, ...]] = (*RULES, *AUDITED)
