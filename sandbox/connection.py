"""The connection file: how clients reach the sandbox, and which process serves it.

Written by the serving process when it is ready, kept when it stops. Passwords are random per
sandbox and survive a reset, so that a shell that holds them stays valid.
"""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from sandbox.ports import Ports

HOST: Final = "127.0.0.1"
ADMIN: Final = "LEAP_ADMIN"
_ANY_KEY: Final = "sandbox"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Admin(_Part):
    """The person with every administrator role."""

    user: str = ADMIN
    password: str


class Snowflake(_Part):
    """The Snowflake side."""

    host: str = HOST
    port: int
    protocol: Literal["http"] = "http"
    organization: str = "LEAP"
    account_name: str = "SANDBOX"
    account: str = "LEAP-SANDBOX"
    admin: Admin
    people_password: str
    created_on: datetime | None = None
    """When the account was made; in no file of a sandbox that did not say it yet."""


class SnowflakeDr(_Part):
    """The account in the second region: same port, same administrator, state of its own."""

    host: str = HOST
    port: int
    protocol: Literal["http"] = "http"
    organization: str = "LEAP"
    account_name: str = "SANDBOX_DR"
    account: str = "LEAP-SANDBOX_DR"
    locator: str = "SANDBOX2"
    region: str = "AWS_US_WEST_2"
    admin: Admin


class Aws(_Part):
    """The AWS side. Any key works; these are the ones that we hand out."""

    endpoint_url: str
    region: str = "us-east-1"
    account_id: str = "123456789012"
    access_key_id: str = _ANY_KEY
    secret_access_key: str = _ANY_KEY


class Github(_Part):
    """The GitHub side: an organization, and a token for who may do what in it."""

    base_url: str
    owner: str = "leap-data"
    token: str
    """Of the organization's owner."""
    reader_token: str
    """Of somebody who may read its repositories only."""


class Connection(_Part):
    """The file as a whole. `birth` tells our process from a later one with the same `pid`.

    `github` and `snowflake_dr` are absent from the file of a sandbox that had none yet.
    """

    snowflake: Snowflake
    snowflake_dr: SnowflakeDr | None = None
    aws: Aws
    github: Github | None = None
    pid: int
    birth: str = ""
    version: Literal[1] = 1


def compose(ports: Ports, *, pid: int, birth: str, earlier: Connection | None) -> Connection:
    """A connection on these ports; passwords and tokens are the earlier one's, or new."""
    admin = earlier.snowflake.admin if earlier else Admin(password=_new_password())
    people = earlier.snowflake.people_password if earlier else _new_password()
    return Connection(
        snowflake=Snowflake(port=ports.snowflake, admin=admin, people_password=people),
        snowflake_dr=SnowflakeDr(port=ports.snowflake, admin=admin),
        aws=Aws(endpoint_url=f"http://{HOST}:{ports.aws}"),
        github=_github(f"http://{HOST}:{ports.github}", earlier.github if earlier else None),
        pid=pid,
        birth=birth,
    )


def made(connection: Connection, created_on: datetime) -> Connection:
    """The same, of an account that was made then."""
    snowflake = connection.snowflake.model_copy(update={"created_on": created_on})
    return connection.model_copy(update={"snowflake": snowflake})


def _github(base_url: str, earlier: Github | None) -> Github:
    if earlier is not None:
        return earlier.model_copy(update={"base_url": base_url})
    tokens = [f"ghs_{secrets.token_hex(18)}" for _ in range(2)]
    return Github(base_url=base_url, token=tokens[0], reader_token=tokens[1])


def _new_password() -> str:
    """Random, with a letter of each case, a digit and a mark, as password policies ask."""
    return f"{secrets.token_urlsafe(18)}-Aa1"


def read(path: Path) -> Connection | None:
    """The connection kept at `path`, or None when there is none.

    Raises:
        SandboxError: the file is not a connection file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        return Connection.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise SandboxError(
            f"{path} is not a connection file: {where}: {first['msg']}.",
            f"Remove it ({path}) and start the sandbox again.",
        ) from error


def write(path: Path, connection: Connection) -> None:
    """Replace the file at once, readable by its owner only."""
    write_private(path, connection.model_dump_json(indent=2) + "\n")


def write_private(path: Path, text: str) -> None:
    """Write `text` atomically with mode 0600: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
