"""A clean pair to break: a small deployment, and an account that is exactly that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from ops.access.account import Ask, ReadRefusedError
from ops.access.resources import Resource
from ops.drift import account
from ops.drift.code import Code
from ops.drift.compare import compare
from ops.drift.finding import Finding

MADE: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
SYSTEM: Final = ("ACCOUNTADMIN", "SECURITYADMIN", "SYSADMIN", "USERADMIN", "PUBLIC")


def resource(sort: str, key: str, maker: str = "SYSADMIN", /, **inputs: Any) -> Resource:
    """A resource as the state has it."""
    type_ = f"snowflake:index/{sort[0].lower()}{sort[1:]}:{sort}"
    return Resource(f"urn:pulumi:local::leap::{type_}::{key}", type_, inputs, maker)


def privileges(key: str, role: str, *held: str, **on: Any) -> Resource:
    """A grant of privileges as the state has it."""
    return resource(
        "GrantPrivilegesToAccountRole", key, accountRoleName=role, privileges=list(held), **on
    )


SCHEMA: Final = '"D"."S"'
DEPLOYED: Final = (
    resource("Database", "d", name="D", dataRetentionTimeInDays=7.0),
    resource("Schema", "s", name="S", database="D"),
    resource("Table", "t", name="T", database="D", schema="S"),
    resource("Warehouse", "w", name="W", warehouseSize="XSMALL", autoSuspend=60.0),
    resource("AccountRole", "reader", "USERADMIN", name="READER"),
    resource("AccountRole", "builder", "USERADMIN", name="BUILDER"),
    resource("AccountRole", "s-write", "USERADMIN", name="S_WRITE"),
    resource("User", "ann", "USERADMIN", name="ANN", defaultRole="READER"),
    resource("GrantAccountRole", "a", roleName="READER", userName="ANN"),
    resource("GrantAccountRole", "b", roleName="S_WRITE", parentRoleName="BUILDER"),
    privileges("c", "READER", "USAGE", onSchema={"schemaName": SCHEMA}),
    privileges("d", "S_WRITE", "CREATE TABLE", "USAGE", onSchema={"schemaName": SCHEMA}),
    *(
        privileges(
            reach,
            "READER",
            "SELECT",
            onSchemaObject={reach: {"objectTypePlural": "TABLES", "inSchema": SCHEMA}},
        )
        for reach in ("all", "future")
    ),
)


class Account:
    """A live account as its SHOW answers; a test changes a list and looks again."""

    def __init__(self) -> None:
        self.shown: dict[str, list[dict[str, Any]]] = {
            "ROLES": [self._row(name, owner="") for name in SYSTEM]
            + [self._row(name, owner="USERADMIN") for name in ("READER", "BUILDER", "S_WRITE")],
            "USERS": [self._row("ANN", owner="USERADMIN", default_role="READER")],
            "DATABASES": [
                self._row("D", retention_time="7"),
                self._row("SNOWFLAKE", owner="", kind="APPLICATION"),
            ],
            "SCHEMAS": [self._row("S", database_name="D", comment="")],
            "TABLES": [self.table("T")],
            "WAREHOUSES": [self._row("W", size="X-Small", auto_suspend=60)],
        }
        self.held: dict[str, list[dict[str, Any]]] = {
            "SECURITYADMIN": [self.grant("MANAGE GRANTS", "ACCOUNT", "A", by="")],
            "ACCOUNTADMIN": [self.grant("USAGE", "ROLE", "SECURITYADMIN", by="")],
            "READER": [
                self.grant("USAGE", "SCHEMA", "D.S"),
                self.grant("SELECT", "TABLE", "D.S.T"),
            ],
            "S_WRITE": [
                self.grant("USAGE", "SCHEMA", "D.S"),
                self.grant("CREATE TABLE", "SCHEMA", "D.S"),
            ],
            "BUILDER": [self.grant("USAGE", "ROLE", "S_WRITE")],
        }
        self.future: dict[str, list[dict[str, Any]]] = {
            "READER": [{"privilege": "SELECT", "grant_on": "TABLE", "name": "D.S.<TABLE>"}]
        }
        self.members: dict[str, list[dict[str, Any]]] = {"READER": [self.member("USER", "ANN")]}
        self.refused: set[str] = set()
        self.statements: list[str] = []

    @staticmethod
    def _row(name: str, owner: str = "SYSADMIN", **more: Any) -> dict[str, Any]:
        return {"name": name, "owner": owner, "created_on": MADE, **more}

    row = _row

    @classmethod
    def table(cls, name: str, owner: str = "SYSADMIN") -> dict[str, Any]:
        """A row of SHOW TABLES."""
        return cls._row(name, owner, database_name="D", schema_name="S")

    @staticmethod
    def grant(privilege: str, on: str, name: str, by: str = "SECURITYADMIN") -> dict[str, Any]:
        """A row of SHOW GRANTS TO."""
        shown = {"privilege": privilege, "granted_on": on, "name": name}
        return {**shown, "granted_by": by, "created_on": MADE}

    @staticmethod
    def member(kind: str, name: str) -> dict[str, Any]:
        """A row of SHOW GRANTS OF."""
        shown = {"granted_to": kind, "grantee_name": name}
        return {**shown, "granted_by": "SECURITYADMIN", "created_on": MADE}

    def ask(self, statement: str) -> list[dict[str, Any]]:
        """The answer to a statement."""
        self.statements.append(statement)
        if any(word in statement for word in self.refused):
            raise ReadRefusedError("Insufficient privileges")
        if statement.startswith("SELECT CURRENT_ROLE"):
            return [{"name": "ACCOUNTADMIN"}]
        words = statement.split()
        last = words[-1].strip('"')
        if "FUTURE GRANTS TO" in statement:
            return self.future.get(last, [])
        if "GRANTS TO" in statement:
            return self.held.get(last, [])
        if "GRANTS OF" in statement:
            return self.members.get(last, [])
        return self.shown.get(words[1], []) if words[0] == "SHOW" else []


Look = Callable[..., list[Finding]]


@pytest.fixture
def standing() -> Account:
    """The clean account."""
    return Account()


@pytest.fixture
def look(standing: Account) -> Look:
    """All findings between a deployment (the clean one) and the account as it is by then."""

    def looked(deployed: Iterable[Resource] = DEPLOYED) -> list[Finding]:
        ask: Ask = standing.ask
        return compare(Code({"local": tuple(deployed)}), account.read(ask))

    return looked
