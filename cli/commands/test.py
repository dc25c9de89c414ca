"""`leap test`: lint, types and all tests, in that order, with pytest's summary last."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import click

from cli.console import hint, step
from cli.errors import ExitCode
from cli.paths import ROOT

CHECKS: Final[Mapping[str, Sequence[str]]] = {
    "ruff check": ("ruff", "check"),
    "ruff format": ("ruff", "format", "--check"),
    "mypy": ("mypy",),
}
OF_A_STACK: Final = frozenset({"LEAP_SANDBOX_CONNECTION", "LEAP_STACK", "LEAP_TARGET"})
FAST: Final = ("-m", "not engine")


@click.command(
    context_settings={"ignore_unknown_options": True},
    epilog="\b\nExamples:\n  leap test\n  leap test --fast\n  leap test -- tests/cli -k preview",
)
@click.option("--fast", is_flag=True, help="Leave out the tests that drive the real engine.")
@click.argument("pytest_options", nargs=-1, type=click.UNPROCESSED)
def command(fast: bool, pytest_options: tuple[str, ...]) -> int:
    """Lint, types, and all tests; what follows `--` goes to pytest.

    Ends with pytest's own summary line. A failed check fails the command, after the tests ran.
    """
    if not fast:
        from cli.engine_setup import install_engine

        install_engine()
    failed = [name for name, line in CHECKS.items() if not _passes(name, line)]
    if failed:
        hint(f"FAILED before the tests: {', '.join(failed)} (details above)")
    marks = FAST if fast else ()
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", *_workers(), *marks, *pytest_options],
        cwd=ROOT,
        env=_clean_environment(),
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return tests.returncode or (ExitCode.FOUND if failed else ExitCode.DONE)


def _workers() -> tuple[str, ...]:
    """As many processes as there are processors, up to four; each file's tests stay together.

    In the order of the folders: the long end-to-end file begins early, not at the end.
    """
    number = str(min(os.cpu_count() or 1, 4))
    return ("-n", number, "--dist", "loadfile", "--no-loadscope-reorder")


def _clean_environment() -> dict[str, str]:
    """Ours without what `leap env` exports: a test must never meet somebody's own stack."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in OF_A_STACK and not name.startswith(("PULUMI_", "LEAP_DBT_"))
    }


def _passes(name: str, line: Sequence[str]) -> bool:
    with step(name) as running:
        done = subprocess.run(
            [sys.executable, "-m", *line],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        running.done("passed" if done.returncode == 0 else "FAILED")
    if done.returncode != 0:
        hint(done.stdout + done.stderr)
    return done.returncode == 0
