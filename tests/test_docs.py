"""What the documents tell a reader to type exists, and what they link to is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest

from cli.main import COMMANDS, leap

ROOT: Final = Path(__file__).resolve().parent.parent
DOCUMENTS: Final = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "benchmarks/*.md") for path in ROOT.glob(pattern)
)
TYPED: Final = re.compile(r"(?:\./|`)leap ((?:[a-z]+)(?:[^`\n|)]*))")
LINK: Final = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def typed_commands(document: Path) -> Iterator[list[str]]:
    """The words after `leap`, wherever a document shows a command line."""
    for match in TYPED.finditer(document.read_text(encoding="utf-8")):
        yield match[1].split()


def option_names(command: click.Command) -> set[str]:
    """Every spelling of every option."""
    return {
        spelling
        for parameter in command.params
        for spelling in (*parameter.opts, *parameter.secondary_opts)
    } | {"--help"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_and_option_that_is_shown_exists(document: Path) -> None:
    unknown = []
    context = click.Context(leap)
    for words in typed_commands(document):
        command = leap.get_command(context, words[0])
        if isinstance(command, click.Group) and len(words) > 1 and words[1].isalpha():
            command = command.commands.get(words[1])
        if command is None:
            unknown.append(" ".join(words))
        elif words[0] != "dbt":
            before = words[: words.index("--")] if "--" in words else words
            options = {re.match(r"--[a-z-]+", word) for word in before}
            spelled = {option[0] for option in options if option}
            unknown += [f"{words[0]} {o}" for o in spelled - option_names(command)]
    assert unknown == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_into_the_tree_leads_somewhere(document: Path) -> None:
    targets = LINK.findall(document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_document_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    documents = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {name for name in documents if f"({name})" not in index} == set()


def test_the_readme_shows_every_command_a_newcomer_needs() -> None:
    shown = {words[0] for words in typed_commands(ROOT / "README.md")}
    assert set(COMMANDS) - shown <= {"engine", "outputs"}
