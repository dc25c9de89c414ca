"""Which workspace is meant, and what its own stack file is to say."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from cli.errors import BadInputError
from cli.paths import ROOT

if TYPE_CHECKING:
    from datetime import date

    from infra.settings import Settings
    from infra.stack import Stack

PERSON: Final = re.compile(r"[a-z][a-z0-9_]{0,30}")
PULL_REQUEST: Final = re.compile(r"pr-([1-9][0-9]{0,9})")
ALLOWED: Final = (
    "a name like jane or jane_doe (a small letter, then small letters, digits and _, at most 31), "
    "or --pr 42"
)
DEFAULT_FOUNDATION: Final = {"sandbox": "local", "snowflake": "prod"}
PROJECT: Final = "leap"
COPIED: Final = ("target", "organization_name", "account_name")


def stack_of(name: str | None, pull_request: int | None) -> Stack:
    """The stack of a developer's name or a pull request's number; `dev-jane` and `pr-42` too.

    Raises:
        BadInputError: neither, both, or a name that no workspace can have.
    """
    from infra import stack as stacks

    if (name is None) == (pull_request is None):
        raise BadInputError(f"workspace: got {'both' if name else 'nothing'}, allowed: {ALLOWED}")
    if name is None:
        return stacks.parse(f"pr-{pull_request}")
    if PULL_REQUEST.fullmatch(name):
        return stacks.parse(name)
    person = name.removeprefix("dev-")
    if person in stacks.FOUNDATIONS:
        raise BadInputError(
            f"workspace: got {name!r}, which is an environment's name, allowed: {ALLOWED}"
        )
    if not PERSON.fullmatch(person):
        raise BadInputError(f"workspace: got {name!r}, allowed: {ALLOWED}{_suggestion(name)}")
    return stacks.parse(f"dev-{person}")


def _suggestion(name: str) -> str:
    """The nearest name that is allowed, if one is near."""
    small = re.sub(r"[^a-z0-9_]+", "_", name.lower().removeprefix("dev-")).strip("_")
    near = PERSON.fullmatch(small) and not name.startswith("pr-")
    return f" (did you mean {small}?)" if near else ""


def foundation_of(stack: Stack, given: str | None) -> str:
    """The foundation: what was said, what the stack's file says, or the usual one."""
    from infra import stack as stacks

    kept = values(stack).get("foundation")
    if given and kept and given != kept:
        raise BadInputError(
            f"--on: got {given!r}, allowed: {kept!r}, which {stack.name} was made on",
            f"Take it down first: leap dev down {stack.name}",
        )
    target = os.environ.get("LEAP_TARGET", "sandbox")
    chosen = given or kept or DEFAULT_FOUNDATION.get(target, "local")
    if chosen not in stacks.FOUNDATIONS:
        raise BadInputError(f"--on: got {chosen!r}, allowed: {', '.join(stacks.FOUNDATIONS)}")
    return chosen


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for; None keeps what stands, or takes what the environment says."""

    days: int | None = None
    credits: int | None = None
    login: str | None = None
    clone: tuple[str, ...] = ()


def values(stack: Stack) -> dict[str, str]:
    """What the stack's file says under `leap:`; empty where there is none."""
    config = _document(stack).get("config") or {}
    prefix = f"{PROJECT}:"
    return {
        key.removeprefix(prefix): value
        for key, value in config.items()
        if key.startswith(prefix) and isinstance(value, str)
    }


def write(stack: Stack, foundation: Settings, user: str, expires_on: date, wish: Wish) -> None:
    """Write the stack's file, or change it: the salt of its secrets stays as it is."""
    kept = values(stack)
    said = foundation.config.model_dump(mode="json")
    fresh = {key: str(said[key]) for key in COPIED if said.get(key)}
    fresh |= {"environment": stack.environment, "foundation": foundation.stack.name}
    fresh |= {"user": user, "expires_on": expires_on.isoformat()}
    if wish.credits is not None:
        fresh["credit_quota"] = str(wish.credits)
    if wish.clone:
        fresh["clone"] = ",".join(wish.clone)
    document = _document(stack)
    config = document.get("config") or {}
    config |= {f"{PROJECT}:{key}": value for key, value in {**kept, **fresh}.items()}
    document["config"] = config | {"pulumi:disable-default-providers": ["*"]}
    file = ROOT / f"Pulumi.{stack.name}.yaml"
    draft = file.with_suffix(".new")
    draft.write_text(yaml.safe_dump(document), encoding="utf-8")
    draft.replace(file)


def _document(stack: Stack) -> dict[str, Any]:
    file = ROOT / f"Pulumi.{stack.name}.yaml"
    if not file.is_file():
        return {}
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        words = " ".join(str(error).split())
        raise BadInputError(f"{file.name}: got broken YAML ({words}), allowed: YAML") from error
    return document if isinstance(document, dict) else {}
