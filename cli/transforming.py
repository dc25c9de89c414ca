"""dbt on a stack: its variables from the stack's outputs, and a build only when one is due."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli import keypairs, memory
from cli.errors import FoundError, NotUsableError
from cli.paths import DBT, LOGS, ROOT, STATE
from cli.target import ask, connected, running_sandbox
from ingestion.feed import RAW_SCHEMA
from ingestion.quoting import identifier

if TYPE_CHECKING:
    from cli.workbench import Workbench

STEP: Final = "dbt build"
FOUNDATION_TARGET: Final = "prod"
MART: Final = "MART_GYM_ACCESSIBILITY"
PROOFS: Final = {"LEAP_DBT_PASSWORD", "LEAP_DBT_PRIVATE_KEY_PATH"}
PASSED_ON: Final = (
    *("account", "host", "port", "protocol", "user", "role", "warehouse", "database", "schema"),
)
GENERATED: Final = frozenset({"target", "logs", "dbt_packages", ".user.yml"})


def variables(bench: Workbench, outputs: Mapping[str, Any]) -> dict[str, str]:
    """What `dbt/profiles.yml` reads, and dbt without telemetry.

    Raises:
        NotUsableError: the stack is not deployed.
    """
    facts = outputs.get("dbt")
    if not isinstance(facts, dict):
        raise NotUsableError(
            f"{bench.stack} is not deployed.", f"Deploy it: leap up --stack {bench.stack}"
        )
    found = {f"LEAP_DBT_{name.upper()}": str(facts.get(name) or "") for name in PASSED_ON}
    said = {name for name in os.environ if name.startswith("LEAP_DBT_")}
    if bench.on_sandbox:
        found |= _proof(bench, found["LEAP_DBT_USER"])
        said -= PROOFS
    return {
        # A real account's service user and its key are the user's own to say; what the stack
        # says wins, because a shell may still hold the variables of another stack.
        **{name: value for name, value in os.environ.items() if name in said},
        **{name: value for name, value in found.items() if value},
        # A workspace says its target: with the foundation's it would write to the platform.
        "LEAP_DBT_TARGET": str(
            facts.get("target") or os.environ.get("LEAP_DBT_TARGET", FOUNDATION_TARGET)
        ),
        # One folder for each stack: dbt parses everything anew when the profile has changed.
        "DBT_TARGET_PATH": str(STATE / "dbt" / bench.stack / "target"),
        "DBT_LOG_PATH": str(STATE / "dbt" / bench.stack / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def _proof(bench: Workbench, user: str) -> dict[str, str]:
    """How dbt's user proves who it is on the sandbox.

    A service user has a key here; a person the password of all; the administrator stands in where
    the stack has neither.
    """
    name = user.removeprefix(bench.settings.environment.prefix)
    if name in bench.settings.environment.service_users:
        key = keypairs.private_folder(bench.settings) / f"{name}.p8"
        return {"LEAP_DBT_PRIVATE_KEY_PATH": str(key)}
    account = running_sandbox().snowflake
    if user:
        return {"LEAP_DBT_PASSWORD": account.people_password}
    return {"LEAP_DBT_USER": account.admin.user, "LEAP_DBT_PASSWORD": account.admin.password}


def command(arguments: Sequence[str], project: Path = DBT) -> list[str]:
    """The command line of dbt; the project and its profile are ours, or those of a copy."""
    return [
        sys.executable,
        *("-c", "from dbt.cli.main import cli; cli()"),
        *arguments,
        *("--project-dir", str(project), "--profiles-dir", str(project)),
    ]


def build(
    bench: Workbench, outputs: Mapping[str, Any], progress: Callable[[str], None]
) -> tuple[bool, str]:
    """`dbt build`, unless the mart stands and neither data, project nor stack changed since.

    Returns whether it ran, and dbt's own summary.

    Raises:
        FoundError: a model or a test failed; the text has dbt's own words.
    """
    mark = memory.fingerprint(_project_files(), dict(outputs), _state_of_raw(bench, outputs))
    if memory.recall(bench.stack, STEP) == mark and _mart_stands(bench, outputs):
        return False, "nothing changed since the last build"
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{bench.stack}-dbt-build.log"
    lines: list[str] = []
    with (
        log.open("w", encoding="utf-8") as kept,
        subprocess.Popen(
            command(["build", "--no-use-colors"]),
            cwd=DBT,
            env={**os.environ, **variables(bench, outputs)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        for line in process.stdout or ():
            kept.write(line)
            lines.append(line.rstrip())
            progress(line.strip()[:100])
    if process.returncode != 0:
        raise FoundError(
            "dbt build did not succeed:\n" + "\n".join(_failures(lines)),
            f"The whole log: {log.relative_to(ROOT)}. Try alone: leap dbt build",
        )
    memory.remember(bench.stack, STEP, mark)
    summary = next((line for line in reversed(lines) if "PASS=" in line), "done")
    return True, summary[max(summary.find("PASS="), 0) :]


def _project_files() -> list[Path]:
    return [
        path
        for path in DBT.rglob("*")
        if path.is_file() and not GENERATED & set(path.relative_to(DBT).parts)
    ]


def _state_of_raw(bench: Workbench, outputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows and birth of each raw table: enough to see that data came, went or was replaced."""
    schema = identifier(str(outputs["database"]), RAW_SCHEMA)
    with connected(bench.login()) as connection:
        tables = ask(connection, f"SHOW TABLES IN SCHEMA {schema}")
    return [{key: table[key] for key in ("name", "rows", "created_on")} for table in tables.dicts()]


def _mart_stands(bench: Workbench, outputs: Mapping[str, Any]) -> bool:
    schema = identifier(str(outputs["database"]), "MARTS")
    with connected(bench.login()) as connection:
        tables = ask(connection, f"SHOW TABLES LIKE '{MART}' IN SCHEMA {schema}")
    return any(int(table["rows"] or 0) > 0 for table in tables.dicts())


def _failures(lines: Sequence[str]) -> list[str]:
    """From dbt's first word of a failure on; all of the end where it never says one."""
    at = next((n for n, line in enumerate(lines) if "Completed with" in line), None)
    return list(lines[at:] if at is not None else lines[-30:])
