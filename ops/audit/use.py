"""Rules on what happened: roles and grants that nobody uses.

A session's secondary roles are not in the history: whoever works with a role as a secondary one
only is told of all the same, which is why these findings are advice.

https://docs.snowflake.com/en/sql-reference/account-usage/query_history
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from infra.model.rules.holders import ADMINISTRATORS
from infra.model.rules.item import Item, Kind
from infra.model.rules.judging import Finding
from infra.model.rules.reach import GRANTS_ARE_USED, ROLES_ARE_USED
from infra.model.rules.rule import Ground
from ops.access.facts import Facts
from ops.access.names import PrincipalKind
from ops.audit.live import Account

SYSTEM: Final = ADMINISTRATORS | {"PUBLIC"}


def findings(account: Account, access: Facts, ground: Ground, now: datetime) -> Iterator[Finding]:
    """Roles and grants older than the limit that nobody worked with in that time."""
    if account.used is None:
        return
    old = now - timedelta(days=account.used.since_days)
    roles_used = {role for _, role in account.used.pairs}
    carriers = {one.name for one in access.carriers}
    for number, principal in enumerate(access.principals):
        name = principal.name
        if principal.kind is PrincipalKind.ROLE:
            severity = ROLES_ARE_USED.severity_in(ground.name)
            quiet = name not in roles_used | carriers | SYSTEM
            if severity is not None and quiet and _older(account, f"role {name}", old):
                item = Item(Kind.ROLE, name, {}, f"roles.{name}")
                words = f"nobody has worked with it for {account.used.since_days} days."
                yield Finding(ROLES_ARE_USED, severity, item, words)
        elif principal.kind is PrincipalKind.USER and _older(account, f"user {name}", old):
            severity = GRANTS_ARE_USED.severity_in(ground.name)
            for child in access.roles_of[number]:
                role = access.principals[child].name
                if severity is None or role in SYSTEM or (name, role) in account.used.pairs:
                    continue
                item = Item(Kind.ROLE_GRANT, f"{role} to {name}", {})
                words = f"{name} has not worked with it for {account.used.since_days} days."
                yield Finding(GRANTS_ARE_USED, severity, item, words)


def _older(account: Account, key: str, than: datetime) -> bool:
    made = account.born.get(key)
    return made is not None and made < than
