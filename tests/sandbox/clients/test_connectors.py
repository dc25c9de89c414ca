"""The ordinary Python connectors, 4 and 5, talk to a sandbox process and get the same answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox import process

HERE = Path(__file__).parent
ROOT = HERE.parents[2]

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A sandbox of its own, with a service user that has a key; the folder and the variables."""
    root = tmp_path_factory.mktemp("clients")
    connection = process.start(root)
    snowflake = connection.snowflake
    variables = {
        "SNOWFLAKE_PORT": str(snowflake.port),
        "SNOWFLAKE_PASSWORD": snowflake.admin.password,
    }
    try:
        yield root, variables
    finally:
        process.stop(root)


@pytest.fixture(scope="module")
def connector5() -> str:
    """The Python of an environment with the newest connector, made from its own lock."""
    uv = shutil.which("uv") or str(ROOT / ".leap" / "tools" / "uv" / "bin" / "uv")
    environment = ROOT / ".leap" / "connector5"
    subprocess.run(
        [uv, "sync", "--frozen", "--quiet", "--project", str(HERE / "connector5")],
        env=os.environ
        | {
            "UV_PROJECT_ENVIRONMENT": str(environment),
            "UV_PYTHON": sys.executable,
            "UV_PYTHON_DOWNLOADS": "never",
        },
        check=True,
    )
    return str(environment / "bin" / "python")


def _converse(python: str, variables: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [python, "-W", "ignore", str(HERE / "conversation.py")],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _expected() -> dict[str, Any]:
    return {
        "names": ["N", "TXT", "D", "TS", "B"],
        "first": ["0", "row 0", "2026-01-16", "2026-01-16 06:00:00", "True"],
        "empty": [],
        "many": 20000,
        "error": [2003, "42S02"],
        "parallel": list(range(24)),
        "show": ["INFORMATION_SCHEMA", "PUBLIC"],
        "scanned": [["PUBLIC"]],
        "wrong account refused": True,
        "role": "SYSADMIN",
    }


@pytest.mark.parametrize("major", [4, 5])
def test_a_connector_logs_in_by_password_and_gets_snowflakes_answers(
    major: int, place: tuple[Path, dict[str, str]], request: pytest.FixtureRequest
) -> None:
    python = sys.executable if major == 4 else request.getfixturevalue("connector5")
    said = _converse(python, place[1])
    assert said["connector"].startswith(f"{major}.")
    answers = said["answers"]
    assert json.loads(answers.pop("variant")) == {"a": [1]}
    assert answers.pop("unsupported")[0] == 2040
    assert answers == _expected()


@pytest.mark.parametrize("major", [4, 5])
def test_a_connector_logs_in_by_key_pair(
    major: int, place: tuple[Path, dict[str, str]], request: pytest.FixtureRequest
) -> None:
    python = sys.executable if major == 4 else request.getfixturevalue("connector5")
    root, variables = place
    key_file = _key_for_robot(root, variables)
    said = _converse(python, variables | {"SNOWFLAKE_KEY": str(key_file)})
    assert said["answers"] == ["ROBOT", "SYSADMIN"]


def _key_for_robot(root: Path, variables: dict[str, str]) -> Path:
    import snowflake.connector

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = root / "robot.p8"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    body = "".join(public.decode().splitlines()[1:-1])
    with snowflake.connector.connect(
        account="LEAP-SANDBOX",
        host="127.0.0.1",
        port=int(variables["SNOWFLAKE_PORT"]),
        protocol="http",
        user="LEAP_ADMIN",
        password=variables["SNOWFLAKE_PASSWORD"],
    ) as session:
        cursor = session.cursor()
        cursor.execute(
            "CREATE OR REPLACE USER ROBOT TYPE = SERVICE DEFAULT_ROLE = 'SYSADMIN' "
            f"RSA_PUBLIC_KEY = '{body}'"
        )
        cursor.execute("GRANT ROLE SYSADMIN TO USER ROBOT")
    return file
