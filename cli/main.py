"""The entry point: a lazy table of commands and the one place where errors become exit codes.

Nothing heavy is imported here (no rich, boto3, connector, pulumi or dbt); a command's module is
imported when that command is run or its help is asked for.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
import warnings
from typing import Final

import click

from cli.errors import ExitCode, exit_code_of

COMMANDS: Final[dict[str, str]] = {
    "up": "Deploy the platform, load the sample feeds, build the mart, show what stands.",
    "test": "Lint, types and all tests.",
    "preview": "What a deployment would change, judged by the policies.",
    "apply": "Deploy what the preview said.",
    "destroy": "Remove everything that the stack made.",
    "approve": "The second key: approve a change that takes data out of a protected stack.",
    "undo": "Bring back what an apply or a destroy took.",
    "outputs": "What the deployed stack says about itself.",
    "status": "What stands: objects by kind, rows by table, the mart.",
    "sandbox": "The local Snowflake and AWS: start, stop, reset, status, sql.",
    "dev": "Workspaces of developers and pull requests: new, up, down, list, expire.",
    "engine": "The Pulumi engine and its plugins: install, status.",
    "env": "The variables for typing `pulumi` by hand.",
    "ingest": "Files into feeds: put, generate, status.",
    "audit": "The rules, held against facts, state, plan or account.",
    "access": "Who can do what, and why: can, who, matrix, path, diff.",
    "drift": "What differs between code and the live account, who made it, and three ways on.",
    "release": "What is new, brought from develop to main: plan, notes, cut, tag; check commits.",
    "drill": "Disasters made on purpose, and the way back: list, run, resume, back.",
    "keys": "Key pairs of service users: list, rotate.",
    "dbt": "Any dbt command, with the stack's own profile.",
}

EPILOG: Final = """\b
First time here?      leap up
Exit codes: 0 done · 1 ran and found something · 2 bad input · 3 the environment is not usable
LEAP_DEBUG=1 adds the traceback to an error."""


class LazyGroup(click.Group):
    """A group that knows its commands' names and summaries, and imports one on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one command that was named."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"cli.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the summaries without importing a single command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def leap() -> None:
    """LEAP: a Snowflake data platform as code, rehearsed on a laptop."""


def report(error: BaseException) -> ExitCode:
    """Say on standard error what went wrong and what to do; return what it means."""
    if os.environ.get("LEAP_DEBUG"):
        traceback.print_exception(error)
    code = exit_code_of(error)
    if code is not None:
        click.echo(f"leap: {error}", err=True)
        return code
    click.echo(f"leap: unexpected {type(error).__name__}: {error}", err=True)
    click.echo("This is a fault of LEAP. LEAP_DEBUG=1 shows where it happened.", err=True)
    return ExitCode.NOT_USABLE


def main(arguments: list[str] | None = None) -> int:
    """Run `leap`; the exit code is returned, never raised. A SIGTERM is a Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _run(arguments)
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(arguments: list[str] | None) -> int:
    if not os.environ.get("LEAP_DEBUG"):
        warnings.simplefilter("ignore")
    try:
        result = leap.main(arguments, prog_name="leap", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nleap: stopped. Run the same command again to complete it.", err=True)
        return ExitCode.STOPPED
    except BrokenPipeError:
        # The reader has gone; the interpreter must not complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except Exception as error:  # noqa: BLE001 -- the one boundary: whatever comes becomes a message
        return report(error)
    return result if isinstance(result, int) else ExitCode.DONE
