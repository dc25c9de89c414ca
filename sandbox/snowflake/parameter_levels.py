"""Which value of a parameter is in force on an object, and which level it comes from.

https://docs.snowflake.com/en/sql-reference/parameters#parameter-hierarchy-and-types
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.snowflake.catalog.kind import Kind
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.parameters import ACCOUNT_LEVEL, PARAMETERS, SESSION_LEVEL
from sandbox.snowflake.session import Session
from sandbox.snowflake.sharing.imports import FROM_SHARE

_SETTING = "account_parameters"
_OF_HISTORY = frozenset(("DATA_RETENTION_TIME_IN_DAYS", "MAX_DATA_EXTENSION_TIME_IN_DAYS"))


@dataclass(frozen=True, slots=True)
class Effective:
    """A parameter's value and its level; the level is empty for a default."""

    name: str
    value: str
    level: str


class ParameterLevels:
    """Looks values up along the levels; keeps those of the account."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._account: dict[str, str] = {}
        store.on_reload(self._load)

    def _load(self) -> None:
        self._account = json.loads(self._store.setting(_SETTING) or "{}")

    def set_on_account(self, name: str, value: str) -> None:
        """ALTER ACCOUNT SET."""
        self._keep(self._account | {name: value})

    def on_account(self, name: str) -> str | None:
        """The value that is set on the account itself."""
        return self._account.get(name)

    def all_on_account(self) -> dict[str, str]:
        """All values that are set on the account itself."""
        return dict(self._account)

    def replace_on_account(self, values: dict[str, str]) -> None:
        """Make another account's values this one's."""
        self._keep(dict(values))

    def unset_on_account(self, name: str) -> None:
        """ALTER ACCOUNT UNSET."""
        self._keep({kept: value for kept, value in self._account.items() if kept != name})

    def _keep(self, values: dict[str, str]) -> None:
        self._account = values
        self._store.keep_setting(_SETTING, json.dumps(values))

    def effective(self, name: str, record: Record) -> Effective:
        """The value in force on an object."""
        return self._first(name, self._levels(record))

    def of_object(self, kind: Kind, record: Record) -> list[Effective]:
        """All parameters that the kind has; an imported database keeps no history of its own."""
        levels = list(self._levels(record))
        without = _OF_HISTORY if record.properties.get(FROM_SHARE) else frozenset()
        names = sorted(set(kind.parameters) - without)
        return [self._first(name, iter(levels)) for name in names]

    def of_account(self) -> list[Effective]:
        """All parameters of the account."""
        levels = [("ACCOUNT", self._account)]
        return [self._first(name, iter(levels)) for name in sorted(ACCOUNT_LEVEL)]

    def of_session(self, session: Session) -> list[Effective]:
        """All parameters of a session: its own values, then the user's, then the account's."""
        levels = self._session_levels(session)
        return [self._first(name, iter(levels)) for name in sorted(SESSION_LEVEL)]

    def in_session(self, name: str, session: Session) -> str:
        """The value of one session parameter."""
        return self._first(name, iter(self._session_levels(session))).value

    def _session_levels(self, session: Session) -> list[tuple[str, dict[str, str]]]:
        user = self._store.get(session.user_id)
        return [
            ("SESSION", session.parameters),
            ("USER", user.parameters if user is not None else {}),
            ("ACCOUNT", self._account),
        ]

    def _levels(self, record: Record) -> Iterator[tuple[str, dict[str, str]]]:
        yield record.kind.replace(" ", "_"), record.parameters
        for depth in range(len(record.path) - 1, 0, -1):
            space = "DATABASE" if depth == 1 else "SCHEMA"
            parent = self._store.find(space, record.path[:depth])
            if parent is not None:
                yield parent.kind, parent.parameters
        yield "ACCOUNT", self._account

    @staticmethod
    def _first(name: str, levels: Iterator[tuple[str, dict[str, str]]]) -> Effective:
        for level, values in levels:
            if name in values:
                return Effective(name, values[name], level)
        return Effective(name, PARAMETERS[name].default, "")
