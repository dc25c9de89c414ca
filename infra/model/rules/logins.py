"""Logins: who gets in, from where, and how they prove who they are.

What only an account knows (second factors, last logins) is absent from declared items, and passed
over there.

https://docs.snowflake.com/en/user-guide/security-mfa-rollout
"""

from collections.abc import Iterator, Sequence
from typing import Final

from infra.model.rules.holders import bare
from infra.model.rules.item import UNKNOWN, Item, Kind, is_set, known, of_kind
from infra.model.rules.rule import Ground, Rule, Severity, Topic, Violation

SERVICE: Final = "SERVICE"
LEGACY: Final = "LEGACY_SERVICE"
EVERYWHERE: Final = frozenset({"0.0.0.0/0", "::/0"})
LEAST_LETTERS: Final = 14
MOST_TRIES: Final = 5
LEAST_LOCKOUT: Final = 15
LENDING: Final = frozenset({"ACCOUNTADMIN", "SECURITYADMIN"})
USERS_PAGE: Final = "https://docs.snowflake.com/en/user-guide/admin-user-management#types-of-users"


def is_legacy(item: Item, _ground: Ground) -> Iterator[str]:
    """A user of the type that Snowflake takes away."""
    if _type(item) == LEGACY:
        yield "its type is LEGACY_SERVICE, which Snowflake converts and strips of its password."


def has_password(item: Item, _ground: Ground) -> Iterator[str]:
    """Somebody who could log in with a password."""
    # A password that is not known yet is a password all the same.
    if item.get("password") or is_set(item.get("has_password")):
        yield "a program has a password." if _is_program(item) else "it has a password."


def lacks_second_factor(item: Item, _ground: Ground) -> Iterator[str]:
    """A person with a password and nothing else."""
    second = item.get("has_mfa"), item.get("ext_authn_duo")
    if _is_program(item) or is_set(item.get("disabled")) or not is_set(item.get("has_password")):
        return
    if known(*second) and not any(map(is_set, second)) and "has_mfa" in item.properties:
        yield "it logs in with a password alone."


def has_no_key(item: Item, _ground: Ground) -> Iterator[str]:
    """A program that has nothing to prove who it is with."""
    ways = ("rsa_public_key", "rsa_public_key2", "default_workload_identity", "has_rsa_public_key")
    given = [item.get(way) for way in ways]
    if _type(item) == SERVICE and known(*given) and not any(w and w != "false" for w in given):
        yield "it has neither a public key nor a workload identity."


def comes_from_anywhere(item: Item, _ground: Ground) -> Iterator[str]:
    """A program that no network policy holds."""
    if _is_program(item) and "network_policy" in item.properties:
        policy = item.get("network_policy")
        if policy is not UNKNOWN and not policy:
            yield "no network policy says where it may come from."


def starts_as_administrator(item: Item, _ground: Ground) -> Iterator[str]:
    """Somebody whose every session begins with all power."""
    role = item.get("default_role")
    if isinstance(role, str) and bare(role) in LENDING:
        yield f"its default role is {bare(role)}."


def sleeps(item: Item, ground: Ground) -> Iterator[str]:
    """Somebody who has not logged in for long and still could."""
    days, most = item.get("days_without_login"), ground.environment.limits.login_days
    if isinstance(days, int | float) and days > most and not is_set(item.get("disabled")):
        yield f"nobody has logged in as it for {int(days)} days; the limit is {most}."


def is_weak(item: Item, _ground: Ground) -> Iterator[str]:
    """A password policy under which guessing pays."""
    letters, tries = item.get("min_length"), item.get("max_retries")
    lockout = item.get("lockout_time_mins")
    if isinstance(letters, int | float) and letters < LEAST_LETTERS:
        yield f"it lets passwords of {int(letters)} characters pass; the least is {LEAST_LETTERS}."
    if isinstance(tries, int | float) and tries > MOST_TRIES:
        yield f"it allows {int(tries)} tries; the most is {MOST_TRIES}."
    if isinstance(lockout, int | float) and lockout < LEAST_LOCKOUT:
        yield f"it locks for {int(lockout)} minutes; the least is {LEAST_LOCKOUT}."


def lets_everybody_in(item: Item, _ground: Ground) -> Iterator[str]:
    """A list that holds every address there is."""
    for key in ("allowed_ip_lists", "value_lists", "allowed_ip_list"):
        values = item.get(key, ())
        if values is not UNKNOWN and EVERYWHERE & set(values) and item.get("mode") != "EGRESS":
            yield "it names every address there is."
    for key in ("blocked_ip_lists", "blocked_ip_list"):
        values = item.get(key, ())
        if values is not UNKNOWN and EVERYWHERE & set(values):
            yield "it blocks every address, and only Snowflake's support can undo that."


def administrators_have_addresses(items: Sequence[Item], _ground: Ground) -> Iterator[Violation]:
    """Account administrators whom no message reaches."""
    users = {bare(item.name): item for item in of_kind(items, Kind.USER)}
    for item in of_kind(items, Kind.ROLE_GRANT):
        user = users.get(bare(str(item.get("to_user", ""))))
        if bare(str(item.get("role"))) != "ACCOUNTADMIN" or user is None:
            continue
        if not user.get("email") and not _is_program(user):
            yield Violation(user, "it has ACCOUNTADMIN and no e-mail address.")


def administrators_are_few(items: Sequence[Item], ground: Ground) -> Iterator[Violation]:
    """Too many account administrators, or one alone. Only an account knows all of them."""
    users = {bare(item.name): item for item in of_kind(items, Kind.USER)}
    if not any("has_mfa" in item.properties for item in users.values()):
        return
    names = {
        bare(str(item.get("to_user")))
        for item in of_kind(items, Kind.ROLE_GRANT)
        if bare(str(item.get("role"))) == "ACCOUNTADMIN" and item.get("to_user")
    }
    active = sorted(n for n in names & set(users) if not is_set(users[n].get("disabled")))
    least, most = ground.environment.limits.account_admins
    if active and not least <= len(active) <= most:
        words = f"{len(active)} have ACCOUNTADMIN ({', '.join(active)}); {least} to {most} should."
        yield Violation(users[active[0]], words)


def _type(item: Item) -> str:
    kind = item.get("type", "")
    return "" if kind is UNKNOWN else str(kind).upper()


def _is_program(item: Item) -> bool:
    return _type(item) in (SERVICE, LEGACY)


RULES: Final = (
    Rule(
        id="no-legacy-service-users",
        title="No user has the type LEGACY_SERVICE",
        why="Snowflake ends the type: its users become SERVICE and lose their passwords overnight.",
        remedy="Declare it under service_users, with a key pair.",
        source="https://docs.snowflake.com/en/user-guide/security-mfa-rollout",
        topic=Topic.LOGINS,
        severity=Severity.HIGH,
        kinds=(Kind.USER,),
        each=is_legacy,
        cis="1.6",
    ),
    Rule(
        id="nobody-has-a-password",
        title="People log in by single sign-on and programs by key, nobody with a password",
        why="Stolen passwords opened some 165 accounts in 2024.",
        remedy="Leave the password away: people by single sign-on, programs by key pair.",
        source="https://docs.snowflake.com/en/user-guide/security-mfa-rollout",
        topic=Topic.LOGINS,
        severity=Severity.HIGH,
        # The sandbox has no identity provider to sign on with.
        elsewhere={"local": None},
        kinds=(Kind.USER,),
        each=has_password,
        cis="1.3",
    ),
    Rule(
        id="people-have-a-second-factor",
        title="Whoever logs in with a password has a second factor",
        why="A password alone is one leaked file away from everybody.",
        remedy="Let the person enrol in MFA, or take the password away.",
        source="https://docs.snowflake.com/en/user-guide/security-mfa",
        topic=Topic.LOGINS,
        severity=Severity.CRITICAL,
        # The sandbox has no second factors.
        elsewhere={"local": None},
        kinds=(Kind.USER,),
        each=lacks_second_factor,
        cis="1.4",
    ),
    Rule(
        id="programs-have-a-key",
        title="Programs log in with a key pair or a workload identity",
        why="A service user without either cannot log in, or does it in a way nobody declared.",
        remedy="Make its key: leap keys rotate NAME.",
        source="https://docs.snowflake.com/en/user-guide/key-pair-auth",
        topic=Topic.LOGINS,
        # Before its first key a program can do no harm, and a key may come after the user.
        severity=Severity.LOW,
        kinds=(Kind.USER,),
        each=has_no_key,
        cis="1.6",
    ),
    Rule(
        id="programs-come-from-known-places",
        title="A network policy says where each program may come from",
        why="A stolen key works from anywhere, unless somebody said from where.",
        remedy="Name a network_policy at the service user in environments/.",
        source="https://docs.snowflake.com/en/user-guide/network-policies",
        topic=Topic.LOGINS,
        severity=Severity.MEDIUM,
        kinds=(Kind.USER,),
        each=comes_from_anywhere,
        cis="3.2",
    ),
    Rule(
        id="nobody-starts-as-administrator",
        title="Nobody's default role is ACCOUNTADMIN or SECURITYADMIN",
        why="Every forgotten session, script and tool would then run with all power.",
        remedy="Give it a default role that it works in; administering is a step of its own.",
        source="https://docs.snowflake.com/en/user-guide/security-access-control-considerations#using-the-accountadmin-role",
        topic=Topic.LOGINS,
        severity=Severity.HIGH,
        kinds=(Kind.USER,),
        each=starts_as_administrator,
        cis="1.12",
    ),
    Rule(
        id="sleepers-are-locked",
        title="Whoever has not logged in for long is disabled",
        why="Nobody notices who uses a login that its owner forgot.",
        remedy="Disable the user: ALTER USER … SET DISABLED = TRUE.",
        source=USERS_PAGE,
        topic=Topic.LOGINS,
        severity=Severity.MEDIUM,
        kinds=(Kind.USER,),
        each=sleeps,
        cis="1.8",
    ),
    Rule(
        id="passwords-are-strong",
        title="Password policies ask for length, and lock after few tries",
        why="Short passwords are guessed, and unlimited tries find them.",
        remedy="Set min_length, max_retries and lockout_time_mins under password_policies.",
        source="https://docs.snowflake.com/en/user-guide/password-authentication",
        topic=Topic.LOGINS,
        severity=Severity.MEDIUM,
        kinds=(Kind.PASSWORD_POLICY,),
        each=is_weak,
        cis="1.5",
    ),
    Rule(
        id="networks-are-bounded",
        title="No network rule or policy names every address",
        why="Allowing everything is no policy; blocking everything locks the account for good.",
        remedy="Name the ranges that are yours under network.groups.",
        source="https://docs.snowflake.com/en/user-guide/network-policies",
        topic=Topic.LOGINS,
        severity=Severity.HIGH,
        kinds=(Kind.NETWORK_POLICY, Kind.NETWORK_RULE),
        each=lets_everybody_in,
        cis="3.1",
    ),
    Rule(
        id="administrators-can-be-reached",
        title="Every account administrator has an e-mail address",
        why="Snowflake tells administrators what matters by e-mail.",
        remedy="Set the user's e-mail address.",
        source=USERS_PAGE,
        topic=Topic.LOGINS,
        severity=Severity.LOW,
        whole=administrators_have_addresses,
        cis="1.11",
    ),
    Rule(
        id="few-account-admins",
        title="Some, but few, have ACCOUNTADMIN",
        why="One alone can be locked out; each further one is another way in.",
        remedy="Grant or revoke it until limits.account_admins holds.",
        source="https://docs.snowflake.com/en/user-guide/security-access-control-considerations#control-the-assignment-of-the-accountadmin-role-to-users",
        topic=Topic.LOGINS,
        severity=Severity.MEDIUM,
        # The sandbox has one administrator, whose password is in the clone.
        elsewhere={"local": None},
        whole=administrators_are_few,
        cis="1.10",
    ),
)
