"""Access as the graph wants it, from the items of a state or a plan."""

from __future__ import annotations

from collections.abc import Sequence

from infra.model.rules.holders import bare
from infra.model.rules.item import UNKNOWN, Item, Kind, of_kind
from ops.access.facts import Facts
from ops.access.names import THE_ACCOUNT, Securable, role, user
from ops.access.privileges import ACCOUNT
from ops.access.system import add_system_roles


def facts_of(items: Sequence[Item], source: str) -> Facts:
    """Roles, users and grants; what is not known yet is left out."""
    facts = Facts(source)
    add_system_roles(facts)
    for item in of_kind(items, Kind.ROLE):
        facts.principal(role(bare(item.name)))
    for item in of_kind(items, Kind.USER):
        facts.principal(user(bare(item.name)))
    for item in of_kind(items, Kind.ROLE_GRANT):
        granted, to_role, to_user = (item.get(k) for k in ("role", "to_role", "to_user"))
        if isinstance(granted, str) and isinstance(to_role, str) and to_role:
            facts.grant_role(role(bare(granted)), role(bare(to_role)))
        if isinstance(granted, str) and isinstance(to_user, str) and to_user:
            facts.grant_role(role(bare(granted)), user(bare(to_user)))
    for item in of_kind(items, Kind.GRANT, Kind.OWNERSHIP):
        holder, privileges = item.get("role"), item.get("privileges", ())
        if not isinstance(holder, str) or not holder or privileges is UNKNOWN:
            continue
        on = item.get("on")
        securable = THE_ACCOUNT if on == ACCOUNT else Securable(str(on), tuple(item.get("path")))
        facts.grant(role(bare(holder)), privileges, securable)
    return facts
