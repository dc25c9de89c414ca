"""Serves the AWS side alone, for tests that kill it: `python aws_alone.py FOLDER PORT`."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from sandbox.aws.server import AwsServer
from sandbox.connection import Aws
from sandbox.ports import listen

if __name__ == "__main__":
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    with (
        listen(port) as listener,
        AwsServer(folder, listener, Aws(endpoint_url=f"http://127.0.0.1:{port}")),
    ):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        signal.pause()
