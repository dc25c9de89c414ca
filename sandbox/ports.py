"""Which ports the sandbox listens on: chosen once, then kept.

Provider settings contain the ports, so a port that changed between starts would be a difference in
every preview. A default that somebody else holds at the first start is replaced by a free one; a
port that was asked for or kept, and is taken, is an error.
"""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, dataclass
from typing import Final

from sandbox.connection import HOST, write_private
from sandbox.errors import SandboxError
from sandbox.place import Place

DEFAULT_SNOWFLAKE: Final = 48080
DEFAULT_AWS: Final = 48081


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the two sides listen."""

    snowflake: int
    aws: int


def settle(place: Place, *, port: int | None, aws_port: int | None) -> Ports:
    """Choose both ports and keep the choice; 0 asks for any free port.

    Raises:
        SandboxError: a port that was asked for or kept is taken, or out of range.
    """
    kept = _read(place)
    snowflake = _choose(port, kept.snowflake if kept else None, DEFAULT_SNOWFLAKE, "--port", ())
    aws = _choose(aws_port, kept.aws if kept else None, DEFAULT_AWS, "--aws-port", (snowflake,))
    ports = Ports(snowflake=snowflake, aws=aws)
    if ports != kept:
        write_private(place.ports, json.dumps(asdict(ports)) + "\n")
    return ports


def listen(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; raises OSError when the port is taken."""
    # The protocol is named because asyncio turns Nagle's algorithm off only where it is; left on,
    # every answer waits some 40 ms for the client's acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _choose(
    asked: int | None, kept: int | None, default: int, option: str, others: tuple[int, ...]
) -> int:
    wanted = asked if asked is not None else kept
    if wanted == 0:
        return _free(others)
    if wanted is None:
        return default if default not in others and _is_free(default) else _free(others)
    if not 0 < wanted < 65536:
        raise SandboxError(
            f"{option}: got {wanted}, allowed is a port from 1 to 65535, or 0 for any free one.",
            f"Choose another: leap sandbox start {option} {default}",
        )
    if wanted in others:
        raise SandboxError(
            f"{option}: {wanted} is the port of the sandbox's other side.",
            f"Choose another: leap sandbox start {option} 0",
        )
    if not _is_free(wanted):
        raise SandboxError(
            f"Port {wanted} on {HOST} is taken by another program.",
            f"Stop that program, or let the sandbox take another port: "
            f"leap sandbox start {option} 0",
        )
    return wanted


def _is_free(port: int) -> bool:
    try:
        listen(port).close()
    except OSError:
        return False
    return True


def _free(others: tuple[int, ...]) -> int:
    while True:
        with listen(0) as listener:
            port: int = listener.getsockname()[1]
        if port not in others:
            return port


def _read(place: Place) -> Ports | None:
    try:
        kept = json.loads(place.ports.read_text(encoding="utf-8"))
        return Ports(snowflake=int(kept["snowflake"]), aws=int(kept["aws"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise SandboxError(
            f'{place.ports} does not hold {{"snowflake": <port>, "aws": <port>}}.',
            "Remove the file; the next start chooses the ports anew.",
        ) from error
