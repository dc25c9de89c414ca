"""Both accounts of a failover: which is primary, refreshes, promotion, and what runs there.

https://docs.snowflake.com/en/user-guide/account-replication-failover-failback
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from ingestion.quoting import identifier, literal
from ops.drill.step import ACCOUNT_ADMIN, Ask, DrillFailedError, Scene
from ops.restore.account import RefusedError

PATIENCE_SECONDS: Final = 1800.0
AGAIN_SECONDS: Final = 1.0
BUSY: Final = "refresh operation is in progress"
RUNNERS: Final[Mapping[str, str]] = {"TASK": "TASKS", "ALERT": "ALERTS"}
STARTED: Final = "started"
RUNNING: Final = "RUNNING"
SUSPENDED: Final = "SUSPENDED"


def home(scene: Scene) -> Ask:
    """The account that is primary in quiet times."""
    return scene.login(role=ACCOUNT_ADMIN, warehouse=scene.place.warehouse)


def there(scene: Scene) -> Ask:
    """The second account."""
    place = scene.place
    return scene.login(role=ACCOUNT_ADMIN, warehouse=place.warehouse, account=place.second)


def client_name(scene: Scene) -> str:
    """The account's name by which clients log in wherever the connection is primary."""
    return f"{scene.place.account.partition('-')[0]}-{scene.place.client}"


def bare(account: str) -> str:
    """`PROD` of `MYORG-PROD`."""
    return account.partition("-")[2]


def group(ask: Ask, name: str, account: str) -> Mapping[str, Any] | None:
    """An account's row of a failover group, as SHOW has it there."""
    rows = ask("SHOW FAILOVER GROUPS")
    wanted = bare(account)
    return next((r for r in rows if r["name"] == name and r["account_name"] == wanted), None)


def client(ask: Ask, name: str, account: str) -> Mapping[str, Any] | None:
    """An account's row of a client connection."""
    rows = ask(f"SHOW CONNECTIONS LIKE {literal(name)}")
    wanted = bare(account)
    return next((r for r in rows if r["name"] == name and r["account_name"] == wanted), None)


def is_primary(row: Mapping[str, Any] | None) -> bool:
    """Whether a row of a group or connection says so."""
    return row is not None and str(row["is_primary"]).lower() == "true"


def leads(scene: Scene, ask: Ask, account: str) -> bool:
    """Whether every group is primary in an account."""
    return all(is_primary(group(ask, name, account)) for name in scene.place.groups)


def clients_at(scene: Scene, ask: Ask, account: str) -> bool:
    """Whether the client connection leads to an account."""
    return is_primary(client(ask, scene.place.client, account))


def refresh(scene: Scene, ask: Ask, arrived: Callable[[], bool]) -> None:
    """Refresh every secondary group of an account, and wait until something has arrived.

    Raises:
        DrillFailedError: it has not, after half an hour.
    """
    for name in scene.place.groups:
        patiently(ask, f"ALTER FAILOVER GROUP {identifier(name)} REFRESH")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not arrived():
        if time.monotonic() > deadline:
            raise DrillFailedError("the refresh has not brought the last row in half an hour")
        time.sleep(AGAIN_SECONDS)


def promote(scene: Scene, ask: Ask, account: str) -> None:
    """Make an account's groups the primaries; a refresh that runs is waited for."""
    for name in scene.place.groups:
        if not is_primary(group(ask, name, account)):
            patiently(ask, f"ALTER FAILOVER GROUP {identifier(name)} PRIMARY")


def move_clients(scene: Scene, ask: Ask, account: str) -> None:
    """Have the client connection lead to an account."""
    if not clients_at(scene, ask, account):
        ask(f"ALTER CONNECTION {identifier(scene.place.client)} PRIMARY")


def patiently(ask: Ask, statement: str) -> None:
    """Run a statement; while a refresh keeps it from running, again."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            ask(statement)
            return
        except RefusedError as error:
            if BUSY not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(AGAIN_SECONDS)


def schedule(scene: Scene, ask: Ask, verb: str, wanted: str) -> None:
    """SUSPEND or RESUME the refreshes of an account's secondaries, where they are not so yet."""
    for name in scene.place.groups:
        row = group(ask, name, scene.place.second)
        if row is None or is_primary(row):
            continue
        if row["secondary_state"] not in (wanted, None, ""):
            patiently(ask, f"ALTER FAILOVER GROUP {identifier(name)} {verb}")


def states(scene: Scene, ask: Ask) -> dict[str, str]:
    """What runs by itself in the database: tasks, alerts and pipes, and in which state."""
    database, found = scene.place.database, {}
    for kind, plural in RUNNERS.items():
        for row in ask(f"SHOW {plural} IN DATABASE {identifier(database)}"):
            name = f"{database}.{row['schema_name']}.{row['name']}"
            found[f"{kind} {name}"] = str(row["state"]).lower()
    for row in ask(f"SHOW PIPES IN DATABASE {identifier(database)}"):
        path = (database, str(row["schema_name"]), str(row["name"]))
        status = ask(f"SELECT SYSTEM$PIPE_STATUS({literal(identifier(*path))}) AS STATUS")
        state = json.loads(str(status[0]["status"])).get("executionState")
        found[f"PIPE {'.'.join(path)}"] = str(state)
    return found


def run_again(scene: Scene, ask: Ask) -> list[str]:
    """Resume what ran before the drill and does not here; what cannot be, in words."""
    now, refused = states(scene, ask), []
    for name, before in scene.notes["states"].items():
        kind, _, path = name.partition(" ")
        if now.get(name) == before or before not in (STARTED, RUNNING):
            continue
        quoted = identifier(*path.split("."))
        act = "SET PIPE_EXECUTION_PAUSED = FALSE" if kind == "PIPE" else "RESUME"
        try:
            ask(f"ALTER {kind} {quoted} {act}")
        except RefusedError as error:
            refused.append(f"{name}: {' '.join(str(error).split())}")
    after = states(scene, ask)
    return refused + [
        f"{name} is {after.get(name, 'missing')}, it was {before}"
        for name, before in scene.notes["states"].items()
        if after.get(name) != before
    ]
