"""The comment of a pull request: what it says, and that neither text nor length breaks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli import preview_comment
from cli.deployment.engine_run import Run
from cli.deployment.events import Change, Denial, Tally
from cli.opening import Opening
from cli.preview_comment import MOST_LETTERS, markdown, marker
from ops.access.difference import compare
from ops.access.facts import Facts
from ops.access.names import Securable, role, user

SUMMARY = {"create": 1, "same": 300}


def facts(source: str, *more: str) -> Facts:
    """Ann reads one table, and what is given beside it."""
    found = Facts(source)
    found.grant_role(role("READER"), user("ANN"))
    for path in (("D",), ("D", "S")):
        kind = "DATABASE" if len(path) == 1 else "SCHEMA"
        found.grant(role("READER"), ("USAGE",), Securable(kind, path))
    for name in ("T", *more):
        found.grant(role("READER"), ("SELECT",), Securable("TABLE", ("D", "S", name)))
    return found


def opening(*more: str, whole: bool = True) -> Opening:
    """The change that gives Ann these tables."""
    before, after = facts("deployed, stack local"), facts("the plan", *more)
    return Opening(before, after, compare(before, after), whole)


def run(**tally: Any) -> Run:
    """A preview."""
    return Run("preview", "local", 0, Tally(**{"summary": SUMMARY, **tally}), Path("log"))


def test_the_first_line_names_the_stack_for_whoever_replaces_it() -> None:
    text = markdown(run(), opening(), "sandbox")
    assert text.startswith("<!-- leap preview of local -->\n### Preview of `local` (sandbox)\n")
    assert marker("prod") != marker("local")


def test_a_grant_says_whom_it_opens_which_table_to_in_colour() -> None:
    text = markdown(run(), opening("SALARIES"), "sandbox")
    assert "1 to create, 300 unchanged" in text
    block = text.partition("```diff\n")[2].partition("```")[0].splitlines()
    assert "  people: ANN" in block
    gained = [line for line in block if line.startswith("+ ")]
    assert gained == ["+ gain SELECT on table in D.S: SALARIES"]


def test_nothing_opened_is_said() -> None:
    assert "Nobody gains or loses anything." in markdown(run(), opening(), "sandbox")


def test_a_plan_that_was_not_finished_says_that_there_may_be_more() -> None:
    text = markdown(run(), opening(whole=False), "sandbox")
    assert "The plan was not finished: there may be more." in text


def test_a_denial_names_policy_resource_and_the_way_on() -> None:
    denial = Denial("warehouse-suspends", "Warehouse bi-wh", "it suspends late | <b>.", True)
    advice = Denial("grants-are-used", "the stack", "look", False)
    text = markdown(run(denials=[denial, advice]), opening(), "sandbox")
    assert (
        "| **denied** | `warehouse-suspends` | Warehouse bi-wh | it suspends late \\| &lt;b>. |"
        in text
    )
    assert "| advised against | `grants-are-used` |" in text


def test_no_text_of_the_engine_closes_its_block() -> None:
    text = markdown(run(errors=["boom\n```\n# owned"]), opening(), "sandbox")
    assert "\n```\n# owned" not in text
    assert "#### Errors" in text


def test_long_lists_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_comment, "MOST_CHANGES", 2)
    changes = [Change("create", "Warehouse", f"w{n}", ()) for n in range(5)]
    text = markdown(run(changes=changes), opening(), "sandbox")
    assert "<summary>5 resources</summary>" in text
    assert "and 3 more" in text
    assert text.count("+ create Warehouse") == 2


@pytest.mark.parametrize("part", ["errors", "changes", "denials"])
def test_a_comment_that_is_too_long_is_cut_with_every_block_closed(part: str) -> None:
    long = "x" * 900
    parts: dict[str, list[Any]] = {
        "errors": [f"{n} {long}" for n in range(100)],
        "changes": [Change("create", "Warehouse", f"{n}{long}", ()) for n in range(200)],
        "denials": [Denial("p", f"{n}", long, True) for n in range(100)],
    }
    text = markdown(run(**{part: parts[part]}), opening(), "sandbox")
    assert len(text) < MOST_LETTERS + 200
    fences = [line for line in text.splitlines() if line.startswith("```")]
    assert len(fences) % 2 == 0
    assert text.count("<details>") == text.count("</details>")
    assert text.rstrip().endswith("Cut here: `leap preview` says all of it.")


def test_the_file_is_written_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "comment.md"
    preview_comment.write(file, run(), opening(), "sandbox")
    assert file.read_text(encoding="utf-8").startswith(marker("local"))
    assert str(file) in capsys.readouterr().err
