"""The grants that go with a dropped object, in a form that can be kept and given back.

Roles that are gone by then get nothing back, and a grant of theirs is told as Snowflake's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sandbox.snowflake.access.grant import ACCOUNT, FutureGrant, Grant, Membership
from sandbox.snowflake.access.grants import Grants
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store

Keepsake = dict[str, Any]


def taken(grants: Grants, records: Iterable[Record]) -> Keepsake:
    """All grants on, to, of and by the objects, and the future grants inside them."""
    held: dict[Any, Grant] = {}
    future: dict[Any, FutureGrant] = {}
    members: dict[Any, Membership] = {}
    privileges, hierarchy = grants.privileges, grants.hierarchy
    for item in records:
        for grant in (*privileges.on(item.id), *privileges.to(item.id), *privileges.by(item.id)):
            held[grant.key] = grant
        for coming in (*grants.future.within(item.id), *grants.future.to(item.id)):
            future[coming.key] = coming
        for member in (*hierarchy.of(item.id), *hierarchy.to(item.id)):
            members[member.role, member.grantee] = member
    return {
        "grants": [[*row.key, row.option, row.created_on.isoformat()] for row in held.values()],
        "future": [[*row.key, row.option, row.created_on.isoformat()] for row in future.values()],
        "members": [
            [row.role, row.grantee, row.grantor, row.created_on.isoformat()]
            for row in members.values()
        ],
    }


def given_back(grants: Grants, store: Store, kept: Keepsake) -> None:
    """Put the grants back whose two sides stand (again)."""

    def stands(*ids: int) -> bool:
        return all(one == ACCOUNT or store.get(one) is not None for one in ids)

    for object_, privilege, grantee, grantor, option, created in kept["grants"]:
        if stands(object_, grantee):
            by = grantor if grantor and stands(grantor) else None
            moment = datetime.fromisoformat(created)
            grants.privileges.put(Grant(object_, privilege, grantee, by, option, moment))
    for container, type_, privilege, grantee, option, created in kept["future"]:
        if stands(container, grantee):
            moment = datetime.fromisoformat(created)
            grants.future.put(FutureGrant(container, type_, privilege, grantee, option, moment))
    for role, grantee, grantor, created in kept["members"]:
        if stands(role, grantee):
            by = grantor if grantor and stands(grantor) else None
            grants.hierarchy.put(Membership(role, grantee, by, datetime.fromisoformat(created)))


def copied(grants: Grants, source: Record, target: Record, ids: dict[int, int]) -> None:
    """Give a clone the grants on its source; `ids` says what else was cloned with it."""
    for grant in grants.privileges.on(source.id):
        grantee = ids.get(grant.grantee, grant.grantee)
        grants.privileges.put(replace(grant, object=target.id, grantee=grantee))


def copied_future(grants: Grants, source: Record, target: Record, ids: dict[int, int]) -> None:
    """Give a cloned schema the future grants of its source."""
    for coming in grants.future.within(source.id):
        grantee = ids.get(coming.grantee, coming.grantee)
        grants.future.put(replace(coming, container=target.id, grantee=grantee))
