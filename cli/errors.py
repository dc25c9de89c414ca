"""Exit codes, and which error of which part means which.

The parts raise their own errors and know nothing of exit codes. They are found here by name, so
that printing an error never imports a part that the command did not use.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """What the caller of `leap` learns from the exit status."""

    DONE = 0
    FOUND = 1
    BAD_INPUT = 2
    NOT_USABLE = 3
    STOPPED = 130


class LeapError(Exception):
    """A message for the person who typed the command, with the way on.

    `way_on` is what to do next, in words or as a command; it may be empty.
    """

    exit_code: ExitCode = ExitCode.NOT_USABLE

    def __init__(self, message: str, way_on: str = "") -> None:
        super().__init__(f"{message}\n{way_on}" if way_on else message)


class FoundError(LeapError):
    """The command ran and found something: a failed check, a change, a denied policy."""

    exit_code = ExitCode.FOUND


class BadInputError(LeapError):
    """What was typed, or a file of facts, cannot be meant."""

    exit_code = ExitCode.BAD_INPUT


class NotUsableError(LeapError):
    """Something that the command stands on is missing or broken."""


EXIT_CODES: Final[dict[str, ExitCode]] = {
    "engine.errors.EngineError": ExitCode.NOT_USABLE,
    "sandbox.errors.SandboxError": ExitCode.NOT_USABLE,
    "infra.stack.UnknownStackError": ExitCode.BAD_INPUT,
    "infra.settings.SettingsError": ExitCode.BAD_INPUT,
    "ingestion.yaml_file.InvalidInputError": ExitCode.BAD_INPUT,
    "ops.access.lookup.UnknownNameError": ExitCode.BAD_INPUT,
    "ops.github.transport.GithubError": ExitCode.NOT_USABLE,
}


def exit_code_of(error: BaseException) -> ExitCode | None:
    """The exit code that an error of any part means; None for an error nobody foresaw."""
    if isinstance(error, LeapError):
        return error.exit_code
    for ancestor in type(error).__mro__:
        code = EXIT_CODES.get(f"{ancestor.__module__}.{ancestor.__qualname__}")
        if code is not None:
            return code
    return None
