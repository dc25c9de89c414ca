"""`leap access can` and the sandbox's guard answer alike, in worlds made at random.

Each world is made by statements, read by `ops.access.live` as an account is read, and asked about
in both ways. Two independent programs: neither shares a table of privileges with the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import product
from typing import Any, Final

import pytest

from ingestion.dice import dice
from ops.access.answer import Verdict, can
from ops.access.facts import Facts
from ops.access.graph import Graph
from ops.access.live import live
from ops.access.names import THE_ACCOUNT, Principal, PrincipalKind, Securable, role, user
from sandbox.snowflake.account import Account
from sandbox.snowflake.context import Context
from sandbox.snowflake.dispatch import statement_of
from sandbox.snowflake.errors import SnowflakeError

WORLDS: Final = 8
ROLES: Final = tuple(f"R{number}" for number in range(7))
USERS: Final = tuple(f"U{number}" for number in range(3))
DATABASES: Final = ("D0", "D1")
SCHEMAS: Final = tuple(f"{database}.S{number}" for database in DATABASES for number in (0, 1))
TABLES: Final = tuple(f"{schema}.T{number}" for schema in SCHEMAS for number in (0, 1))
VIEWS: Final = tuple(f"{schema}.V" for schema in SCHEMAS)
DATABASE_ROLES: Final = tuple(f"{d}.DR{number}" for d in DATABASES for number in (0, 1))
ASKED: Final = {
    "DATABASE": ("USAGE", "CREATE SCHEMA", "MODIFY", "MONITOR", "OWNERSHIP"),
    "SCHEMA": ("USAGE", "CREATE TABLE", "CREATE VIEW", "MODIFY", "OWNERSHIP"),
    "TABLE": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "OWNERSHIP"),
    "VIEW": ("SELECT", "REFERENCES", "OWNERSHIP"),
    "WAREHOUSE": ("USAGE", "OPERATE", "MODIFY", "MONITOR", "OWNERSHIP"),
    "ACCOUNT": ("CREATE DATABASE", "CREATE ROLE", "EXECUTE TASK"),
}
OBJECTS: Final = (
    *(("DATABASE", name) for name in DATABASES),
    *(("SCHEMA", name) for name in SCHEMAS),
    *(("TABLE", name) for name in TABLES),
    *(("VIEW", name) for name in VIEWS),
    ("WAREHOUSE", "W0"),
    ("WAREHOUSE", "W1"),
    ("ACCOUNT", ""),
)
SYSTEM: Final = ("ACCOUNTADMIN", "SECURITYADMIN", "SYSADMIN", "USERADMIN", "PUBLIC")


class World:
    """One account, filled at random."""

    def __init__(self, sql: Any, seed: int) -> None:
        self.sql = sql
        self._random = dice(seed, "world")

    def fill(self) -> None:
        """Roles and objects, their tree, grants, and owners; tables come amid future grants."""
        chance = self._random
        self._all(f"CREATE ROLE {name}" for name in ROLES)
        self._all(f"CREATE USER {name} PASSWORD = 'of-somebody-1'" for name in USERS)
        self._all(("CREATE WAREHOUSE W0", "CREATE WAREHOUSE W1"))
        self._all(f"CREATE DATABASE {name}" for name in DATABASES)
        self._all(f"CREATE SCHEMA {name}" for name in SCHEMAS)
        self._all(f"CREATE DATABASE ROLE {name}" for name in DATABASE_ROLES)
        self._members()
        for _ in range(12):
            self._future()
        made = [*(("TABLE", name) for name in TABLES), *(("VIEW", name) for name in VIEWS)]
        chance.shuffle(made)
        for kind, name in made:
            self.sql.object(name, kind=kind)
            self._future()
        for _ in range(60):
            self._grant()
        for _ in range(8):
            self._own()

    def _all(self, statements: Any) -> None:
        self.sql(*statements)

    def _members(self) -> None:
        chance = self._random
        for place, parent in enumerate(ROLES):
            for child in ROLES[place + 1 :]:
                if chance.random() < 0.2:
                    self.sql(f"GRANT ROLE {child} TO ROLE {parent}")
        for name in DATABASE_ROLES:
            self.sql(f"GRANT DATABASE ROLE {name} TO ROLE {chance.choice(ROLES)}")
        for name in USERS:
            for held in chance.sample(ROLES, 2):
                self.sql(f"GRANT ROLE {held} TO USER {name}")
        with suppress(SnowflakeError):
            self.sql(
                f"GRANT DATABASE ROLE {DATABASE_ROLES[0]} TO DATABASE ROLE {DATABASE_ROLES[1]}"
            )

    def _grantee(self, name: str) -> str:
        """A role, or a database role of the database that an object lies in."""
        chance = self._random
        inside = [one for one in DATABASE_ROLES if name and one.split(".")[0] == name.split(".")[0]]
        if inside and chance.random() < 0.3:
            return f"DATABASE ROLE {chance.choice(inside)}"
        return f"ROLE {chance.choice((*ROLES, 'PUBLIC') if chance.random() < 0.1 else ROLES)}"

    def _grant(self) -> None:
        kind, name = self._random.choice(OBJECTS)
        names = [one for one in ASKED[kind] if one != "OWNERSHIP"]
        names += ["MANAGE WAREHOUSES"] if kind == "ACCOUNT" else []
        privilege = self._random.choice(names)
        place = f"{kind} {name}".strip()
        self.sql(f"GRANT {privilege} ON {place} TO {self._grantee(name)}")

    def _future(self) -> None:
        chance = self._random
        container = chance.choice(
            (*(f"DATABASE {d}" for d in DATABASES), *(f"SCHEMA {s}" for s in SCHEMAS))
        )
        plural, names = chance.choice((("TABLES", ASKED["TABLE"]), ("VIEWS", ASKED["VIEW"])))
        grantee = self._grantee(container.split()[1])
        self.sql(f"GRANT {chance.choice(names)} ON FUTURE {plural} IN {container} TO {grantee}")

    def _own(self) -> None:
        kind, name = self._random.choice(OBJECTS[:-1])
        owner = f"ROLE {self._random.choice(ROLES)}"
        self.sql(f"GRANT OWNERSHIP ON {kind} {name} TO {owner} COPY CURRENT GRANTS")


def facts_of(sql: Any) -> Facts:
    """What `leap access` reads of the account."""

    def ask(statement: str) -> Sequence[dict[str, Any]]:
        if statement.startswith("SELECT CURRENT_ROLE()"):
            return [{"name": "ACCOUNTADMIN"}]
        rows: Sequence[dict[str, Any]] = sql(statement)
        return rows

    return live(ask, "the sandbox")


def principals() -> Iterator[Principal]:
    yield from (role(name) for name in (*ROLES, *SYSTEM))
    yield from (user(name) for name in USERS)


def permits(account: Account, who: Principal, asked: str, kind: str, name: str) -> bool:
    """Whether a session of the role, or one of the user's with all secondary roles, may."""
    store = account.store
    space = "TABLE" if kind == "VIEW" else kind
    record = store.find(space, tuple(name.split("."))) if name else None
    session = account.system_session()
    if who.kind is PrincipalKind.ROLE:
        primaries = [account.access.role_id(who.name)]
    else:
        person = store.find("USER", (who.name,))
        assert person is not None
        session.user_id, session.secondary_roles = person.id, "ALL"
        names = account.access.available_roles(person.id)
        primaries = [account.access.role_id(one) for one in names]
    for primary in primaries:
        session.role_id = primary
        with suppress(SnowflakeError):
            Context(account, session, statement_of(account, "")).demand(asked, record)
            return True
    return False


@pytest.mark.parametrize("seed", range(WORLDS))
def test_access_can_and_the_sandbox_agree(account: Account, sql: Any, seed: int) -> None:
    World(sql, seed).fill()
    graph = Graph(facts_of(sql))
    cases = [
        (who, asked, kind, name)
        for who, (kind, name) in product(principals(), OBJECTS)
        for asked in ASKED[kind]
    ]
    assert len(cases) * WORLDS >= 5_000
    told = {}
    for who, asked, kind, name in cases:
        securable = Securable(kind, tuple(name.split("."))) if name else THE_ACCOUNT
        answer = can(graph, who, asked, securable).verdict is Verdict.YES
        if answer != permits(account, who, asked, kind, name):
            told[str(who), asked, kind, name] = answer
    assert told == {}
