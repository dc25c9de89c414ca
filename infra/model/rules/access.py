"""Access: who is given what, one grant at a time.

https://docs.snowflake.com/en/user-guide/security-access-control-considerations
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from infra.model.rules.holders import ADMINISTRATORS, bare
from infra.model.rules.item import UNKNOWN, Item, Kind, is_set, known, of_kind
from infra.model.rules.rule import Ground, Rule, Severity, Topic, Violation

GRANTED: Final = (Kind.GRANT, Kind.OWNERSHIP)
LENDING: Final = frozenset({"ACCOUNTADMIN", "SECURITYADMIN"})
"""Roles that can give anything to anybody."""
LASTING: Final = frozenset(
    {"DATABASE", "SCHEMA", "WAREHOUSE", "ROLE", "USER", "INTEGRATION", "RESOURCE MONITOR"}
    | {"NETWORK POLICY", "MASKING POLICY", "ROW ACCESS POLICY", "TAG"}
)
"""Kinds whose owner decides about others. Tables belong to whoever builds them."""
_GRANTING: Final = re.compile(r"^\s*(GRANT|REVOKE)\b|\bGRANT\b[^;]*\bTO\s+(ROLE|USER)\b", re.I)


def to_a_person(item: Item, _ground: Ground) -> Iterator[str]:
    """A privilege that was given to a user and not to a role."""
    user = item.get("user")
    if isinstance(user, str) and user:
        yield f"{_listed(item)} is granted to the user {user}."


def to_public(item: Item, _ground: Ground) -> Iterator[str]:
    """Something that everybody in the account gets."""
    to = item.get("to_role") if item.kind is Kind.ROLE_GRANT else item.get("role")
    if isinstance(to, str) and bare(to) == "PUBLIC":
        yield f"{_listed(item)} is granted to PUBLIC, which everybody has."


def to_account_administrators(item: Item, _ground: Ground) -> Iterator[str]:
    """A privilege for a role that has everything it needs from the system."""
    role = item.get("role")
    if item.kind is Kind.GRANT and isinstance(role, str) and bare(role) in LENDING:
        yield f"{_listed(item)} is granted to {bare(role)}."


def of_administrators(item: Item, _ground: Ground) -> Iterator[str]:
    """A custom role that has an administrator's role."""
    role, to = item.get("role"), item.get("to_role")
    if not (isinstance(role, str) and isinstance(to, str) and to):
        return
    if bare(role) in LENDING and bare(to) not in ADMINISTRATORS:
        yield f"{bare(role)} is granted to the role {bare(to)}."


def of_ownership(item: Item, ground: Ground) -> Iterator[str]:
    """Ownership of something lasting by a role that administers nothing."""
    role = item.get("role")
    if not isinstance(role, str) or item.get("on") not in LASTING or not role:
        return
    deployer = ground.named(ground.environment.workspaces.deployer)
    if bare(role) == deployer and item.get("on") in ("SCHEMA", "ROLE"):
        return
    if bare(role) not in ADMINISTRATORS:
        yield f"{bare(role)} owns it, and decides who else gets at it."


def is_wide(item: Item, _ground: Ground) -> Iterator[str]:
    """All privileges there are, or the right to hand a privilege on."""
    privileges = item.get("privileges", ())
    if privileges is not UNKNOWN and {"ALL", "ALL PRIVILEGES"} & set(privileges):
        yield "it gives all privileges, also those that Snowflake will invent."
    option = item.get("with_grant_option")
    if known(option) and is_set(option):
        yield "whoever has it may hand it on, past every review."


def by_statement(item: Item, _ground: Ground) -> Iterator[str]:
    """A statement of our own that grants: no rule and no access diff sees what it gives."""
    for key in ("execute", "revert"):
        text = item.get(key)
        if isinstance(text, str) and _GRANTING.search(text):
            yield f"its {key} statement grants or revokes, unseen by every other rule."


def at_two_levels(items: Sequence[Item], _ground: Ground) -> Iterator[Violation]:
    """Future grants on a type at a schema that hide those at its database."""
    future = [i for i in of_kind(items, Kind.GRANT) if i.get("scope") == "FUTURE"]
    databases = {(i.get("on"), i.get("path")[0]): i for i in future if len(i.get("path")) == 2}
    for item in future:
        wider = databases.get((item.get("on"), item.get("path")[0]))
        if len(item.get("path")) == 3 and wider is not None:
            yield Violation(item, f"it hides the database's own future grant ({wider.name}).")


def _listed(item: Item) -> str:
    if item.kind is Kind.ROLE_GRANT:
        return f"role {item.get('role')}"
    privileges = item.get("privileges", ())
    return "a privilege" if privileges is UNKNOWN else ", ".join(privileges) or "a privilege"


RULES: Final = (
    Rule(
        id="no-privilege-for-a-user",
        title="Privileges go to roles, never to users",
        why="What a person holds directly stays when their role changes, and no role shows it.",
        remedy="Grant it to a role, and the role to the person.",
        source="https://docs.snowflake.com/en/user-guide/security-access-control-overview",
        topic=Topic.ACCESS,
        severity=Severity.HIGH,
        kinds=GRANTED,
        each=to_a_person,
    ),
    Rule(
        id="nothing-for-public",
        title="Nothing is granted to PUBLIC",
        why="Everybody has PUBLIC, whoever joins tomorrow too.",
        remedy="Grant it to the role that needs it.",
        source="https://docs.snowflake.com/en/user-guide/security-access-control-overview#system-defined-roles",
        topic=Topic.ACCESS,
        severity=Severity.CRITICAL,
        kinds=(*GRANTED, Kind.ROLE_GRANT),
        each=to_public,
    ),
    Rule(
        id="nothing-for-accountadmin",
        title="Nothing is granted to ACCOUNTADMIN or SECURITYADMIN",
        why="Work that needs such a grant is work that should not be done as an administrator.",
        remedy="Grant it to a role of its own that rolls up to SYSADMIN.",
        source="https://docs.snowflake.com/en/user-guide/security-access-control-considerations#using-the-accountadmin-role",
        topic=Topic.ACCESS,
        severity=Severity.HIGH,
        kinds=(Kind.GRANT,),
        each=to_account_administrators,
    ),
    Rule(
        id="administrators-are-not-lent",
        title="No custom role has ACCOUNTADMIN or SECURITYADMIN",
        why="Whoever gets the custom role administers the account without anybody noticing.",
        remedy="Revoke it; grant the custom role only the privileges it needs.",
        source="https://docs.snowflake.com/en/user-guide/security-access-control-considerations",
        topic=Topic.ACCESS,
        severity=Severity.CRITICAL,
        kinds=(Kind.ROLE_GRANT,),
        each=of_administrators,
        cis="1.13",
    ),
    Rule(
        id="owners-are-administrators",
        title="Databases, schemas, warehouses, roles and policies belong to administrators",
        why="An owner may grant the object to anybody, and drop it.",
        remedy="Give ownership to SYSADMIN, USERADMIN or SECURITYADMIN.",
        source="https://docs.snowflake.com/en/user-guide/security-access-control-overview#ownership",
        topic=Topic.ACCESS,
        severity=Severity.HIGH,
        kinds=(Kind.OWNERSHIP,),
        each=of_ownership,
    ),
    Rule(
        id="grants-are-exact",
        title="A grant names its privileges, and cannot be handed on",
        why="ALL PRIVILEGES grows by itself; WITH GRANT OPTION makes anybody an administrator.",
        remedy="List the privileges; leave the grant option away.",
        source="https://docs.snowflake.com/en/sql-reference/sql/grant-privilege",
        topic=Topic.ACCESS,
        severity=Severity.MEDIUM,
        # A workspace's own role has everything on the workspace's own schema.
        elsewhere={"personal": None, "ci": None},
        kinds=(Kind.GRANT,),
        each=is_wide,
    ),
    Rule(
        id="grants-are-declared",
        title="No statement of our own grants anything",
        why="A grant inside a statement is in no diff, and no rule judges it.",
        remedy="Declare it under access in environments/.",
        source="https://docs.snowflake.com/en/sql-reference/sql/grant-privilege",
        topic=Topic.ACCESS,
        severity=Severity.HIGH,
        kinds=(Kind.STATEMENT,),
        each=by_statement,
    ),
    Rule(
        id="future-grants-at-one-level",
        title="Future grants on a type are at the schemas or at the database, not at both",
        why="A schema's future grants hide its database's: somebody silently loses access.",
        remedy="Keep the schema's.",
        source="https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#future-grants-on-database-or-schema-objects",
        topic=Topic.ACCESS,
        severity=Severity.MEDIUM,
        whole=at_two_levels,
    ),
)
