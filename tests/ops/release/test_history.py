"""What is released and what is not, in real repositories with a linear history."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.release import notes, version
from ops.release.history import TRAILER, Commit, messages
from ops.release.message import parse
from ops.release.version import Version
from tests.ops.release.conftest import Clone


def _unreleased(clone: Clone) -> list[str]:
    last = clone.history.last_release("main")
    return [one.first for one in clone.history.unreleased("main", "develop", last)]


def _tag(clone: Clone, name: str) -> None:
    last = clone.history.last_release("main")
    origin = clone.history.brought("main", "develop", last)
    clone.git("tag", "--annotate", "-m", f"{name}\n\n{TRAILER}: {origin}", name, "main")


def test_branches_that_are_the_same_have_nothing_to_release(clone: Clone) -> None:
    assert _unreleased(clone) == []


def test_what_was_merged_by_rebase_is_released(clone: Clone) -> None:
    one = clone.commit("feat: one", "develop")
    clone.commit("fix: two", "develop")
    clone.merge_by_rebase(one)
    assert _unreleased(clone) == ["fix: two"]


def test_what_was_squashed_is_released_by_the_word_of_the_tag(clone: Clone) -> None:
    for text in ("feat: one", "fix: two"):
        clone.commit(text, "develop")
    clone.git("switch", "--quiet", "main")
    clone.git("merge", "--squash", "develop")
    clone.git("commit", "--quiet", "-m", "chore(release): v0.1.0")
    assert len(_unreleased(clone)) == 2
    _tag(clone, "v0.1.0")
    clone.commit("feat: three", "develop")
    assert _unreleased(clone) == ["feat: three"]


def test_a_hotfix_that_came_before_hides_nothing_that_waits(clone: Clone) -> None:
    one, two = clone.commit("feat: one", "develop"), clone.commit("fix: two", "develop")
    clone.merge_by_rebase(two)
    _tag(clone, "v0.1.0")
    assert _unreleased(clone) == ["feat: one"]
    clone.merge_by_rebase(one)
    _tag(clone, "v0.2.0")
    assert clone.history.last_release("main") == ("v0.2.0", (0, 2, 0), two)


def test_what_stands_on_main_alone_is_found_until_develop_has_it(clone: Clone) -> None:
    hot = clone.commit("fix: at night", "main")
    assert [one.sha for one in clone.history.only_on_main("main", "develop")] == [hot]
    clone.git("switch", "--quiet", "develop")
    clone.git("cherry-pick", hot)
    assert clone.history.only_on_main("main", "develop") == []


def test_the_last_release_is_the_highest_version_and_no_other_tag(clone: Clone) -> None:
    for name in ("v0.9.0", "v0.10.0", "nightly", "v1"):
        clone.git("tag", name)
    found = clone.history.last_release("main")
    assert found is not None
    assert (found.tag, found.made_from) == ("v0.10.0", "")


@pytest.mark.parametrize(
    ("last", "texts", "expected"),
    [
        (None, ["feat: x"], "v0.1.0"),
        (Version(1, 2, 3), ["fix: x", "docs: y"], "v1.2.4"),
        (Version(1, 2, 3), ["fix: x", "feat: y"], "v1.3.0"),
        (Version(1, 2, 3), ["fix!: x", "feat: y"], "v2.0.0"),
        (Version(0, 2, 3), ["fix!: x"], "v0.3.0"),
    ],
)
def test_the_next_version_follows_from_what_was_changed(
    last: Version | None, texts: list[str], expected: str
) -> None:
    commits = [Commit("0" * 40, "Ann", text, parse(text)) for text in texts]
    assert str(version.following(last, messages(commits))) == expected


def test_notes_tell_what_breaks_first_and_every_commit_once(clone: Clone) -> None:
    for text in (
        "docs: a page",
        "fix(sandbox): a leak",
        "feat(cli): a command",
        "feat(api)!: no v1",
        "refactor: names\n\nBREAKING CHANGE: old names are gone",
        "something else",
    ):
        clone.commit(text, "develop")
    found = clone.history.unreleased("main", "develop", None)
    short = {one.first: one.short for one in found}
    assert notes.markdown(found, title="v1.0.0") == "\n".join(
        [
            "# v1.0.0",
            "",
            "## Breaking changes",
            "",
            f"- old names are gone ({short['refactor: names']})",
            f"- **api**: no v1 ({short['feat(api)!: no v1']})",
            "",
            "## New",
            "",
            f"- **cli**: a command ({short['feat(cli): a command']})",
            "",
            "## Fixed",
            "",
            f"- **sandbox**: a leak ({short['fix(sandbox): a leak']})",
            "",
            "## Rebuilt",
            "",
            f"- names ({short['refactor: names']})",
            "",
            "## Documents",
            "",
            f"- a page ({short['docs: a page']})",
            "",
            "## Not conventional",
            "",
            f"- something else ({short['something else']})",
            "",
        ]
    )


def test_a_part_of_a_history_is_noticed(clone: Clone, tmp_path: Path) -> None:
    clone.commit("feat: x", "develop")
    shallow = tmp_path / "shallow"
    clone.git("clone", "--quiet", "--depth=1", f"file://{clone.folder}", str(shallow))
    assert clone.history.is_whole()
    assert not type(clone.history)(shallow).is_whole()
