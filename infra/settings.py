"""The one reader of environment files, of a stack's configuration, of the sandbox's connection.

`load` is enough for whoever asks about facts; `destination` adds where a stack deploys to, and
`secrets` what only a deployment needs. Every problem of a step is raised together, nothing is
printed here, and Pulumi is not imported: commands that only read facts stay quick.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from infra import stack as stacks
from infra import stack_values
from infra.model import layers, people_file, validation
from infra.model.connection import Connection
from infra.model.environment import Environment
from infra.model.faults import at, listed
from infra.model.layers import Merged
from infra.model.problem import Problem
from infra.model.stack_config import PROJECT, StackConfig
from infra.model.target import Destination, Target
from infra.model.workspace import Workspace
from infra.stack import Stack, StackKind

BASE: Final = "base"
WITH_DR: Final = "LEAP_WITH_DR"
"""The environment variable that asks for, or does without, a second account in this run alone."""
YES: Final = "true"


class SettingsError(Exception):
    """The settings cannot be used; ``problems`` are lines that each name file, key and remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(NamedTuple):
    """A stack with its facts."""

    root: Path
    stack: Stack
    environment: Environment
    config: StackConfig


class Secrets(NamedTuple):
    """What must never be in a file of ours or in plain state."""

    password: str | None
    """Of the sandbox's administrator. A real account has none: its user signs with a key."""
    people_password: str | None
    """Of everybody on the sandbox."""
    github_token: str | None = None
    """Of the owner of the sandbox's organization."""


def load(root: Path, stack_name: str, config: Mapping[str, str] | None = None) -> Settings:
    """The stack's settings; a workspace's are laid over those of its foundation.

    Args:
        root: the repository.
        stack_name: ``local``, ``dev``, ``prod``, ``dev-<user>`` or ``pr-<number>``.
        config: the stack's configuration where the caller has it (the engine gives it to the
            program); otherwise it is read from ``Pulumi.<stack>.yaml``.

    Raises:
        SettingsError: with every problem of the environment's files and of the configuration.
    """
    try:
        stack = stacks.parse(stack_name)
    except stacks.UnknownStackError as error:
        raise SettingsError([str(error)]) from error
    values = _stack_file(root, stack) if config is None else config
    parsed, config_problems = stack_values.check(stack, values)
    environment, problems = _environment(root, _layers(stack, parsed))
    environment = environment and _as_asked_for(root, stack, environment)
    problems += config_problems
    if environment is not None and environment.replication is not None:
        problems += stack_values.second_account(stack, values)
    if environment is None or parsed is None or problems:
        raise SettingsError([str(problem) for problem in problems])
    return Settings(root, stack, environment, parsed)


def request_file(root: Path, stack_name: str) -> Path:
    """The note that a stack's second account was asked for; kept until somebody says otherwise."""
    return root / ".leap" / "second-accounts" / stack_name


def _as_asked_for(root: Path, stack: Stack, environment: Environment) -> Environment:
    """The facts without a second account, where it is not this stack's or nobody asked for it."""
    replication = environment.replication
    if replication is None:
        return environment
    said = os.environ.get(WITH_DR, "").lower()
    asked = said == YES if said else request_file(root, stack.name).exists()
    foundation = stack.kind is StackKind.FOUNDATION
    if foundation and (asked or not replication.on_request):
        return environment
    return environment.model_copy(update={"replication": None})


def foundation(settings: Settings) -> Settings:
    """The same settings, where the stack is one that this program deploys.

    Raises:
        SettingsError: the stack is a workspace.
    """
    if settings.stack.kind is StackKind.FOUNDATION:
        return settings
    allowed = ", ".join(stacks.FOUNDATIONS)
    got = f"{settings.stack.name!r}, a workspace"
    raise SettingsError([f"stack: got {got}, allowed: {allowed} (workspaces: leap dev)"])


def workspace(settings: Settings) -> Workspace:
    """What a workspace is given.

    Raises:
        SettingsError: its own file does not say all that a deployment needs.
    """
    file, config = f"Pulumi.{settings.stack.name}.yaml", settings.config
    needed = {"foundation": config.foundation, "user": config.user, "expires_on": config.expires_on}
    problems = [
        f"{file}:{PROJECT}:{key}: got nothing, allowed: what `leap dev new` writes there"
        for key, value in needed.items()
        if not value
    ]
    if problems:
        raise SettingsError(problems)
    return workspace_facts(settings)


def workspace_facts(settings: Settings) -> Workspace:
    """What the environment of a workspace says that one is given.

    Raises:
        SettingsError: the stack is no workspace.
    """
    facts = settings.environment.workspace
    if facts is None:
        got = repr(settings.stack.name)
        raise SettingsError([f"stack: got {got}, allowed: {stacks.ALLOWED_WORKSPACES}"])
    return facts


def destination(settings: Settings) -> Destination:
    """Where the stack deploys to.

    Raises:
        SettingsError: the configuration lacks something, or the sandbox was never started.
    """
    if settings.config.target is Target.SNOWFLAKE:
        return settings.config.destination()
    found = _connection(settings.root).destination()
    if settings.environment.replication is not None and found.second is None:
        way_on = "a sandbox with two accounts: ./leap sandbox reset makes one"
        raise SettingsError([f"the sandbox: got one account, allowed: {way_on}"])
    return found


def secrets(settings: Settings) -> Secrets:
    """The sandbox's passwords; a real account's key stays with Pulumi's configuration.

    Raises:
        SettingsError: the sandbox was never started.
    """
    if settings.config.target is Target.SNOWFLAKE:
        return Secrets(None, None)
    connection = _connection(settings.root)
    snowflake, github = connection.snowflake, connection.github
    token = github.token if github is not None else None
    return Secrets(snowflake.admin.password, snowflake.people_password, token)


def environment_names(root: Path) -> list[str]:
    """The environments that have a file, without the base."""
    return sorted(p.stem for p in (root / "environments").glob("*.yaml") if p.stem != BASE)


def _layers(stack: Stack, config: StackConfig | None) -> list[str]:
    below = config.foundation if config is not None and stack.kind is StackKind.WORKSPACE else ""
    return [BASE, *([below] if below else []), stack.environment]


def _environment(root: Path, layer_names: list[str]) -> tuple[Environment | None, list[Problem]]:
    read, problems = [], []
    for file in layer_names:
        path = root / "environments" / f"{file}.yaml"
        shown = f"environments/{file}.yaml"
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(shown, "", _words(error), "a readable UTF-8 file"))
            continue
        layer, found = layers.read(shown, text)
        read.append(layer)
        problems += found
    if any(not problem.key for problem in problems):
        return None, problems
    feeds = sorted(p.stem for p in (root / "ingestion" / "feeds").glob("*.yaml"))
    merged, of_people = _with_people(root, layers.merge(read))
    environment, found = validation.check(merged, feeds)
    problems += of_people + found
    return (None if problems else environment), problems


def _words(error: OSError | UnicodeDecodeError) -> str:
    """Why a file cannot be read, without its place, which is said already."""
    words = error.strerror if isinstance(error, OSError) else None
    return words or " ".join(str(error).split())


def _with_people(root: Path, merged: Merged) -> tuple[Merged, list[Problem]]:
    """The facts with the people of the files that they name."""
    rows: list[people_file.Row] = []
    problems: list[Problem] = []
    for name in listed(merged.values.get("people_files")):
        shown = f"environments/{name}"
        try:
            text = (root / "environments" / str(name)).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(shown, "", _words(error), "a readable UTF-8 file"))
            continue
        read, found = people_file.read(shown, text)
        rows += read
        problems += found
    declared = {name: merged.file(("people", name)) for name in at(merged.values, "people")}
    problems += people_file.repeated(rows, declared)
    added = {row.name: dict(row.facts) for row in rows if row.name not in declared}
    origins: dict[layers.Path, str] = {
        ("people", row.name): row.place for row in rows if row.name in added
    }
    people: dict[str, Any] = {**at(merged.values, "people"), **added}
    values = {**merged.values, "people": people} if added else merged.values
    return Merged(values, {**merged.origins, **origins}), problems


def _stack_file(root: Path, stack: Stack) -> Mapping[str, str]:
    path = root / f"Pulumi.{stack.name}.yaml"
    if not path.is_file():
        return {}
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        words = " ".join(str(error).split())
        raise SettingsError([f"{path.name}: got broken YAML ({words}), allowed: YAML"]) from error
    values = document.get("config", {}) if isinstance(document, dict) else {}
    return {key: value for key, value in values.items() if isinstance(value, str)}


def _connection(root: Path) -> Connection:
    default = root / ".leap" / "sandbox" / "connection.json"
    path = Path(os.environ.get("LEAP_SANDBOX_CONNECTION") or default)
    try:
        return Connection.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        way_on = "a sandbox that was started once: ./leap sandbox start"
        raise SettingsError([f"{path}: got no such file, allowed: {way_on}"]) from error
    except (OSError, ValueError) as error:
        way_on = "the sandbox's own file: ./leap sandbox reset writes it anew"
        words = " ".join(str(error).split())
        raise SettingsError([f"{path}: got {words}, allowed: {way_on}"]) from error
