"""`python -m sandbox serve`: the sandbox in this process, or in a detached child of it.

For people there is `leap sandbox`; this is what it runs.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from sandbox.place import Place
from sandbox.ports import Ports


def main() -> int:
    """Parse, detach if asked, serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m sandbox")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve the sandbox of a repository")
    serve.add_argument("--root", type=Path, required=True)
    serve.add_argument("--port", type=int, required=True)
    serve.add_argument("--aws-port", type=int, required=True)
    serve.add_argument("--github-port", type=int, required=True)
    serve.add_argument("--detach", action="store_true", help="print the child's number and leave")
    options = parser.parse_args()
    place = Place(options.root)
    place.prepare()
    if options.detach:
        child = os.fork()
        if child:
            sys.stdout.write(f"{child}\n")
            return 0
        _leave_terminal(place.log)

    from sandbox.serve import serve as run

    code = run(place, Ports(options.port, options.aws_port, options.github_port))
    logging.shutdown()
    # all is flushed; a statement that still runs in a thread must not keep the process
    os._exit(code)


def _leave_terminal(log: Path) -> None:
    """Become a session of one's own that prints to the log only."""
    os.setsid()
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(handle, stream)
    os.close(handle)


if __name__ == "__main__":
    sys.exit(main())
