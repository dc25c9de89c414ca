"""The sessions that are open, by token. They outlive nothing: a restart asks clients to log in."""

from __future__ import annotations

import secrets
import threading

from sandbox.snowflake.errors import SessionGoneError
from sandbox.snowflake.session import Session


class Sessions:
    """Opens, finds, renews and closes sessions."""

    def __init__(self) -> None:
        self._by_token: dict[str, Session] = {}
        self._by_master: dict[str, Session] = {}
        self._lock = threading.Lock()

    def add(self, session: Session) -> None:
        """Keep a session that just logged in."""
        with self._lock:
            self._by_token[session.token] = session
            self._by_master[session.master_token] = session

    def get(self, token: str) -> Session:
        """The session of a token."""
        session = self._by_token.get(token)
        if session is None:
            raise SessionGoneError
        return session

    def knows(self, token: str) -> bool:
        """Whether it is the session or master token of an open session."""
        return token in self._by_token or token in self._by_master

    def renew(self, master_token: str) -> Session:
        """Give the session of a master token a new session token."""
        with self._lock:
            session = self._by_master.get(master_token)
            if session is None:
                raise SessionGoneError
            self._by_token.pop(session.token, None)
            session.token = new_token()
            self._by_token[session.token] = session
            return session

    def remove(self, token: str) -> Session | None:
        """Forget a session; its data session is the caller's to close."""
        with self._lock:
            session = self._by_token.pop(token, None)
            if session is None:
                return None
            self._by_master.pop(session.master_token, None)
            return session

    def all(self) -> list[Session]:
        """The open sessions."""
        with self._lock:
            return list(self._by_token.values())


def new_token() -> str:
    """A token that cannot be guessed."""
    return secrets.token_urlsafe(32)
