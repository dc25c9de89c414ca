"""Every row of the table of rules: refused without, permitted with each thing that gives it.

The cases are made from the rows themselves; what a row says is what its page says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from sandbox.snowflake.access.granting import GRANT_RULES
from sandbox.snowflake.access.rules import ANY, CREATE, MANAGE_GRANTS, RULES, Rule
from sandbox.snowflake.errors import DoesNotExistError, InsufficientPrivilegesError

if TYPE_CHECKING:
    from tests.sandbox.guard.conftest import Guarded

_OWN = {(rule.kind, rule.asked) for rule in RULES}
_WORDS = frozenset(rule.asked for rule in RULES if rule.asked.islower())
"""What is asked and is no privilege."""


def _asked(rule: Rule) -> str:
    made = {"ACCOUNT": "DATABASE", "DATABASE": "SCHEMA", "SCHEMA": "TABLE"}
    return f"CREATE {made[rule.kind]}" if rule.asked == CREATE else rule.asked


def _ways(rule: Rule) -> Iterator[tuple[str, str]]:
    """Each thing that gives it: a privilege, and whether on the object or the account."""
    if rule.role:
        return
    if rule.kind != "ACCOUNT":
        yield "OWNERSHIP", "object"
    if _asked(rule) not in _WORDS and _asked(rule) != "OWNERSHIP":
        yield _asked(rule), "object"
    yield from ((privilege, "object") for privilege in rule.by)
    yield from ((privilege, "account") for privilege in rule.account)


CASES = [(rule, *way) for rule in RULES for way in _ways(rule)]


def _kind(rule: Rule) -> str:
    return rule.kind if rule.kind != ANY else "FILE FORMAT"


@pytest.mark.parametrize(
    ("rule", "privilege", "on"),
    CASES,
    ids=[f"{rule.kind or 'any'}-{rule.asked}-{way}" for rule, way, _ in CASES],
)
def test_what_a_row_names_gives_what_is_asked(
    guarded: Guarded, rule: Rule, privilege: str, on: str
) -> None:
    record = guarded.object(_kind(rule))
    asked = _asked(rule)
    guarded.open_containers(record)
    assert guarded.refused(asked, record) is not None
    guarded.give(privilege, record if on == "object" else None)
    assert guarded.refused(asked, record) is None


@pytest.mark.parametrize("rule", [r for r in RULES if r.role], ids=lambda rule: rule.asked)
def test_what_one_system_role_has_cannot_be_granted(guarded: Guarded, rule: Rule) -> None:
    record = guarded.object(rule.kind)
    for privilege in ("OWNERSHIP", rule.asked) if record else (rule.asked,):
        guarded.give(privilege, record)
    assert guarded.refused(rule.asked, record) is not None
    guarded.context.session.role_id = guarded.account.access.role_id(rule.role)
    assert guarded.refused(rule.asked, record) is None


@pytest.mark.parametrize("rule", [r for r in RULES if r.primary], ids=lambda rule: rule.asked)
def test_a_secondary_role_creates_nothing(guarded: Guarded, rule: Rule) -> None:
    record, session = guarded.object(rule.kind), guarded.context.session
    if not rule.role:
        guarded.open_containers(record)
        guarded.give(_asked(rule), record)
    else:
        admin = guarded.account.access.role_id(rule.role)
        assert admin is not None
        with guarded.account.store.transaction():
            guarded.account.access.grant_role(admin, session.user_id, granted_by=None)
        session.role_id = admin
    assert guarded.refused(_asked(rule), record) is None
    session.role_id = guarded.account.access.role_id("PUBLIC")
    session.secondary_roles = "ALL"
    assert guarded.refused(_asked(rule), record) is not None


@pytest.mark.parametrize(
    "rule",
    [r for r in RULES if r.kind not in (ANY, "ACCOUNT") and not r.role and not r.asked.islower()],
    ids=lambda rule: f"{rule.kind}-{rule.asked}",
)
def test_nothing_is_had_in_a_container_that_is_closed(guarded: Guarded, rule: Rule) -> None:
    record = guarded.object(rule.kind)
    assert record is not None
    guarded.give(_asked(rule), record)
    refusal = guarded.refused(_asked(rule), record)
    if len(record.path) == 1:
        assert refusal is None
    else:
        assert isinstance(refusal, DoesNotExistError)
        assert "Database 'D' does not exist or not authorized." in refusal.message


def test_every_row_is_the_only_one_of_its_key_and_has_a_page() -> None:
    assert len(_OWN) == len(RULES)
    pages = [*(rule.page for rule in RULES), *(rule.page for rule in GRANT_RULES)]
    assert all(page.startswith("https://docs.snowflake.com/en/") for page in pages)


def test_every_row_is_exercised() -> None:
    exercised = {(rule.kind, rule.asked) for rule, _, _ in CASES}
    exercised |= {(rule.kind, rule.asked) for rule in RULES if rule.role}
    assert exercised == _OWN


def test_what_has_no_row_is_refused(guarded: Guarded) -> None:
    table = guarded.object("TABLE")
    guarded.open_containers(table)
    guarded.give("OWNERSHIP", table)
    assert isinstance(guarded.refused("FROBNICATE", table), InsufficientPrivilegesError)


def test_what_is_seen_lacks_a_privilege_and_what_is_not_seen_does_not_exist(
    guarded: Guarded,
) -> None:
    stage = guarded.object("STAGE")
    guarded.open_containers(stage)
    unseen = guarded.refused("READ", stage)
    assert unseen is not None
    assert (unseen.code, unseen.sqlstate) == ("002003", "02000")
    guarded.give("WRITE", stage)
    seen = guarded.refused("READ", stage)
    assert seen is not None
    assert (seen.code, seen.sqlstate) == ("003001", "42501")
    assert seen.message.endswith("Insufficient privileges to operate on stage 'STAGE'.")


def test_managing_grants_sees_everything_and_uses_nothing(guarded: Guarded) -> None:
    guarded.give(MANAGE_GRANTS, None)
    table = guarded.object("TABLE")
    assert table is not None
    assert guarded.context.sees(table)
    assert isinstance(guarded.refused("SELECT", table), InsufficientPrivilegesError)
    assert guarded.refused("SELECT", table, grantable=True) is None
