"""What git knows: the branches, the last release, and the commits that it did not bring.

A linear history is merged by rebase, so what was released stands on `main` as other commits with
the same change. A commit is therefore unreleased when no commit of `main` has its change, and it
came after the one that the last tag says it was made from.

https://git-scm.com/docs/git-rev-list#Documentation/git-rev-list.txt---cherry-pick
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from ops.release import message, version
from ops.release.message import Message
from ops.release.version import Version

TRAILER: Final = "Released-from"
"""In a release's tag: the last commit of `develop` that it brought."""
RELEASE: Final = "release"
"""The scope of a release's own commit and pull request."""
_FIELDS: Final = "%H%x1f%an%x1f%B%x1e"


class GitError(Exception):
    """Git refused; the text is its own."""


class Commit(NamedTuple):
    """A commit, and what its message says."""

    sha: str
    author: str
    text: str
    said: Message | None

    @property
    def first(self) -> str:
        """The first line."""
        return self.text.partition("\n")[0]

    @property
    def short(self) -> str:
        """Enough of the hash to find it."""
        return self.sha[:9]


class Release(NamedTuple):
    """A tag of a release."""

    tag: str
    version: Version
    made_from: str
    """The commit of `develop`; empty where the tag does not say."""


class History:
    """A clone, asked and never changed but by `tag` and `push`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def git(self, *arguments: str) -> str:
        """What a git command prints.

        Raises:
            GitError: it failed.
        """
        done = subprocess.run(
            ["git", "-C", str(self._root), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise GitError(" ".join((done.stderr or done.stdout).split()) or "git failed")
        return done.stdout

    def is_whole(self) -> bool:
        """Whether the clone has the whole history."""
        return self.git("rev-parse", "--is-shallow-repository").strip() == "false"

    def branch(self, name: str, remote: str) -> str | None:
        """The full name of a branch, the remote's before one of one's own; None without."""
        for ref in (f"refs/remotes/{remote}/{name}", f"refs/heads/{name}"):
            if self._resolves(ref):
                return ref
        return None

    def remote_url(self, remote: str) -> str:
        """Where a remote is; empty without one."""
        try:
            return self.git("remote", "get-url", remote).strip()
        except GitError:
            return ""

    def last_release(self, branch: str) -> Release | None:
        """The highest version among the tags that a branch contains."""
        tags = self.git("tag", "--list", "--merged", branch).split()
        found = [(number, tag) for tag in tags if (number := version.parse(tag)) is not None]
        if not found:
            return None
        number, tag = max(found)
        text = self.git("tag", "--list", "--format=%(contents)", tag)
        lines = (line.partition(f"{TRAILER}: ") for line in text.splitlines())
        origin = next((value.strip() for before, key, value in lines if key and not before), "")
        return Release(tag, number, origin if origin and self._resolves(origin) else "")

    def has_tag(self, tag: str) -> bool:
        """Whether the tag stands."""
        return self._resolves(f"refs/tags/{tag}")

    def unreleased(self, main: str, develop: str, last: Release | None) -> list[Commit]:
        """What `develop` has and `main` lacks, the newest first."""
        return self._log("--right-only", "--cherry-pick", f"{main}...{develop}", *_before(last))

    def only_on_main(self, main: str, develop: str) -> list[Commit]:
        """Changes of `main` that `develop` lacks, but for the releases themselves."""
        found = self._log("--left-only", "--cherry-pick", f"{main}...{develop}")
        return [one for one in found if version_of(one) is None]

    def since(self, main: str, last: Release | None) -> list[Commit]:
        """What came to `main` after the last release."""
        return self._log(main if last is None else f"{last.tag}..{main}")

    def within(self, span: str) -> list[Commit]:
        """The commits of a range as git understands it."""
        return self._log(span)

    def brought(self, main: str, develop: str, last: Release | None) -> str:
        """The newest commit of `develop` that `main` has with all before it; empty without one."""
        if self._equal(main, develop):
            return self.git("rev-parse", develop).strip()
        waiting = {one.sha for one in self.unreleased(main, develop, last)}
        found = last.made_from if last is not None else ""
        order = ("rev-list", "--reverse", "--topo-order", "--no-merges")
        for sha in self.git(*order, develop, *_before(last)).split():
            if sha in waiting:
                break
            found = sha
        return found

    def tag(self, name: str, at: str, text: str) -> None:
        """Make a signed tag.

        Raises:
            GitError: there is no key to sign with, or the tag stands.
        """
        self.git("tag", "--sign", "--cleanup=whitespace", "-m", text, name, at)

    def push(self, remote: str, tag: str) -> None:
        """Send a tag.

        Raises:
            GitError: the remote refuses it.
        """
        self.git("push", remote, f"refs/tags/{tag}")

    def _equal(self, one: str, other: str) -> bool:
        trees = {self.git("rev-parse", f"{ref}^{{tree}}").strip() for ref in (one, other)}
        return len(trees) == 1

    def _resolves(self, name: str) -> bool:
        try:
            self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except GitError:
            return False
        return True

    def _log(self, *which: str) -> list[Commit]:
        text = self.git("log", "--no-merges", f"--format={_FIELDS}", *which, "--")
        found = []
        for record in text.split("\x1e"):
            if record.strip():
                sha, author, body = record.strip("\n").split("\x1f")
                found.append(Commit(sha, author, body.strip(), message.parse(body)))
        return found


def version_of(commit: Commit) -> Version | None:
    """The version that a squashed release names: ``chore(release): v1.2.0``."""
    said = commit.said
    if said is None or (said.type, said.scope) != ("chore", RELEASE):
        return None
    return version.parse(said.what.split()[0])


def _before(last: Release | None) -> list[str]:
    """What of `develop` need not be looked at again."""
    return [f"^{last.made_from}"] if last is not None and last.made_from else []


def messages(commits: Iterable[Commit]) -> list[Message]:
    """What the conventional ones say."""
    return [one.said for one in commits if one.said is not None]
