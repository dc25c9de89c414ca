"""Access as a whole: who comes to write what, through whatever roles.

Loading, building and administering are three duties: whoever has two of them can forge data and
hide that it was forged. `GOVERNANCE` and `OPERATIONS` are nobody's product and are left out.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, Final

from infra.model.access import RoleKind
from infra.model.grants import access_roles
from infra.model.rules.holders import ADMINISTRATORS, Holder, Holders, bare
from infra.model.rules.item import UNKNOWN, Item, Kind, of_kind
from infra.model.rules.rule import Ground, Rule, Severity, Topic, Violation

WRITING: Final = frozenset(
    {"ALL PRIVILEGES", "DELETE", "INSERT", "OWNERSHIP", "TRUNCATE", "UPDATE"}
)
MAKING: Final = frozenset({"ALL PRIVILEGES", "CREATE TABLE", "OWNERSHIP"})
GIVING: Final = frozenset({"CREATE ROLE", "CREATE USER", "MANAGE GRANTS"})
TABLES: Final = frozenset({"TABLE", "VIEW", "DYNAMIC TABLE", "EXTERNAL TABLE", "ICEBERG TABLE"})


class Duty(StrEnum):
    """What must not be in one hand."""

    LOADS = "loads raw data"
    BUILDS = "builds on it"
    GIVES = "makes roles or grants"


def raw_has_one_writer(items: Sequence[Item], ground: Ground) -> Iterator[Violation]:
    """Roles that come to write where files land, and are not those whose work it is."""
    allowed = _allowed(ground)
    holders = Holders(items)
    told: set[str] = set()
    for grant in _writing(items, {ground.environment.landing.schema_}):
        for holder in holders.of(grant):
            if holder.is_user or holder.name in allowed or holder.name in told:
                continue
            told.add(holder.name)
            yield Violation(holder.by, f"{_way(holder, grant)}.")


def people_hold_no_service_role(items: Sequence[Item], ground: Ground) -> Iterator[Violation]:
    """People with a role that was made for a program."""
    environment = ground.environment
    service = {
        ground.named(name)
        for name, role in environment.roles.items()
        if role.kind is RoleKind.SERVICE
    }
    programs = {bare(item.name) for item in of_kind(items, Kind.USER) if _is_program(item)}
    for item in of_kind(items, Kind.ROLE_GRANT):
        role, user = item.get("role"), item.get("to_user")
        if not (isinstance(role, str) and isinstance(user, str) and user):
            continue
        if bare(role) in service and bare(user) not in programs:
            yield Violation(
                item, f"{bare(user)} is a person, and {bare(role)} is a program's role."
            )


def duties_are_apart(items: Sequence[Item], ground: Ground) -> Iterator[Violation]:
    """Roles and people with two duties."""
    carriers = {role.name for role in access_roles(ground.environment)}
    holders = Holders(items)
    found: dict[tuple[str, bool], dict[Duty, tuple[Holder, Item]]] = {}
    for duty, grant in _duties(items, ground):
        for holder in holders.of(grant):
            if holder.name not in carriers:
                duties = found.setdefault((holder.name, holder.is_user), {})
                duties.setdefault(duty, (holder, grant))
    administrators = _administrators(items)
    for (name, is_user), duties in sorted(found.items()):
        passed = is_user and (name in administrators or _inherits(name, found, items))
        if len(duties) > 1 and not passed:
            ways = "; ".join(f"{duty}: {_way(*duties[duty])}" for duty in sorted(duties))
            last = max(duties.values(), key=lambda held: len(held[0].way))[0].by
            yield Violation(last, f"{name} {' and '.join(sorted(duties))} ({ways}).")


def _inherits(
    user: str, found: dict[tuple[str, bool], dict[Duty, tuple[Holder, Item]]], items: Sequence[Item]
) -> bool:
    """Whether one role of the user has two duties already: then the role is what is reported."""
    roles = (i.get("role") for i in of_kind(items, Kind.ROLE_GRANT) if i.get("to_user") == user)
    return any(len(found.get((bare(str(role)), False), {})) > 1 for role in roles)


def _duties(items: Sequence[Item], ground: Ground) -> Iterator[tuple[Duty, Item]]:
    environment = ground.environment
    landing = environment.landing.schema_
    aside = {landing, environment.governance.schema_, environment.operations.schema_}
    built = set(environment.database.schemas) - aside
    yield from ((Duty.LOADS, grant) for grant in _writing(items, {landing}))
    yield from ((Duty.BUILDS, grant) for grant in _writing(items, built))
    for grant in of_kind(items, Kind.GRANT):
        if grant.get("on") == "ACCOUNT" and _any(grant, GIVING):
            yield Duty.GIVES, grant


def _writing(items: Sequence[Item], schemas: set[str]) -> Iterator[Item]:
    """Grants that let their holder write into one of the schemas."""
    for grant in of_kind(items, Kind.GRANT, Kind.OWNERSHIP):
        path = grant.get("path", ())
        if len(path) < 2 or path[1] not in schemas:
            continue
        on = grant.get("on")
        wanted = MAKING if on == "SCHEMA" else WRITING if on in TABLES else frozenset[str]()
        if _any(grant, wanted):
            yield grant


def _any(grant: Item, wanted: frozenset[str]) -> bool:
    privileges: Any = grant.get("privileges", ())
    return privileges is not UNKNOWN and bool(wanted & set(privileges))


def _allowed(ground: Ground) -> set[str]:
    """Who may write where files land, and the roles that carry the right to them."""
    environment = ground.environment
    writers = {ground.named(name) for name in environment.limits.raw_writers}
    return writers | {role.name for role in access_roles(environment)}


def _administrators(items: Sequence[Item]) -> set[str]:
    """People who have an administrator's role: rules of their own count them."""
    return {
        bare(str(item.get("to_user")))
        for item in of_kind(items, Kind.ROLE_GRANT)
        if item.get("to_user") and bare(str(item.get("role"))) in ADMINISTRATORS
    }


def _is_program(user: Item) -> bool:
    return str(user.get("type", "")).upper() in ("SERVICE", "LEGACY_SERVICE")


def _way(holder: Holder, grant: Item) -> str:
    privileges: Any = grant.get("privileges", ())
    held = ", ".join(sorted((WRITING | MAKING | GIVING) & set(privileges)))
    place = ".".join(grant.get("path", ())) or "the account"
    return f"{' → '.join(holder.way)} has {held} on {str(grant.get('on')).lower()} {place}"


RULES: Final = (
    Rule(
        id="raw-has-one-writer",
        title="Nobody but the loader writes where files land",
        why="What arrived is the only proof of what was sent; whoever can change it can forge all.",
        remedy="Take the role or the level away; only limits.raw_writers may have it.",
        source="https://docs.snowflake.com/en/user-guide/security-access-control-considerations",
        topic=Topic.ACCESS,
        severity=Severity.CRITICAL,
        whole=raw_has_one_writer,
    ),
    Rule(
        id="duties-are-apart",
        title="Nobody loads and builds, or builds and grants",
        why="With two of these duties one can forge data and give oneself the means to hide it.",
        remedy="Give one of the duties to another role.",
        source="https://docs.snowflake.com/en/user-guide/security-access-control-considerations",
        topic=Topic.ACCESS,
        severity=Severity.HIGH,
        whole=duties_are_apart,
    ),
    Rule(
        id="people-hold-no-service-role",
        title="People have no role that was made for a program",
        why="Such a role is reviewed and held to networks as a program's; a person goes past that.",
        remedy="Give the person a functional role.",
        source="https://docs.snowflake.com/en/user-guide/admin-user-management#types-of-users",
        topic=Topic.ACCESS,
        severity=Severity.HIGH,
        # The sandbox has one person to log in as for each role, programs' too.
        elsewhere={"local": None},
        whole=people_hold_no_service_role,
    ),
)
