"""The accounts of the sandbox's organization, in one process: the home account, and providers.

A provider's account is opened when somebody first asks for it: most sandboxes never do. Anybody may
log in to it by its name (`LEAP-MARKETPLACE`) over the ordinary protocol, on the same port.
https://docs.snowflake.com/en/user-guide/admin-account-identifier
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account


class Organization:
    """Finds accounts by name, by login and by session."""

    def __init__(
        self, home: Account, providers: Mapping[str, Callable[[], Account]] | None = None
    ) -> None:
        self.home = home
        self._closed = dict(providers or {})
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

    def account(self, name: str) -> Account | None:
        """The account of that name; opens it if need be."""
        with self._lock:
            if name in self._closed:
                account = self._closed[name]()
                account.organization = self
                self._open[name] = account
                del self._closed[name]
            return self._open.get(name)

    def of_login(self, identifier: str) -> Account:
        """The account that a client names (`org-account`); the home account where it is unknown."""
        name = identifier.upper().replace(".", "-").removeprefix(f"{self._prefix}-")
        return self.account(name) or self.home

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
