"""What `leap release` works on: two branches of a clone, and the GitHub that its remote names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cli.errors import BadInputError, NotUsableError
from cli.hub import TOKENS
from ops.release import notes, version
from ops.release.history import (
    RELEASE,
    TRAILER,
    Commit,
    GitError,
    History,
    Release,
    messages,
    version_of,
)
from ops.release.host import Host, Opened, of_url, open_request
from ops.release.message import FORM, faults
from ops.release.version import Version

SIGNING: Final = (
    "Tell git your key, gpg's or SSH's: "
    "https://docs.github.com/en/authentication/managing-commit-signature-verification"
)


@dataclass(frozen=True)
class Branches:
    """The names that the person gave."""

    remote: str = "origin"
    main: str = "main"
    develop: str = "develop"


@dataclass(frozen=True)
class Plan:
    """A release that could be made."""

    branches: Branches
    last: Release | None
    version: Version
    commits: list[Commit]
    """What it brings, the newest first."""
    stray: list[Commit]
    """What `main` has and `develop` lacks."""

    @property
    def title(self) -> str:
        """Of the pull request, and so of the commit when it is squashed."""
        return f"chore({RELEASE}): {self.version}"

    @property
    def body(self) -> str:
        """The notes."""
        return notes.markdown(self.commits)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "last": self.last.tag if self.last else None,
            "version": str(self.version),
            "from": self.branches.develop,
            "to": self.branches.main,
            "sections": dict(notes.sections(self.commits)),
            "commits": [_plain(one) for one in self.commits],
            "only_on_main": [_plain(one) for one in self.stray],
            "untyped": [one.sha for one in notes.untyped(self.commits)],
        }


class Desk:
    """A clone with its two branches as they were fetched last."""

    def __init__(self, root: Path, branches: Branches) -> None:
        self.branches = branches
        self.history = History(root)
        try:
            whole = self.history.is_whole()
        except GitError as error:
            raise NotUsableError(f"This is no git repository: {error}") from error
        if not whole:
            way_on = f"git fetch --unshallow {branches.remote}"
            raise NotUsableError("This clone has a part of the history only.", way_on)
        self.main = self._ref(branches.main, "--main")
        self.develop = self._ref(branches.develop, "--develop")

    def _ref(self, name: str, option: str) -> str:
        found = self.history.branch(name, self.branches.remote)
        if found is None:
            way_on = f"git fetch {self.branches.remote}, or name another branch: {option}"
            raise BadInputError(f"{option}: got {name!r}, which is no branch here", way_on)
        return found

    def plan(self, wanted: str = "") -> Plan:
        """The next release. ``wanted``: its version, where a person says it.

        Raises:
            BadInputError: the version is none, stands, or is below the last one.
        """
        last = self.history.last_release(self.main)
        found = self.history.unreleased(self.main, self.develop, last)
        number = version.following(last.version if last else None, messages(found))
        if wanted:
            number = self._wanted(wanted, last)
        stray = self.history.only_on_main(self.main, self.develop)
        return Plan(self.branches, last, number, found, stray)

    def _wanted(self, text: str, last: Release | None) -> Version:
        number = version.parse(text)
        if number is None:
            raise BadInputError(f"--version: got {text!r}, allowed: {version.FORM}")
        if last is not None and number <= last.version:
            raise BadInputError(f"--version: got {text!r}, allowed: one after {last.tag}")
        return number

    def ready(self, wanted: str = "") -> Plan:
        """What came to `main` since the last release: what a tag would name.

        Raises:
            BadInputError: nothing did, or the version cannot be meant.
        """
        last = self.history.last_release(self.main)
        found = self.history.since(self.main, last)
        if not found:
            stands = f"{last.tag} is its last release" if last else "there is no commit"
            way_on = f"Merge the release's pull request, then: git fetch {self.branches.remote}"
            raise BadInputError(f"Nothing came to {self.branches.main}: {stands}.", way_on)
        said = max((v for one in found if (v := version_of(one)) is not None), default=None)
        number = said or version.following(last.version if last else None, messages(found))
        if wanted:
            number = self._wanted(wanted, last)
        return Plan(self.branches, last, number, found, [])

    def tag(self, plan: Plan) -> str:
        """Make the signed tag on `main`; its message.

        Raises:
            BadInputError: it stands.
            NotUsableError: git cannot sign.
        """
        name = str(plan.version)
        if self.history.has_tag(name):
            raise BadInputError(f"{name} stands already, and a release is never moved.")
        text = f"{name}\n\n{plan.body}{self._trailer(plan.last)}"
        try:
            self.history.tag(name, self.main, text)
        except GitError as error:
            raise NotUsableError(f"git made no signed tag: {error}", SIGNING) from error
        return text

    def _trailer(self, last: Release | None) -> str:
        made_from = self.history.brought(self.main, self.develop, last)
        return f"\n{TRAILER}: {made_from}\n" if made_from else ""

    def push(self, plan: Plan) -> None:
        """Send the tag.

        Raises:
            NotUsableError: the remote refuses it.
        """
        try:
            self.history.push(self.branches.remote, str(plan.version))
        except GitError as error:
            again = f"git push {self.branches.remote} {plan.version}"
            raise NotUsableError(
                f"The tag is made, and {self.branches.remote} refuses it: {error}", again
            ) from error

    def host(self) -> Host | None:
        """The repository on GitHub; None where the remote names none."""
        return of_url(self.history.remote_url(self.branches.remote))

    def request(self, plan: Plan, host: Host, token: str, *, renew: bool) -> Opened | None:
        """Open the release's pull request, or bring the words of the open one up to date.

        With ``renew`` none is opened; the answer is None where none is open.

        Raises:
            GithubError: GitHub does not answer, or refuses it.
        """
        names = {"base": self.branches.main, "head": self.branches.develop}
        words = {"title": plan.title, "body": plan.body}
        return open_request(host.api(token), host, **names, **words, renew=renew)


def token(host: Host | None) -> str:
    """The shell's token for a GitHub; empty without one, and for any other place."""
    if host is None or not host.is_ours(os.environ):
        return ""
    return next((os.environ[one] for one in TOKENS if os.environ.get(one)), "")


def within(root: Path, span: str) -> list[Commit]:
    """The commits of a range.

    Raises:
        BadInputError: git does not know it.
    """
    try:
        return History(root).within(span)
    except GitError as error:
        allowed = f"two revisions of this clone: {error}"
        raise BadInputError(f"RANGE: got {span!r}, allowed: {allowed}") from error


def problems(commits: Iterable[Commit]) -> Iterator[str]:
    """What is wrong with the messages of commits."""
    for one in commits:
        yield from (f"{one.short}: {fault}" for fault in faults(one.text))


def problems_of(text: str, what: str) -> list[str]:
    """What is wrong with one message."""
    if not text.strip():
        return [f"{what}: got nothing, allowed: {FORM}"]
    return [f"{what}: {fault}" for fault in faults(text)]


def by_hand(plan: Plan, host: Host | None, file: Path) -> Sequence[str]:
    """The commands that open the pull request without a token."""
    main, develop = plan.branches.main, plan.branches.develop
    title = f'--title "{plan.title}"'
    lines = [f"gh pr create --base {main} --head {develop} {title} --body-file {file}"]
    if host is not None:
        lines.append(f"or open {host.compare_url(main, develop)}")
    return lines


def _plain(one: Commit) -> dict[str, Any]:
    said = one.said._asdict() if one.said is not None else None
    return {"sha": one.sha, "author": one.author, "first": one.first, "said": said}
