"""The frame of the command: help, laziness, and errors that become exit codes."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from cli import main as entry
from cli.errors import EXIT_CODES, BadInputError, ExitCode, exit_code_of

HEAVY = ("boto3", "dbt", "duckdb", "fakesnow", "moto", "pulumi", "pydantic", "rich", "snowflake")


def every_command() -> Iterator[tuple[list[str], click.Command]]:
    """All commands, groups and their members, with the words that name them."""
    for name in entry.COMMANDS:
        command = entry.leap.get_command(click.Context(entry.leap), name)
        assert command is not None
        yield [name], command
        if isinstance(command, click.Group):
            yield from (([name, child], member) for child, member in command.commands.items())


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from cli.main import main; code = main(['--help'])\n"
        f"assert not {set(HEAVY)!r} & set(sys.modules), {set(HEAVY)!r} & set(sys.modules)\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in entry.COMMANDS)


def test_every_command_has_help_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for words, command in every_command():
        assert command.help, words
        assert "Example" in (command.epilog or ""), words
        assert f"leap {' '.join(words)}" in (command.epilog or ""), words
        assert entry.main([*words, "--help"]) == ExitCode.DONE
        assert "Usage: leap" in capsys.readouterr().out


def test_an_unknown_command_and_an_unknown_option_are_bad_input() -> None:
    assert entry.main(["no-such-command"]) == ExitCode.BAD_INPUT
    assert entry.main(["preview", "--no-such-option"]) == ExitCode.BAD_INPUT


@pytest.mark.parametrize("name", EXIT_CODES)
def test_the_errors_that_have_an_exit_code_exist(name: str) -> None:
    module, _, cls = name.rpartition(".")
    assert issubclass(getattr(importlib.import_module(module), cls), Exception)


def test_a_subclass_of_a_known_error_means_the_same() -> None:
    from engine.errors import EngineError

    class NarrowerError(EngineError):
        pass

    assert exit_code_of(NarrowerError("no Go", "install it")) is ExitCode.NOT_USABLE
    assert exit_code_of(ValueError("x")) is None


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make `leap outputs` fail with an error."""

    def fail(*_: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr("cli.workbench.facts", fail)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInputError("the stack: got x", "use local"), ExitCode.BAD_INPUT),
        (RuntimeError("boom"), ExitCode.NOT_USABLE),
        (KeyboardInterrupt(), ExitCode.STOPPED),
    ],
)
def test_an_error_is_a_text_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: ExitCode,
) -> None:
    monkeypatch.delenv("LEAP_DEBUG", raising=False)
    raising(monkeypatch, error)
    assert entry.main(["outputs"]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert str(error) in printed.err
    assert "Traceback" not in printed.err


def test_leap_debug_adds_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEAP_DEBUG", "1")
    raising(monkeypatch, BadInputError("wrong"))
    assert entry.main(["outputs"]) == ExitCode.BAD_INPUT
    assert "Traceback" in capsys.readouterr().err


def test_a_stack_that_cannot_be_is_named_with_what_is_allowed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert entry.main(["preview", "--stack", "nope"]) == ExitCode.BAD_INPUT
    assert "'nope'" in (said := capsys.readouterr().err)
    assert "local, dev, prod" in said
