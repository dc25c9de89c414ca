"""Where a remote's pull requests are: the repository and its GitHub, from the remote's address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from ops.github.transport import Api, RefusedError

_URL: Final = re.compile(
    r"(?:(?P<scheme>https?)://(?:[^@/]+@)?|ssh://git@|git@)(?P<host>[^/:]+(?::\d+)?)[/:]"
    r"(?P<owner>[^/]+)/(?P<name>[^/]+?)(?:\.git)?/?"
)
GITHUB: Final = "github.com"


class Host(NamedTuple):
    """A repository on a GitHub."""

    owner: str
    name: str
    site: str
    """``https://github.com``, or an Enterprise's or the sandbox's."""

    def is_ours(self, environ: Mapping[str, str]) -> bool:
        """Whether a GitHub token may go there: github.com, the Enterprise that the shell names,
        or this machine (the sandbox). A remote elsewhere never gets one.

        https://cli.github.com/manual/gh_help_environment
        """
        named = {environ.get("GITHUB_SERVER_URL", ""), f"https://{environ.get('GH_HOST', '')}"}
        here = re.fullmatch(r"http://(127\.0\.0\.1|localhost)(:\d+)?", self.site)
        return bool(here) or self.site in {f"https://{GITHUB}", *named}

    def api(self, token: str) -> Api:
        """Its API, as a token sees it."""
        own = self.site == f"https://{GITHUB}"
        return Api(token, None if own else self.site)

    def compare_url(self, base: str, head: str) -> str:
        """The page that opens a pull request by hand."""
        return f"{self.site}/{self.owner}/{self.name}/compare/{base}...{head}?expand=1"


def of_url(url: str) -> Host | None:
    """The repository that a remote's address names; None where it is no GitHub's form."""
    match = _URL.fullmatch(url.strip())
    if match is None:
        return None
    site = f"{match['scheme'] or 'https'}://{match['host']}"
    return Host(match["owner"], match["name"], site)


class Opened(NamedTuple):
    """A pull request that stands."""

    number: int
    url: str
    anew: bool
    """False where it stood already and was given the new words."""


def open_request(
    api: Api, host: Host, *, base: str, head: str, title: str, body: str, renew: bool = False
) -> Opened | None:
    """Open the pull request of two branches, or give the one that is open the new words.

    With ``renew`` none is opened; the answer is None where none is open.

    Raises:
        GithubError: GitHub does not answer, or refuses it.
    """
    path = f"/repos/{host.owner}/{host.name}/pulls"
    standing = api.get(f"{path}?state=open&base={base}&head={host.owner}:{head}")
    words = {"title": title, "body": body}
    if standing:
        number = int(standing[0]["number"])
        changed = api.send("PATCH", f"{path}/{number}", words)
        return Opened(number, str(changed["html_url"]), anew=False)
    if renew:
        return None
    try:
        made = api.send("POST", path, {**words, "base": base, "head": head})
    except RefusedError as error:
        if error.status == 404:
            needed = "the token lacks the right to open pull requests there, or it is not there"
            raise RefusedError(404, f"{host.owner}/{host.name}: {needed}") from error
        raise
    return Opened(int(made["number"]), str(made["html_url"]), anew=True)
