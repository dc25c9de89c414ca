"""A session of the Snowflake account for dynamic resources, by the Python connector.

How to log in is an input of the engine's provider resource, secret there, and reaches a provider
through `configure`: it is in no resource's state. A statement that fails for a reason that passes
(a lock, a lost session, a network that broke) is tried again, as the drivers do.

https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-api
"""

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from pulumi.dynamic import ConfigureRequest, ResourceProvider

PREFIX: Final = "login:"
"""Before each provider input that says how to log in."""
TRIES: Final = 4
LOGIN_SECONDS: Final = 60
NETWORK_SECONDS: Final = 300

PASSING: Final = frozenset(
    {
        *(625, 630),  # a lock was not released in time, a statement was too slow
        *(390111, 390112, 390114, 390195),  # the session is gone or too old
        *(250001, 250002, 250003, 251012),  # the network broke
    }
)
"""Error numbers of failures that pass.

https://docs.snowflake.com/en/user-guide/client-redirect#error-codes lists those of the clients.
"""
MISSING: Final = frozenset({2003, 2043})
"""Error numbers of an object that does not exist, or that the role may not see."""


class Login(NamedTuple):
    """How to log in, from a provider's configuration. What is empty is left to the connector."""

    account: str
    user: str
    password: str
    private_key: str
    host: str
    port: str
    protocol: str

    @classmethod
    def of(cls, value: Callable[[str], Any]) -> "Login":
        """The login that the provider's inputs describe."""
        return cls(*(str(value(PREFIX + field) or "") for field in cls._fields))


class AccountProvider(ResourceProvider):
    """What every provider shares that works in the account."""

    serialize_as_secret_always = False
    login = Login("", "", "", "", "", "", "")

    def configure(self, req: ConfigureRequest) -> None:
        """Takes how to log in from the provider resource."""
        self.login = Login.of(req.config.get)


class AccountSession:
    """One session with one role; a context manager, closed at the end."""

    def __init__(self, login: Login, role: str, tag: str) -> None:
        """``tag``: what the account's history says the statements are for."""
        self._login, self._role, self._tag = login, role, tag
        self._connection: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def run(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a statement, their keys in lower case.

        Raises:
            snowflake.connector.Error: it failed for good, or too often.
        """
        from snowflake.connector import Error  # late: only the provider talks to the account

        for attempt in range(1, TRIES + 1):
            try:
                return self._rows(statement)
            except Error as error:
                if error.errno not in PASSING or attempt == TRIES:
                    raise
                self._close()
                time.sleep(2**attempt / 4)
        raise AssertionError("the loop returns or raises")

    def _rows(self, statement: str) -> list[dict[str, Any]]:
        if self._connection is None:
            self._connection = connect(self._login, self._role, self._tag)
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            names = [str(column.name).lower() for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def connect(login: Login, role: str, tag: str) -> Any:
    """A connection of the connector."""
    import snowflake.connector

    return snowflake.connector.connect(**arguments(login, role, tag))


def arguments(login: Login, role: str, tag: str) -> Mapping[str, Any]:
    """The connector's arguments: a key where there is one, and no default that would prompt."""
    given: dict[str, Any] = {
        "account": login.account,
        "user": login.user,
        "role": role,
        "login_timeout": LOGIN_SECONDS,
        "network_timeout": NETWORK_SECONDS,
        "session_parameters": {"QUERY_TAG": tag},
    }
    if login.private_key:
        given |= {"authenticator": "SNOWFLAKE_JWT", "private_key": _der(login.private_key)}
    else:
        given["password"] = login.password
    if login.host:
        given |= {"host": login.host, "port": int(login.port), "protocol": login.protocol}
    return given


def _der(pem: str) -> bytes:
    from cryptography.hazmat.primitives import serialization as keys

    key = keys.load_pem_private_key(pem.encode(), password=None)
    return key.private_bytes(keys.Encoding.DER, keys.PrivateFormat.PKCS8, keys.NoEncryption())
