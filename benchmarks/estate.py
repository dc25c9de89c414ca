"""LEAP's own program on a grown estate: up, quiet preview, preview of one grant, refresh.

The facts are `environments/local.yaml` with as many more domains (a schema that one role reads and
another writes) as make the number of roles, schemas and grants that is asked for.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from benchmarks.measure import Cost, cost, say
from cli.paths import ROOT

LEFT_OUT = shutil.ignore_patterns(".git", ".leap", ".venv", "*_cache", "__pycache__")
DEPLOY = (
    "from cli.workbench import open_workbench\nfrom cli.deployment import bring_up\n"
    "bring_up.deploy(open_workbench('local'), lambda _: None)\n"
)


def main() -> None:
    """Deploy, preview in four ways, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=1000)
    options = parser.parse_args()
    with clone() as folder:
        base = len(declared(folder))
        one = grow(folder, 1) - base
        wanted = max(round((options.objects - base) / one), 0)
        resources = grow(folder, wanted)
        leap(folder, "sandbox", "start")
        up = timed(folder, "-c", DEPLOY)
        quick = leap(folder, "preview", "--expect-no-changes")
        again = leap(folder, "preview", "--whole", "--expect-no-changes")
        open_one_grant(folder)
        narrow, whole = leap(folder, "preview"), leap(folder, "preview", "--whole")
        grow(folder, wanted)
        refreshed = leap(folder, "preview", "--refresh", "--expect-no-changes")
    say(
        f"{resources} resources of LEAP's own program, {wanted} domains",
        f"up: {up.in_words()}",
        f"preview, no change: {quick.in_words()}",
        f"- looking at the whole: {again.in_words()}",
        f"- with refresh: {refreshed.in_words()}",
        f"preview of one changed grant: {narrow.in_words()}",
        f"- looking at the whole: {whole.in_words()}",
    )


@contextmanager
def clone() -> Iterator[Path]:
    """A copy of the tree with a sandbox of its own, gone at the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "leap"
        tree(folder)
        try:
            yield folder
        finally:
            run(folder, "-m", "cli", "sandbox", "stop")


def tree(folder: Path) -> None:
    """A copy of the tree that uses our virtual environments."""
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT, symlinks=True)
    for place in (".", "policies", "infra"):
        (folder / place / ".venv").unlink(missing_ok=True)
        (folder / place / ".venv").symlink_to((ROOT / place / ".venv").resolve())


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run our Python in the copy."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=_variables(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def timed(folder: Path, *arguments: str) -> Cost:
    """What our Python cost in the copy; ends the benchmark when it failed."""
    return cost([sys.executable, *arguments], folder=folder, variables=_variables(folder))


def leap(folder: Path, *arguments: str) -> Cost:
    """What `leap` cost in the copy."""
    return timed(folder, "-m", "cli", *arguments)


def _variables(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "LEAP_"))}
    return {**kept, "PYTHONPATH": str(folder), "PYTHONWARNINGS": "ignore"}


def declared(folder: Path) -> list[str]:
    """The roles, schemas and grants that the program would register."""
    count = (
        "from infra import settings\nfrom infra.model.grants import access_roles, derive_grants\n"
        "from pathlib import Path\nimport json\n"
        "e = settings.load(Path.cwd(), 'local').environment\n"
        "made = [*access_roles(e), *derive_grants(e), *e.roles, *e.database.schemas]\n"
        "print(json.dumps([str(m) for m in made]))"
    )
    done = run(folder, "-c", count)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    found: list[str] = json.loads(done.stdout)
    return found


def grow(folder: Path, domains: int) -> int:
    """Write `local.yaml` with that many more domains; the number of roles, schemas and grants."""
    facts = yaml.safe_load((ROOT / "environments" / "local.yaml").read_text(encoding="utf-8"))
    schemas = facts.setdefault("database", {}).setdefault("schemas", {})
    roles, access = facts.setdefault("roles", {}), facts.setdefault("access", {})
    for number in range(domains):
        schema = f"DOMAIN_{number:03}"
        schemas[schema] = {"comment": "A domain of the benchmark"}
        for word, level in (("READER", "READ"), ("WRITER", "WRITE")):
            roles[f"{schema}_{word}"] = {"kind": "functional", "comment": f"{word} of {schema}"}
            held: dict[str, Any] = {"database": ["USAGE"], "schemas": {schema: level}}
            access[f"{schema}_{word}"] = held
    text = yaml.safe_dump(facts, sort_keys=False)
    (folder / "environments" / "local.yaml").write_text(text, encoding="utf-8")
    return len(declared(folder))


def open_one_grant(folder: Path) -> None:
    """Let one more role read a layer."""
    path = folder / "environments" / "local.yaml"
    facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    analyst = facts["access"].setdefault("DATA_ANALYST", {}).setdefault("schemas", {})
    analyst["INTERMEDIATE"] = "READ"
    path.write_text(yaml.safe_dump(facts, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    main()
