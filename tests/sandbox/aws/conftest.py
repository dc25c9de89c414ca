"""An AWS side in a process of its own, and the clients to speak to it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.aws.clients import Clients
from sandbox.connection import Aws
from sandbox.ports import listen


class AwsProcess:
    """The AWS side on a fixed port; it can be killed and started again on the same folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with listen(0) as listener:
            self._port = listener.getsockname()[1]
        self.clients = Clients(Aws(endpoint_url=f"http://127.0.0.1:{self._port}"))
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start and wait until it listens."""
        script = Path(__file__).with_name("aws_alone.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script), str(self.folder), str(self._port)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def kill_and_start(self) -> None:
        """What a crash and a restart do; connections of the old process are gone."""
        self.kill()
        self.start()


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[AwsProcess]:
    process = AwsProcess(tmp_path / "aws")
    process.start()
    try:
        yield process
    finally:
        process.kill()
