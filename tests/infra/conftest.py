"""What tests of the program start from: good facts to break, and a deployment without an engine."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONNECTION = {
    "snowflake": {
        "host": "127.0.0.1",
        "port": 48080,
        "protocol": "http",
        "organization": "LEAP",
        "account_name": "SANDBOX",
        "account": "LEAP-SANDBOX",
        "admin": {"user": "LEAP_ADMIN", "password": "admin-password"},
        "people_password": "people-password",
    },
    "snowflake_dr": {
        "host": "127.0.0.1",
        "port": 48080,
        "account": "LEAP-SANDBOX_DR",
        "region": "AWS_US_WEST_2",
    },
    "aws": {
        "endpoint_url": "http://127.0.0.1:48081",
        "region": "us-east-1",
        "account_id": "123456789012",
    },
    "github": {"base_url": "http://127.0.0.1:48082", "owner": "leap-data", "token": "a-token"},
}


class Registration(NamedTuple):
    """One resource that the program registered."""

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    protect: bool
    provider: str
    dependencies: tuple[str, ...]


Deployed = Callable[..., list[Registration]]


@pytest.fixture(autouse=True)
def _nobody_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this clone's `local` was asked for is no matter of the tests."""
    monkeypatch.setenv("LEAP_WITH_DR", "false")


@pytest.fixture
def connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sandbox's connection file, with nothing behind it."""
    path = tmp_path / "connection.json"
    path.write_text(json.dumps(CONNECTION))
    monkeypatch.setenv("LEAP_SANDBOX_CONNECTION", str(path))
    monkeypatch.delenv("LEAP_TARGET", raising=False)
    return path


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """Runs the program for a stack, and answers what it registered, in order."""
    path = tmp_path_factory.mktemp("sandbox") / "connection.json"
    path.write_text(json.dumps(CONNECTION))
    variables = {k: v for k, v in os.environ.items() if k != "LEAP_TARGET"}
    variables |= {"LEAP_SANDBOX_CONNECTION": str(path), "LEAP_WITH_DR": "false"}

    @cache
    def run(stack: str, root: Path = ROOT, config: str = "{}") -> list[Registration]:
        program = Path(__file__).parent / "recording.py"
        command = [sys.executable, str(program), stack, str(root)]
        done = subprocess.run(
            command,
            env=variables | {"PULUMI_CONFIG": config},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [Registration(**entry) for entry in json.loads(done.stdout)]

    return run


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the facts, to break one thing in."""
    root = tmp_path / "clone"
    shutil.copytree(ROOT / "environments", root / "environments")
    shutil.copytree(ROOT / "ingestion" / "feeds", root / "ingestion" / "feeds")
    for stack in ("local", "dev", "prod"):
        shutil.copy(ROOT / f"Pulumi.{stack}.yaml", root)
    for stack, user in {"dev-jane": "ENZO_ENGINEER", "pr-42": "CLEO_CI"}.items():
        (root / f"Pulumi.{stack}.yaml").write_text(
            "config:\n"
            "  leap:foundation: local\n"
            f"  leap:user: {user}\n"
            '  leap:expires_on: "2030-12-31"\n'
        )
    return root
