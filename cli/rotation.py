"""Exchanging a service user's key pair without a pause, in steps that files remember.

The two public keys of a user are two files; the new private key waits beside the old one until it
was seen to work. What is to be done next follows from these files alone, so a run that was stopped
goes on where it was.

https://docs.snowflake.com/en/user-guide/key-pair-auth#configuring-key-pair-rotation
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cli import keypairs
from cli.errors import BadInputError, NotUsableError
from cli.target import connected
from infra import keys
from infra.model.public_key import SLOTS, KeyFile, file_name, parse

if TYPE_CHECKING:
    from infra.settings import Settings

OLD_DAYS: Final = 180
"""When a key is due (CIS Snowflake Foundations 1.7)."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One of a user's two places for a public key."""

    user: str
    slot: int
    fingerprint: str | None
    created: str | None
    age_days: int | None
    private_key: str | None
    """The file on this machine that is its other half."""

    def as_facts(self) -> dict[str, Any]:
        """One JSON object."""
        return asdict(self)


class Step(NamedTuple):
    """What a call did, and what is to be done before the next."""

    done: str
    to_do: tuple[str, ...]


def slots(settings: Settings) -> list[Slot]:
    """Both slots of every service user; empty ones too."""
    keys.public_keys(settings)
    return [
        _slot(settings, user, number)
        for user in settings.environment.service_users
        for number in SLOTS
    ]


def rotate(settings: Settings, user: str) -> Step:
    """The next step of exchanging a user's key pair.

    Raises:
        BadInputError: there is no such user, or a private key is not on this machine.
        NotUsableError: the account does not take the new key yet.
    """
    users = settings.environment.service_users
    if user not in users:
        raise BadInputError(f"USER: got {user!r}, allowed: {', '.join(users) or 'none'}")
    keys.public_keys(settings)
    filled = [number for number in SLOTS if _file(settings, user, number).exists()]
    waiting = _waiting(settings, user)
    if len(filled) < len(SLOTS) and not waiting.exists():
        return _begin(settings, user, filled)
    new = _slot_of(settings, user, waiting)
    if new is None:
        return _publish_again(settings, user, filled)
    old = [number for number in filled if number != new]
    return _finish(settings, user, old)


def withdraw(settings: Settings, user: str) -> bool:
    """Forget a new key pair that waits and was never made the current one; whether there was one.

    Its public half goes first: what is deployed next has only the key that is in use.
    """
    waiting = _waiting(settings, user)
    if not waiting.exists():
        return False
    slot = _slot_of(settings, user, waiting)
    if slot is not None:
        _file(settings, user, slot).unlink(missing_ok=True)
    waiting.unlink()
    return True


def _begin(settings: Settings, user: str, filled: list[int]) -> Step:
    free = next(number for number in SLOTS if number not in filled)
    public = _file(settings, user, free)
    keypairs.make(user, _waiting(settings, user), public)
    shown = public.relative_to(settings.root)
    return Step(
        f"{user}: a new key pair; its public key is in slot {free} ({shown}).",
        (*_deploy(settings, public), f"then: {_again(settings, user)}"),
    )


def _publish_again(settings: Settings, user: str, filled: list[int]) -> Step:
    """The new private key is here and its public file is not: the pair is made anew."""
    waiting = _waiting(settings, user)
    if not waiting.exists() or len(filled) == len(SLOTS):
        raise BadInputError(
            f"{user}: both slots are taken, and the newer private key is not on this machine.",
            f"Remove the file of the key that nobody uses from {keys.folder(settings)}, deploy, "
            "and run this again.",
        )
    waiting.unlink()
    return _begin(settings, user, filled)


def _finish(settings: Settings, user: str, old: list[int]) -> Step:
    waiting, current = _waiting(settings, user), _current(settings, user)
    try:
        with connected(keypairs.login(settings, user, waiting)):
            pass
    except NotUsableError as error:
        raise NotUsableError(
            f"{user} cannot log in with its new key yet: {error}",
            f"Deploy the public key first: leap apply --stack {settings.stack.name}",
        ) from error
    for number in old:
        _file(settings, user, number).unlink()
    waiting.replace(current)
    retired = f"; slot {old[0]} is empty" if old else ""
    gone = _file(settings, user, old[0]) if old else keys.folder(settings)
    return Step(
        f"{user}: the new key works and is {current} now{retired}.",
        (
            f"give {user}'s programs the new private key first: the next deployment retires the "
            "old one",
            *_deploy(settings, gone),
        ),
    )


def _deploy(settings: Settings, changed: Path) -> Iterator[str]:
    if keypairs.kept_in_git(settings):
        yield f"commit {changed.relative_to(settings.root)}"
    yield f"deploy: leap apply --stack {settings.stack.name}"


def _again(settings: Settings, user: str) -> str:
    return f"leap keys rotate {user} --stack {settings.stack.name}"


def _file(settings: Settings, user: str, slot: int) -> Path:
    return keys.folder(settings) / file_name(user, slot)


def _current(settings: Settings, user: str) -> Path:
    return keypairs.private_folder(settings) / f"{user}.p8"


def _waiting(settings: Settings, user: str) -> Path:
    return keypairs.private_folder(settings) / f"{user}.next.p8"


def _read(settings: Settings, user: str, slot: int) -> KeyFile | None:
    path = _file(settings, user, slot)
    return parse(path.read_text(encoding="utf-8")) if path.exists() else None


def _slot_of(settings: Settings, user: str, private: Path) -> int | None:
    """The slot whose public key belongs to a private one."""
    if not private.exists():
        return None
    wanted = keypairs.fingerprint(private)
    for number in SLOTS:
        key = _read(settings, user, number)
        if key is not None and key.fingerprint == wanted:
            return number
    return None


def _slot(settings: Settings, user: str, number: int) -> Slot:
    key = _read(settings, user, number)
    if key is None:
        return Slot(user, number, None, None, None, None)
    halves = (_current(settings, user), _waiting(settings, user))
    here = [p for p in halves if p.exists() and keypairs.fingerprint(p) == key.fingerprint]
    return Slot(
        user,
        number,
        key.fingerprint,
        key.created or None,
        _age(key.created),
        str(here[0]) if here else None,
    )


def _age(created: str) -> int | None:
    try:
        return (datetime.now(UTC) - datetime.fromisoformat(created)).days
    except (TypeError, ValueError):
        return None
