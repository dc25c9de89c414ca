"""In whose name a grant is made, and who may take one back.

https://docs.snowflake.com/en/sql-reference/sql/show-grants#usage-notes
"""

from __future__ import annotations

from sandbox.snowflake.access.grant import ACCOUNT, Grant
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context

MANAGE_GRANTS = "MANAGE GRANTS"


def grantor(context: Context, privilege: str, record: Record | None) -> int | None:
    """The owner if its role is active; else an active role with the grant option; else the owner.

    The last is the case of MANAGE GRANTS. What nobody owns is granted by the primary role.
    """
    access = context.account.access
    active = access.active_roles(context)
    owner = record.owner if record is not None else None
    if owner in active:
        return owner
    object_id = record.id if record is not None else ACCOUNT
    holders = sorted(
        grant.grantee
        for grant in access.privileges.on(object_id)
        if grant.privilege == privilege and grant.option and grant.grantee in active
    )
    primary = context.session.role_id
    if holders and owner is not None:
        return primary if primary in holders else holders[0]
    return owner if owner is not None else primary


def may_revoke(context: Context, grant: Grant) -> bool:
    """Whether a grant was made by an active role, or one that manages all grants is active."""
    access = context.account.access
    active = access.active_roles(context)
    return grant.grantor in active or access.privileges.holds(active, MANAGE_GRANTS, ACCOUNT)
