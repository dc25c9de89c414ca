"""The accounts of the sandbox's organization, in one process: the home account, its standby in
another region, and providers.

All but the home account are opened when somebody first asks for them: most sandboxes never do.
Anybody may log in to them by name (`LEAP-MARKETPLACE`), locator or client connection over the
ordinary protocol, on the same port.
https://docs.snowflake.com/en/user-guide/admin-account-identifier
https://docs.snowflake.com/en/user-guide/client-redirect
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account, Identity

PRIMARY: Final = "PRIMARY"
"""On groups, databases and connections that are secondary: `[org, account, name]`."""


@dataclass(frozen=True, slots=True)
class Standby:
    """The account in the other region, before it is opened; it stands once its folder does."""

    identity: Identity
    folder: Path
    open: Callable[[], Account]

    @property
    def stands(self) -> bool:
        """Whether anybody ever used it."""
        return self.folder.exists()


class Organization:
    """Finds accounts by name, by login and by session."""

    def __init__(
        self,
        home: Account,
        providers: Mapping[str, Callable[[], Account]] | None = None,
        standby: Standby | None = None,
    ) -> None:
        self.home = home
        self.standby = standby
        self._closed = dict(providers or {})
        if standby is not None:
            self._closed[standby.identity.name] = standby.open
        self._open: dict[str, Account] = {home.identity.name: home}
        self._lock = threading.RLock()
        home.organization = self

    def close(self) -> None:
        """Close the providers' accounts; the home account is its owner's to close."""
        with self._lock:
            for account in self.others(self.home):
                account.close()
            self._open = {self.home.identity.name: self.home}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all accounts, also of those that are not open."""
        return (*self._open, *self._closed)

    @property
    def used(self) -> tuple[str, ...]:
        """The names of the accounts that may hold something: not of a standby nobody ever used."""
        unused = self.standby is not None and not self.standby.stands
        hidden = {self.standby.identity.name} if self.standby is not None and unused else set()
        return tuple(name for name in self.names if name not in hidden)

    @property
    def replicating(self) -> tuple[Identity, ...]:
        """The accounts between which objects can be replicated."""
        others = (self.standby.identity,) if self.standby is not None else ()
        return (self.home.identity, *others)

    def account(self, name: str) -> Account | None:
        """The account of that name; opens it if need be."""
        from sandbox.snowflake.replication import links  # which knows of organizations

        with self._lock:
            if name in self._closed:
                account = self._closed[name]()
                account.organization = self
                self._open[name] = account
                del self._closed[name]
                if account.identity in self.replicating:
                    links.settle(self.home, account)
                    self.home.scheduler.adopt(account.scheduler)
            return self._open.get(name)

    def of_login(self, identifier: str) -> Account | None:
        """The account that a client names (`org-account`, locator, or `org-connection`), the home
        account where it names none; None for an unknown one.
        """
        if not identifier:
            return self.home
        name = identifier.upper().replace(".", "-").removeprefix(f"{self._prefix}-")
        for identity in self.replicating:
            if name in (identity.locator, identity.name):
                return self.account(identity.name)
        return self.account(name) or self.of_connection(name)

    def of_connection(self, name: str) -> Account | None:
        """The account in which a client connection is primary; None for an unknown one."""
        for identity in self.replicating:
            account = self.account(identity.name) if identity.name in self.used else None
            record = account.store.find("CONNECTION", (name,)) if account is not None else None
            if record is not None and not record.properties.get(PRIMARY):
                return account
        return None

    def of_session(self, token: str) -> Account:
        """The account of a session or master token; the home account where nobody knows it."""
        return next((one for one in self._opened() if one.sessions.knows(token)), self.home)

    def others(self, account: Account) -> list[Account]:
        """The open accounts beside this one."""
        return [one for one in self._opened() if one is not account]

    def changed(self, account: Account) -> None:
        """Something in an account is not what it was: those that import from it look again."""
        for other in self.others(account):
            other.imports.doubt()

    @property
    def _prefix(self) -> str:
        return self.home.identity.organization

    def _opened(self) -> Iterator[Account]:
        return iter(list(self._open.values()))
