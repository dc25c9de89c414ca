"""`leap ingest`: files into feeds, and what became of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.console import hint, say, say_json, say_table, step
from cli.errors import ExitCode
from cli.options import json_option, stack_option

if TYPE_CHECKING:
    from ingestion.history import FileStatus


@click.group(
    epilog="\b\nExamples:\n  leap ingest put gyms my-gyms.csv\n  leap ingest status\n"
    "  leap ingest generate --scale 10 --out /tmp/data"
)
def command() -> None:
    """Files into the landing bucket; a queue and Snowpipe make rows of them."""


@command.command(epilog="\b\nExamples:\n  leap ingest put gyms my-gyms.csv other-gyms.csv")
@click.argument("feed")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@stack_option
@json_option
def put(feed: str, files: tuple[Path, ...], stack: str, as_json: bool) -> int:
    """Put FILES into FEED and wait for the rows; the same content is loaded once.

    Exit 1 when a file did not load: the rest does, and its line and reason are shown.
    """
    from dataclasses import asdict

    from cli import loading
    from cli.deployment import stack as stacks
    from cli.workbench import open_workbench

    bench = open_workbench(stack)
    stacks.select(stack, bench.variables)
    outputs = stacks.outputs(stack, bench.variables)
    with step(f"load {len(files)} files into {feed}") as running:
        loaded = loading.load(bench, outputs, {feed: files}, running.note)
        running.done(loaded.in_words())
    if as_json:
        say_json(asdict(loaded))
    else:
        for failure in loaded.failed:
            say(failure)
    return ExitCode.FOUND if loaded.failed else ExitCode.DONE


@command.command(
    epilog="\b\nExamples:\n  leap ingest generate --scale 10 --out /tmp/data\n"
    "  leap ingest generate --out /tmp/data gyms"
)
@click.argument("feeds", nargs=-1)
@click.option("--scale", type=click.IntRange(1), default=1, show_default=True, help="80: all US.")
@click.option("--seed", type=int, help="Other data of the same shape.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="A folder."
)
@json_option
def generate(
    feeds: tuple[str, ...], scale: int, seed: int | None, out: Path, as_json: bool
) -> None:
    """Write sample files: real geography, made-up figures, the same bytes for the same options."""
    from dataclasses import asdict

    from ingestion import generate as generator

    with step(f"generate, scale {scale}") as running:
        written = generator.generate(
            out,
            scale=scale,
            seed=generator.SEED if seed is None else seed,
            feeds=feeds or None,
        )
        running.done(f"{sum(file.rows for file in written):,} rows in {len(written)} files")
    if as_json:
        say_json([asdict(file) for file in written])
    else:
        say_table(
            ("feed", "file", "rows", "bytes"),
            [(f.feed, f.path, f"{f.rows:,}", f"{f.size:,}") for f in written],
        )


@command.command(epilog="\b\nExamples:\n  leap ingest status\n  leap ingest status gyms --json")
@click.argument("feeds", nargs=-1)
@stack_option
@json_option
def status(feeds: tuple[str, ...], stack: str, as_json: bool) -> int:
    """Each file in the landing bucket and what the load history says of it.

    Exit 1 when a file failed or loaded only in part.
    """
    from cli import loading
    from cli.deployment import stack as stacks
    from cli.workbench import open_workbench

    bench = open_workbench(stack)
    stacks.select(stack, bench.variables)
    found = loading.statuses(bench, stacks.outputs(stack, bench.variables), feeds)
    facts = [_facts(status) for status in found]
    if as_json:
        say_json(facts)
    else:
        say_table(
            ("feed", "file", "state", "rows", "first error"),
            [(f["feed"], f["file"], f["state"], f["rows"], _error(f)) for f in facts],
        )
    bad = [fact for fact in facts if fact["state"] in {"failed", "partly loaded"}]
    if bad:
        hint(f"{len(bad)} of {len(facts)} files did not load in full.")
    return ExitCode.FOUND if bad else ExitCode.DONE


def _facts(status: FileStatus) -> dict[str, Any]:
    load = status.load
    return {
        "feed": status.feed,
        "file": status.file.key,
        "size": status.file.size,
        "state": str(status.state),
        "rows": load.rows if load else 0,
        "loaded_at": load.loaded_at if load else None,
        "first_error": load.first_error if load else None,
        "first_error_line": load.first_error_line if load else None,
    }


def _error(fact: dict[str, Any]) -> str:
    return f"line {fact['first_error_line']}: {fact['first_error']}" if fact["first_error"] else ""
