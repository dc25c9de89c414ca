"""What a killed run made on the sandbox's GitHub, and its state does not know, is taken away.

GitHub keeps no history that tells which run made what. So only what the facts declare is looked
at: repositories and teams that came after that run began, the former while nobody opened a pull
request there, and what guards a repository that neither state speaks of. A branch goes while it
has nothing of its own.

https://docs.github.com/en/rest/repos/repos#delete-a-repository
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from cli import hub
from cli.console import hint
from ops.github import names
from ops.github.deployed import deployed
from ops.github.names import thing
from ops.github.remedy import UNPROTECT
from ops.github.standing import read
from ops.github.transport import Api, GithubError, RefusedError

if TYPE_CHECKING:
    from cli.workbench import Workbench
    from infra.model.repository import Repository

State = Mapping[str, Any]
TEAM: Final = "github:index/team:Team"
BRANCH: Final = "BRANCH"
NOT_FOUND: Final = 404


def take_away(bench: Workbench, deployment: State, before: State, began: datetime | None) -> None:
    """Take away what would stand in the way of the next run; `began`: when the killed one did."""
    repositories = bench.settings.environment.repositories
    owner = hub.owner_of(bench.settings) if repositories and began is not None else ""
    if not owner or began is None:
        return
    api = hub.api_of(bench.settings)
    known = _known(deployment) | _known(before)
    try:
        for name, facts in repositories.items():
            unknown = _whole if thing(names.REPOSITORY, name) not in known else _parts
            for remove in [*unknown(api, owner, name, facts, known, began)]:
                remove()
            for slug in facts.teams:
                if thing(TEAM, slug) not in known:
                    _if_younger(api, f"/orgs/{owner}/teams/{slug}", began)
    except GithubError as error:
        hint(f"  GitHub: {error}; what the killed run made there may stand in the way")


Removals = Iterator[Callable[[], Any]]


def _known(deployment: State) -> set[names.Thing]:
    """What a state speaks of; teams and branches are things here, too."""
    code = deployed(deployment)
    teams = {
        thing(TEAM, str(entry["inputs"]["name"]))
        for entry in deployment.get("resources") or ()
        if entry["type"] == TEAM
    }
    branches = {thing(BRANCH, name, b) for name, listed in code.branches.items() for b in listed}
    return {*code.things, *teams, *branches}


def _whole(
    api: Api, owner: str, name: str, _facts: Repository, _known: set[names.Thing], began: datetime
) -> Removals:
    """The repository, with all that is in it."""
    path = f"/repos/{owner}/{name}"
    if _asked(api, path) and not api.get(f"{path}/pulls?state=all"):
        yield partial(_if_younger, api, path, began)


def _parts(
    api: Api, owner: str, name: str, facts: Repository, known: set[names.Thing], _began: datetime
) -> Removals:
    """What was added to a repository that was there before."""
    path = f"/repos/{owner}/{name}"
    if not _asked(api, path):
        return
    standing = read(api, owner, {name: [facts.default_branch, *facts.branches]})
    for one in standing.things:
        if one in known or not _is_declared(one, facts):
            continue
        if one in standing.nodes:
            node = {"branchProtectionRuleId": standing.nodes[one]}
            yield partial(api.query, UNPROTECT, input=node)
        elif one in standing.addresses:
            yield partial(api.send, "DELETE", standing.addresses[one], {})
        elif one.kind == names.VARIABLE:
            yield partial(api.send, "DELETE", f"{path}/actions/variables/{one.path[-1]}", {})
    yield from _branches(api, path, name, facts, known)


def _branches(
    api: Api, path: str, name: str, facts: Repository, known: set[names.Thing]
) -> Removals:
    """Branches that have nothing of their own."""
    main = _asked(api, f"{path}/git/ref/heads/{quote(facts.default_branch)}")
    for branch in facts.branches:
        here = _asked(api, f"{path}/git/ref/heads/{quote(branch)}")
        if thing(BRANCH, name, branch) in known or here is None or main is None:
            continue
        if here["object"]["sha"] == main["object"]["sha"]:
            yield partial(api.send, "DELETE", f"{path}/git/refs/heads/{quote(branch)}", {})


def _is_declared(one: names.Thing, facts: Repository) -> bool:
    """Whether the facts want it, so that the next run makes it."""
    named = {
        names.PROTECTION: set(facts.protection),
        names.RULESET: {f"release tags {pattern}" for pattern in facts.release_tags},
        names.VARIABLE: set(facts.variables),
    }
    return one.path[-1] in named.get(one.kind, set())


def _if_younger(api: Api, path: str, began: datetime) -> None:
    """Delete what came after the killed run began."""
    told = _asked(api, path)
    if told and datetime.fromisoformat(str(told["created_at"])) >= began:
        api.send("DELETE", path, {})


def _asked(api: Api, path: str) -> Any:
    """What GitHub shows there; None where there is nothing."""
    try:
        return api.get(path)
    except RefusedError as error:
        if error.status != NOT_FOUND:
            raise
        return None
