"""`leap release` as it is typed, in real repositories and over the sandbox's GitHub."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import paths
from cli.main import main
from ops.release.host import Host, of_url
from tests.ops.release.conftest import Clone, clone
from tests.sandbox.github.conftest import Github, Serving

__all__ = ["clone"]
Read = pytest.CaptureFixture[str]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _here(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "ROOT", clone.folder)
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def github(tmp_path: Path, clone: Clone) -> Iterator[Github]:
    """The sandbox's GitHub as the clone's remote, with both branches."""
    folder = tmp_path / "github"
    folder.mkdir()
    with Serving(folder) as found:
        found.ask("POST", "/orgs/acme/repos", {"name": "lake", "auto_init": True})
        sha = found.ask("GET", "/repos/acme/lake/git/ref/heads/main").body["object"]["sha"]
        body = {"ref": "refs/heads/develop", "sha": sha}
        found.ask("POST", "/repos/acme/lake/git/refs", body)
        clone.git("remote", "add", "origin", f"{found.url}/acme/lake.git")
        yield found


def test_a_plan_shows_version_notes_and_what_main_alone_has(clone: Clone, capsys: Read) -> None:
    clone.commit("feat(cli): a command", "develop")
    clone.commit("fix: at night", "main")
    assert main(["release", "plan"]) == 0
    told = capsys.readouterr()
    assert "v0.1.0, after nothing was released yet: 1 commits" in told.out
    assert "## New\n\n- **cli**: a command" in told.out
    assert "only on main, bring it to develop too" in told.err


def test_a_plan_is_one_json_value(clone: Clone, capsys: Read) -> None:
    clone.commit("feat!: all new", "develop")
    clone.git("tag", "v1.4.0", "main")
    assert main(["release", "plan", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["last"], told["version"]) == ("v1.4.0", "v2.0.0")
    assert list(told["sections"]) == ["Breaking changes"]


def test_nothing_to_release_is_said(capsys: Read) -> None:
    assert main(["release", "plan"]) == 0
    assert "Nothing to release" in capsys.readouterr().out


def test_notes_of_a_range_are_markdown(clone: Clone, capsys: Read) -> None:
    clone.commit("perf: quicker", "develop")
    assert main(["release", "notes", "main..develop"]) == 0
    assert capsys.readouterr().out.startswith("## Faster\n\n- quicker (")


def test_a_range_is_checked_and_every_offender_named(clone: Clone, capsys: Read) -> None:
    clone.commit("feat: fine", "develop")
    assert main(["release", "check", "main..develop"]) == 0
    first, second = clone.commit("Oops", "develop"), clone.commit("feat:oops", "develop")
    assert main(["release", "check", "main..develop"]) == 1
    told = capsys.readouterr().err
    assert f"{first[:9]}: got 'Oops'" in told
    assert f"{second[:9]}: got 'feat:oops'" in told


def test_a_title_is_checked(capsys: Read) -> None:
    assert main(["release", "check", "--title", "feat: x"]) == 0
    assert main(["release", "check", "--title", "Update"]) == 1
    assert "title: got 'Update', allowed: <type>" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "nowhere..develop"],
        ["check"],
        ["plan", "--develop", "nowhere"],
        ["plan", "--version", "new"],
        ["tag", "--version", "v0.0.1"],
    ],
)
def test_what_cannot_be_meant_is_bad_input(clone: Clone, arguments: list[str]) -> None:
    clone.git("tag", "v0.1.0", "main")
    assert main(["release", *arguments]) == 2


def test_the_hook_judges_a_message(tmp_path: Path) -> None:
    def judged(text: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "message"
        file.write_text(text, encoding="utf-8")
        hook = ROOT / ".ci" / "commit-message"
        return subprocess.run([hook, file], capture_output=True, text=True, check=False)

    assert judged("feat(cli): x\n\n# a comment of git\n").returncode == 0
    refused = judged("x\n")
    assert refused.returncode == 1
    assert "commit message: got 'x', allowed: <type>(<scope>): <what>" in refused.stderr


def test_without_a_token_the_commands_are_printed(clone: Clone, capsys: Read) -> None:
    clone.git("remote", "add", "origin", "git@github.com:acme/lake.git")
    clone.commit("feat: x", "develop")
    assert main(["release", "cut", "--yes"]) == 0
    told = capsys.readouterr().err
    assert 'gh pr create --base main --head develop --title "chore(release): v0.1.0"' in told
    assert "https://github.com/acme/lake/compare/main...develop?expand=1" in told
    file = clone.folder / ".leap" / "release" / "v0.1.0.md"
    assert file.read_text(encoding="utf-8").startswith("## New")


@pytest.mark.sandbox
def test_a_release_is_shown_and_opened_only_when_told(
    clone: Clone, github: Github, monkeypatch: pytest.MonkeyPatch, capsys: Read
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "owner")
    clone.commit("feat: x", "develop")
    pulls = "/repos/acme/lake/pulls"
    assert main(["release", "cut"]) == 0
    assert github.ask("GET", pulls).body == []
    assert "Nothing was done." in capsys.readouterr().err
    assert main(["release", "cut", "--yes", "--renew"]) == 0
    assert github.ask("GET", pulls).body == []
    assert main(["release", "cut", "--yes"]) == 0
    (opened,) = github.ask("GET", pulls).body
    assert (opened["title"], opened["body"][:6]) == ("chore(release): v0.1.0", "## New")
    clone.commit("fix: y", "develop")
    capsys.readouterr()
    assert main(["release", "cut", "--yes", "--renew", "--json"]) == 0
    (renewed,) = github.ask("GET", pulls).body
    assert "## Fixed" in renewed["body"]
    assert json.loads(capsys.readouterr().out)["request"]["anew"] is False


@pytest.mark.sandbox
@pytest.mark.parametrize(("token", "said"), [("reader", "lacks the right"), ("x", "Bad cred")])
def test_a_token_without_the_right_is_explained(
    clone: Clone,
    github: Github,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Read,
    token: str,
    said: str,
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", token)
    clone.commit("feat: x", "develop")
    assert main(["release", "cut", "--yes"]) == 3
    assert said in capsys.readouterr().err
    assert github.ask("GET", "/repos/acme/lake/pulls").body == []


@pytest.mark.parametrize(
    ("url", "shell", "ours"),
    [
        ("git@github.com:acme/lake.git", {}, True),
        ("http://127.0.0.1:48082/acme/lake.git", {}, True),
        ("https://ghe.example/acme/lake", {"GH_HOST": "ghe.example"}, True),
        ("https://ghe.example/acme/lake", {"GITHUB_SERVER_URL": "https://ghe.example"}, True),
        ("https://ghe.example/acme/lake", {}, False),
        ("http://github.com/acme/lake", {}, False),
        ("https://gitlab.com/acme/lake.git", {"GH_HOST": ""}, False),
        ("https://github.com.evil.example/acme/lake.git", {}, False),
        ("http://127.0.0.1.evil.example/acme/lake.git", {}, False),
    ],
)
def test_a_token_goes_to_a_github_of_ours_alone(
    url: str, shell: dict[str, str], ours: bool
) -> None:
    host = of_url(url)
    assert host is not None
    assert host.is_ours(shell) is ours


def test_a_remote_elsewhere_gets_no_token(
    clone: Clone, monkeypatch: pytest.MonkeyPatch, capsys: Read
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ours")
    clone.git("remote", "add", "origin", "https://gitlab.com/acme/lake.git")
    clone.commit("feat: x", "develop")
    assert main(["release", "cut", "--yes"]) == 0
    assert "gh pr create" in capsys.readouterr().err


def test_a_tag_is_signed_and_holds_notes_and_origin(
    clone: Clone, tmp_path: Path, capsys: Read
) -> None:
    clone.sign_with_ssh(tmp_path)
    made = clone.commit("feat: x", "develop")
    clone.merge_by_rebase(made)
    assert main(["release", "tag"]) == 0
    assert clone.git("tag") == ""
    assert main(["release", "tag", "--yes"]) == 0
    clone.git("verify-tag", "v0.1.0")
    text = clone.git("tag", "--list", "--format=%(contents)", "v0.1.0")
    assert "## New\n\n- x (" in text
    assert f"Released-from: {made}" in text
    assert "git push origin v0.1.0" in capsys.readouterr().err
    assert main(["release", "tag", "--yes"]) == 2
    assert "v0.1.0 is its last release" in capsys.readouterr().err


def test_a_tag_is_pushed_only_when_told(clone: Clone, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    clone.git("init", "--quiet", "--bare", str(remote))
    clone.git("remote", "add", "origin", str(remote))
    clone.git("push", "--quiet", "origin", "main", "develop")
    clone.git("fetch", "--quiet", "origin")
    clone.sign_with_ssh(tmp_path)
    assert main(["release", "tag", "--yes", "--push"]) == 0
    tags = subprocess.run(
        ["git", "-C", str(remote), "tag"], check=True, capture_output=True, text=True
    )
    assert tags.stdout.split() == ["v0.1.0"]


def test_a_missing_key_is_explained_and_nothing_is_tagged(clone: Clone, capsys: Read) -> None:
    clone.git("config", "gpg.format", "ssh")
    assert main(["release", "tag", "--yes"]) == 3
    told = capsys.readouterr().err
    assert "git made no signed tag" in told
    assert "Tell git your key" in told
    assert clone.git("tag") == ""


def test_the_version_of_a_squashed_release_is_the_one_it_names(clone: Clone, capsys: Read) -> None:
    clone.git("tag", "v0.1.0", "main")
    clone.commit("chore(release): v0.4.0", "main")
    assert main(["release", "tag"]) == 0
    assert capsys.readouterr().out.startswith("v0.4.0 on refs/heads/main")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("git@github.com:acme/lake.git", Host("acme", "lake", "https://github.com")),
        ("https://github.com/acme/lake", Host("acme", "lake", "https://github.com")),
        ("ssh://git@ghe.example/acme/lake.git", Host("acme", "lake", "https://ghe.example")),
        ("https://token@ghe.example/acme/lake.git", Host("acme", "lake", "https://ghe.example")),
        ("/srv/git/lake.git", None),
    ],
)
def test_a_remote_names_its_repository(url: str, host: Host | None) -> None:
    assert of_url(url) == host
