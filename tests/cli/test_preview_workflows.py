"""The workflows of a pull request's preview: what they may do, and how the comment is posted."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / ".github" / "workflows"
GH = """#!/bin/sh
echo "$@" >> calls
case "$*" in
  *pulls/7*) echo the-head ;;
  *PATCH*|*POST*) ;;
  *issues/7/comments*) cat known ;;
esac
"""


def workflow(name: str) -> dict[str, Any]:
    """A workflow; YAML 1.1 reads its key `on` as true."""
    found: dict[Any, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return {"on" if key is True else str(key): value for key, value in found.items()}


def steps(name: str) -> list[dict[str, Any]]:
    """The steps of a workflow's only job."""
    (job,) = workflow(name)["jobs"].values()
    listed: list[dict[str, Any]] = job["steps"]
    return listed


def test_what_runs_the_change_may_only_read_and_has_no_secret() -> None:
    text = (FOLDER / "preview.yml").read_text(encoding="utf-8")
    assert workflow("preview.yml")["on"] == "pull_request"
    assert workflow("preview.yml")["permissions"] == {"contents": "read"}
    assert "secrets." not in text
    checkout = steps("preview.yml")[0]
    assert checkout["with"]["persist-credentials"] is False


def test_what_may_write_runs_nothing_of_the_change() -> None:
    found = workflow("preview-comment.yml")
    assert found["on"] == {"workflow_run": {"workflows": ["preview"], "types": ["completed"]}}
    assert found["permissions"] == {}
    (job,) = found["jobs"].values()
    assert job["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert not any("checkout" in step.get("uses", "") for step in job["steps"])


@pytest.mark.parametrize("name", ["preview.yml", "preview-comment.yml"])
def test_no_expression_is_written_into_a_script(name: str) -> None:
    assert not [step for step in steps(name) if "${{" in step.get("run", "")]


def post(folder: Path, *, known: str = "", head: str = "the-head", text: str = "") -> list[str]:
    """Run the posting script beside a `gh` that keeps its calls; the calls that write."""
    (folder / "preview").mkdir()
    (folder / "preview" / "number").write_text("7\n")
    first = "<!-- leap preview of local -->\n"
    (folder / "preview" / "comment.md").write_text(text or f"{first}Nobody gains anything.\n")
    (folder / "known").write_text(known)
    (folder / "gh").write_text(GH)
    (folder / "gh").chmod(0o755)
    variables = {"PATH": f"{folder}:{os.environ['PATH']}", "REPOSITORY": "o/r", "HEAD_SHA": head}
    script = steps("preview-comment.yml")[-1]["run"]
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=variables,
        check=not text,
        capture_output=True,
    )
    calls = (folder / "calls").read_text().splitlines()
    return [call for call in calls if "PATCH" in call or "POST" in call]


def test_the_first_run_posts_a_comment(tmp_path: Path) -> None:
    (call,) = post(tmp_path)
    assert "POST repos/o/r/issues/7/comments -F body=@preview/comment.md" in call


def test_later_runs_replace_it(tmp_path: Path) -> None:
    (call,) = post(tmp_path, known="4711\n4712\n")
    assert "PATCH repos/o/r/issues/comments/4711 -F body=@preview/comment.md" in call


def test_a_run_of_another_commit_posts_nothing(tmp_path: Path) -> None:
    assert post(tmp_path, head="another") == []


def test_a_text_that_is_no_preview_is_not_posted(tmp_path: Path) -> None:
    assert post(tmp_path, text="buy this") == []
