"""The account of a clone's sandbox over the ordinary connector, as any of its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import snowflake.connector

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Clone

Ask = Callable[[str], list[dict[str, Any]]]
"""Runs one statement; the rows by column name, lower case."""


@contextmanager
def logged_in(
    clone: Clone, user: str = "", role: str = "ACCOUNTADMIN", at: str = "", **more: str
) -> Iterator[Ask]:
    """A session of that person in that role; without a name, of the administrator.

    `at`: another account of the organization, or a connection. All people of a sandbox have one
    password.
    """
    account = clone.facts("sandbox", "status")["snowflake"]
    people = account["users"]
    person = next(who for name, who in people.items() if (name == "ACCOUNTADMIN") == (not user))
    with snowflake.connector.connect(
        **{key: account[key] for key in ("host", "port", "protocol")},
        account=at or account["account"],
        user=user or person["user"],
        password=person["password"],
        role=role,
        **more,
    ) as connection:
        cursor = connection.cursor(snowflake.connector.DictCursor)

        def ask(statement: str) -> list[dict[str, Any]]:
            cursor.execute(statement)
            rows = cursor.fetchall()
            return [{name.lower(): value for name, value in dict(row).items()} for row in rows]

        yield ask
