"""An account with one object of each kind, whose guard is asked directly.

The account of `tests/sandbox/conftest.py`: without the data plane, so that thousands of questions
take seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.snowflake.access.grant import ACCOUNT, Grant
from sandbox.snowflake.account import Account
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.dispatch import statement_of
from sandbox.snowflake.errors import SnowflakeError

OBJECTS = {
    "WAREHOUSE": ("W",),
    "RESOURCE MONITOR": ("RM",),
    "INTEGRATION": ("MAIL",),
    "NETWORK POLICY": ("NP",),
    "FAILOVER GROUP": ("FG",),
    "REPLICATION GROUP": ("RG",),
    "CONNECTION": ("CN",),
    "USER": ("SOMEBODY",),
    "SHARE": ("SH",),
    "DATABASE": ("D",),
    "SCHEMA": ("D", "S"),
    "TABLE": ("D", "S", "T"),
    "VIEW": ("D", "S", "V"),
    "STAGE": ("D", "S", "STAGE"),
    "FILE FORMAT": ("D", "S", "F"),
    "PROCEDURE": ("D", "S", "P()"),
    "SECRET": ("D", "S", "SECRET"),
    "STREAM": ("D", "S", "STREAM"),
    "PIPE": ("D", "S", "PIPE"),
    "TASK": ("D", "S", "TASK"),
    "ALERT": ("D", "S", "ALERT"),
    "TAG": ("D", "S", "TAG"),
    "MASKING POLICY": ("D", "S", "MP"),
    "ROW ACCESS POLICY": ("D", "S", "RP"),
    "AUTHENTICATION POLICY": ("D", "S", "AP"),
    "PASSWORD POLICY": ("D", "S", "PP"),
    "SESSION POLICY": ("D", "S", "SP"),
}
"""One object of each kind that has a rule, by its path."""
_KINDS = {"INTEGRATION": "NOTIFICATION INTEGRATION"}


@dataclass
class Guarded:
    """A session of a role that has nothing but what a test gives it."""

    account: Account
    context: Context
    role: Record

    def object(self, kind: str) -> Record | None:
        """The object of a kind; None for the account."""
        space = "TABLE" if kind == "VIEW" else kind
        return None if kind == "ACCOUNT" else self.account.store.find(space, OBJECTS[kind])

    def give(self, privilege: str, record: Record | None, *, option: bool = False) -> None:
        """Give the role a privilege; OWNERSHIP makes it the owner."""
        with self.account.store.transaction():
            if privilege == "OWNERSHIP":
                assert record is not None
                record.owner = self.role.id
                self.account.store.save(record)
                return
            number = record.id if record is not None else ACCOUNT
            grant = Grant(number, privilege, self.role.id, None, option, self.account.now())
            self.account.access.privileges.put(grant)

    def open_containers(self, record: Record | None) -> None:
        """USAGE on what the object lies in."""
        for container in self.account.access.authority.containers(record) if record else ():
            self.give("USAGE", container)

    def refused(self, asked: str, record: Record | None, **how: Any) -> SnowflakeError | None:
        """The refusal of a demand; None where it is permitted."""
        try:
            self.context.demand(asked, record, **how)
        except SnowflakeError as error:
            return error
        return None


def _stock(account: Account) -> None:
    admin = account.access.role_id("ACCOUNTADMIN")
    with account.store.transaction():
        for kind, path in OBJECTS.items():
            if account.store.find("TABLE" if kind == "VIEW" else kind, path) is None:
                account.store.add(_KINDS.get(kind, kind), path, admin, account.now(), {})


@pytest.fixture
def guarded(account: Account) -> Guarded:
    """A user with one role, which holds nothing yet, in an account with one object of each kind."""
    _stock(account)
    store = account.store
    with store.transaction():
        role = store.add("ROLE", ("ASKING",), None, account.now(), {})
        user = store.add("USER", ("ASKER",), None, account.now(), {})
        account.access.grant_role(role.id, user.id, granted_by=None)
    session = account.system_session()
    session.user_id, session.role_id = user.id, role.id
    return Guarded(account, Context(account, session, statement_of(account, "")), role)


@pytest.fixture
def new_role(guarded: Guarded) -> Callable[[str], Record]:
    """Makes another role."""

    def make(name: str) -> Record:
        with guarded.account.store.transaction():
            return guarded.account.store.add("ROLE", (name,), None, guarded.account.now(), {})

    return make
