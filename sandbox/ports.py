"""Which ports the sandbox listens on: chosen once, then kept.

Provider settings contain the ports, so a port that changed between starts would be a difference in
every preview. A default that somebody else holds at the first start is replaced by a free one; a
port that was asked for or kept, and is taken, is an error.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import Final

from sandbox.connection import HOST, write_private
from sandbox.errors import SandboxError
from sandbox.place import Place

DEFAULTS: Final = {"snowflake": 48080, "aws": 48081, "github": 48082}
_OPTIONS: Final = {"snowflake": "--port", "aws": "--aws-port", "github": "--github-port"}
_LATER: Final = frozenset({"github"})
"""Sides that the files of earlier sandboxes lack."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the sides listen."""

    snowflake: int
    aws: int
    github: int


@dataclass(frozen=True, slots=True)
class Wish:
    """The ports that a start asks for: None leaves one as it was, 0 takes any free one.

    Where one is 0, a side that has no port yet takes a free one too.
    """

    snowflake: int | None = None
    aws: int | None = None
    github: int | None = None


def settle(place: Place, wish: Wish) -> Ports:
    """Choose the ports and keep the choice.

    Raises:
        SandboxError: a port that was asked for or kept is taken, or out of range.
    """
    kept = _read(place)
    chosen: dict[str, int] = {}
    for side, option in _OPTIONS.items():
        asked, others = getattr(wish, side), tuple(chosen.values())
        if asked is None and side not in kept and 0 in (wish.snowflake, wish.aws):
            asked = 0
        chosen[side] = _choose(asked, kept.get(side), DEFAULTS[side], option, others)
    if chosen != kept:
        write_private(place.ports, json.dumps(chosen) + "\n")
    return Ports(**chosen)


def differing(place: Place, wish: Wish) -> tuple[str, int, int] | None:
    """The first option that asks for another port than the kept one: option, asked, kept."""
    kept = _read(place)
    for side, option in _OPTIONS.items():
        asked, now = getattr(wish, side), kept.get(side)
        if now is not None and asked not in {None, 0, now}:
            return option, asked, now
    return None


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
            f"{option}: {wanted} is the port of another side of the sandbox.",
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


def _read(place: Place) -> dict[str, int]:
    """The ports that were chosen before; a side that is newer than the file has none."""
    try:
        kept = json.loads(place.ports.read_text(encoding="utf-8"))
        sides = [side for side in _OPTIONS if side in kept or side not in _LATER]
        return {side: int(kept[side]) for side in sides}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError) as error:
        raise SandboxError(
            f'{place.ports} does not hold {{"snowflake": <port>, "aws": <port>, …}}.',
            "Remove the file; the next start chooses the ports anew.",
        ) from error
