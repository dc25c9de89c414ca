"""`leap audit`: the rules, held against facts, state, plan or account."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import click

from cli.console import hint, say_json
from cli.errors import BadInputError, ExitCode
from cli.options import json_option, stack_option

if TYPE_CHECKING:
    from ops.audit.report import Report

Command: TypeAlias = Callable[..., Any]
SEVERITIES: Final = ("low", "medium", "high", "critical")


def _file(name: str, words: str) -> Callable[[Command], Command]:
    kind = click.Path(dir_okay=False, path_type=Path)
    return click.option(f"--{name}", name, type=kind, metavar="FILE", help=words)


@click.command(
    epilog="\b\nExamples:\n  leap audit\n  leap audit --live --stack prod --threshold high\n"
    "  leap audit --state --sarif audit.sarif --html audit.html"
)
@stack_option
@click.option("--live", is_flag=True, help="Read the stack's account, in bulk.")
@click.option("--state", is_flag=True, help="What the engine deployed.")
@click.option("--plan", is_flag=True, help="What a deployment would make, by a preview of it all.")
@json_option
@_file("sarif", "Write SARIF 2.1.0 there too.")
@_file("html", "Write one self-contained page there too.")
@click.option(
    "--threshold",
    type=click.Choice(SEVERITIES),
    default="medium",
    show_default=True,
    help="The least severity that makes the audit fail.",
)
def command(
    stack: str,
    live: bool,
    state: bool,
    plan: bool,
    as_json: bool,
    sarif: Path | None,
    html: Path | None,
    threshold: str,
) -> int:
    """Hold the declared facts to the rules, or with an option what is deployed, planned or live.

    Exit 0: no finding is as grave as the threshold. 1: some are. 2: bad input.
    3: the account or the state cannot be reached.
    """
    from cli import auditing
    from cli.audit_words import show
    from infra.model.rules.rule import Severity

    if live + state + plan > 1:
        raise BadInputError("leap audit: give at most one of --live, --state and --plan")
    look = {live: auditing.live, state: auditing.state, plan: auditing.plan}
    report = look.get(True, auditing.declared)(stack, Severity(threshold))
    if as_json:
        from ops.audit.report import as_json as plain

        say_json(plain(report))
    else:
        show(report)
    _write(report, sarif, html)
    return ExitCode.FOUND if report.failing else ExitCode.DONE


def _write(report: Report, sarif: Path | None, html: Path | None) -> None:
    from cli.audit_places import finder

    texts: list[tuple[Path, str]] = []
    if sarif is not None:
        from ops.audit.sarif import as_sarif

        document = as_sarif(report, finder(report.stack))
        texts.append((sarif, json.dumps(document, indent=2) + "\n"))
    if html is not None:
        from ops.audit.page import as_page

        texts.append((html, as_page(report)))
    for path, text in texts:
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise BadInputError(
                f"{path}: got {error.strerror}, allowed: a place to write"
            ) from error
        hint(f"Written: {path}")
