"""Who comes to hold what through roles: the way up from a grant to whoever has it.

Made of the items of one deployment or account. The system's administrators are where every way
ends: they hold everything by design, and rules of their own count them.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from infra.model.rules.item import UNKNOWN, Item, Kind, of_kind

ADMINISTRATORS: Final = frozenset(
    {"ACCOUNTADMIN", "ORGADMIN", "GLOBALORGADMIN", "SECURITYADMIN", "SYSADMIN", "USERADMIN"}
)
"""https://docs.snowflake.com/en/user-guide/security-access-control-overview#system-defined-roles"""


class Holder(NamedTuple):
    """Somebody who holds a grant: a role, or a user."""

    name: str
    is_user: bool
    way: tuple[str, ...]
    """From the holder, role by role, to the one that the grant was made to."""
    by: Item
    """The grant that let this holder in: the last step of the way up."""


class Holders:
    """The role grants of some items, to be walked upwards."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._above: dict[str, list[tuple[str, bool, Item]]] = {}
        for item in of_kind(items, Kind.ROLE_GRANT):
            role = item.get("role")
            for key in ("to_role", "to_user"):
                to = item.get(key)
                if isinstance(role, str) and isinstance(to, str) and to:
                    self._above.setdefault(bare(role), []).append(
                        (bare(to), key == "to_user", item)
                    )

    def of(self, grant: Item) -> Iterator[Holder]:
        """Everybody who holds a grant, nearest first; the way ends at administrators."""
        first = grant.get("role")
        if first is UNKNOWN or not isinstance(first, str) or not first:
            return
        waiting = deque([Holder(bare(first), False, (bare(first),), grant)])
        seen = {(bare(first), False)}
        while waiting:
            holder = waiting.popleft()
            if holder.name in ADMINISTRATORS and not holder.is_user:
                continue
            yield holder
            if holder.is_user:
                continue
            for name, is_user, by in self._above.get(holder.name, ()):
                if (name, is_user) not in seen:
                    seen.add((name, is_user))
                    waiting.append(Holder(name, is_user, (name, *holder.way), by))


def bare(name: str) -> str:
    """A name without the quotes that a state may keep."""
    return name.strip('"')
