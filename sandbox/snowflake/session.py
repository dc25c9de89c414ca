"""One logged-in session: who, as which role, where, and with what set."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.snowflake.data.session import DataSession


@dataclass
class Session:
    """State that `USE`, `ALTER SESSION` and the login set. Roles and users are kept by record id.

    `lock` is first come, first served: requests on one session run in order.
    """

    id: int
    token: str
    master_token: str
    user_id: int
    role_id: int | None
    data: DataSession
    started: datetime
    secondary_roles: str = "ALL"
    warehouse: str | None = None
    database: str | None = None
    schema: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    client: str = ""
    client_version: str = ""
    last_query_id: str | None = None
    address: str = "127.0.0.1"
    last_used: datetime | None = None
    alert: dict[str, str] = field(default_factory=dict)
    """What the alert knows of itself that runs in this session; empty in any other."""
    task: dict[str, str] = field(default_factory=dict)
    """What the task knows of itself that runs in this session; empty in any other."""
    deadline: datetime | None = None
    """When the time of the task that runs in this session is over."""
    serverless: bool = False
    """Whether Snowflake's own machines do its work where it has no warehouse."""
    calls: int = 0
    """How many procedures run inside each other."""
    as_owner: bool = False
    """Whether a procedure with its owner's rights runs, which must not change the session."""
    answered: tuple[str, bytes] | None = None
    """The id of the last request, and what it was answered."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
