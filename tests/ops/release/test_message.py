"""Commit messages: one grammar for the hook, continuous integration and the notes."""

from __future__ import annotations

import pytest

from ops.release.message import Message, faults, parse


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("feat(cli): a command", Message("feat", "cli", "a command", "")),
        ("fix: it", Message("fix", "", "it", "")),
        ("feat(api)!: drop v1", Message("feat", "api", "drop v1", "drop v1")),
        (
            "refactor: names\n\nWhy.\n\nBREAKING CHANGE: old names\n are gone\nRefs: #3",
            Message("refactor", "", "names", "old names are gone"),
        ),
        ("fix: a\n\nBREAKING-CHANGE: b", Message("fix", "", "a", "b")),
    ],
)
def test_a_conventional_message_says_what_it_is(text: str, said: Message) -> None:
    assert parse(text) == said


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Add a command", "got 'Add a command', allowed: <type>(<scope>): <what>"),
        ("feature: x", "allowed: <type>(<scope>): <what>, type one of feat, fix"),
        ("feat:x", "got 'feat:x'"),
        ("feat(Upper): x", "got 'feat(Upper): x'"),
        ("fix: ", "got 'fix:'"),
        (f"fix: {'x' * 100}", "got a first line of 105 letters, allowed: 100"),
        ("fix: x\nat once", "got 'at once' below the first line, allowed: an empty line"),
    ],
)
def test_what_is_not_conventional_is_told_with_what_is_allowed(text: str, wrong: str) -> None:
    (told,) = faults(text)
    assert wrong in told


@pytest.mark.parametrize(
    "text",
    ["feat: x\n\nMore.", "# a comment\nfix: y", "Merge branch 'x'", "fixup! feat: x"],
)
def test_what_git_writes_and_what_is_conventional_passes(text: str) -> None:
    assert list(faults(text)) == []
