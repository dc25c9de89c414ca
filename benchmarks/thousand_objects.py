"""1,000 mixed objects by the real engine into a scratch sandbox, and previewed again.

Prints seconds, statements that reached the account, peak memory, and that the second plan is quiet.
`--objects 2000` shows whether the curve is straight; `--skip-checkpoints` what the file backend's
saving after every step costs (and what it buys: without it a killed run forgets what it made).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import time
from pathlib import Path

from snowflake.connector import SnowflakeConnection

import engine
from benchmarks.measure import say
from benchmarks.memory import memory_of
from benchmarks.scratch import connect, sandbox
from cli.paths import ROOT
from cli.target import ask
from sandbox.connection import Connection

PROGRAM = Path(__file__).parent / "program"
COUNT = "SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000))"


def main() -> None:
    """Deploy, preview twice, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=1000)
    parser.add_argument("--skip-checkpoints", action="store_true")
    options = parser.parse_args()
    tools = engine.install()
    with sandbox() as (connection, root):
        project = root / "project"
        shutil.copytree(PROGRAM, project)
        variables = _variables(tools, root, connection, options.objects)
        if options.skip_checkpoints:
            variables["PULUMI_SKIP_CHECKPOINTS"] = "true"
        _pulumi(project, variables, "stack", "init", "scratch")
        with connect(connection) as account:
            before = _statements(account)
            created = _pulumi(project, variables, "up", "--yes", "--skip-preview")
            statements = _statements(account) - before
        again = _pulumi(project, variables, "preview", "--expect-no-changes")
        refreshed = _pulumi(project, variables, "preview", "--expect-no-changes", "--refresh")
        resources = _resources(project, variables)
        peak = memory_of(connection.pid, "VmHWM")
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    say(
        f"{resources} resources by the real engine (budget for 1,000: create under 60 s)",
        f"create: {created:.1f} s, {resources / created:.0f} a second, {statements} statements",
        f"preview, no change: {again:.1f} s; with refresh, no change: {refreshed:.1f} s",
        f"largest process of the engine: {largest} MB; sandbox at its peak: {peak} MB",
    )


def _variables(
    tools: engine.Toolchain, root: Path, connection: Connection, objects: int
) -> dict[str, str]:
    (root / "state").mkdir()
    return {
        **os.environ,
        **tools.environment(root),
        "PULUMI_BACKEND_URL": f"file://{root / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "scratch",
        "SCRATCH_OBJECTS": str(objects),
        "SCRATCH_CONNECTION": connection.model_dump_json(),
        "PATH": f"{tools.bin}{os.pathsep}{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(ROOT / ".venv"),
    }


def _pulumi(project: Path, variables: dict[str, str], *arguments: str) -> float:
    """Run `pulumi`; the seconds that it took."""
    started = time.perf_counter()
    done = subprocess.run(
        ["pulumi", *arguments, "--non-interactive"],
        cwd=project,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"pulumi {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}")
    return time.perf_counter() - started


def _resources(project: Path, variables: dict[str, str]) -> int:
    exported = subprocess.run(
        ["pulumi", "stack", "export"], cwd=project, env=variables, capture_output=True, check=True
    )
    kept = json.loads(exported.stdout)["deployment"]["resources"]
    return sum(str(item["type"]).startswith("snowflake:") for item in kept)


def _statements(account: SnowflakeConnection) -> int:
    return int(ask(account, COUNT).rows[0][0])


if __name__ == "__main__":
    main()
