"""The numbers by which GitHub keeps what has a name for people, asked once each.

https://docs.github.com/en/rest/teams/teams#list-teams
https://docs.github.com/en/rest/repos/rules#get-all-repository-rulesets
https://docs.github.com/en/rest/deployments/branch-policies#list-deployment-branch-policies
https://docs.github.com/en/graphql/reference/objects#branchprotectionrule
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from ops.github.transport import Api

Listed: TypeAlias = Mapping[str, str]
MOST_RULES: Final = 100
"""Of one repository, by one query: GitHub gives no more."""
_RULES: Final = (
    "query($repository: ID!) { node(id: $repository) { ... on Repository {"
    f" name branchProtectionRules(first: {MOST_RULES}) {{ nodes {{ pattern }} }}"
    " } } }"
)


@dataclass(frozen=True, slots=True)
class HubNumbers:
    """GitHub as one organization's token sees it; `open_` logs in when the first is asked."""

    open_: Callable[[], Api]
    owner: str
    _known: dict[str, Listed] = field(default_factory=dict)

    def team(self, name: str) -> str | None:
        """The number of a team.

        Raises:
            GithubError, NotUsableError: it cannot be asked.
        """
        path = f"/orgs/{quote(self.owner)}/teams"
        return self._listed(path, lambda api: _by_name(api.every(path))).get(name)

    def ruleset(self, repository: str, name: str) -> str | None:
        """The number of a ruleset."""
        path = f"{self._of(repository)}/rulesets"
        return self._listed(path, lambda api: _by_name(api.every(path))).get(name)

    def deployment_policy(self, repository: str, environment: str, pattern: str) -> str | None:
        """The number of a branch pattern that may deploy."""
        where = quote(environment, safe="")
        path = f"{self._of(repository)}/environments/{where}/deployment-branch-policies"
        found = self._listed(path, lambda api: _by_name(api.every(path, "branch_policies")))
        return found.get(pattern)

    def protection(self, repository: str, pattern: str) -> str | None:
        """Repository and pattern of a rule of branch protection; the repository is a node."""

        def ask(api: Api) -> Listed:
            node = api.query(_RULES, repository=repository)[0].get("node") or {}
            rules = (node.get("branchProtectionRules") or {}).get("nodes") or ()
            patterns = [str(rule["pattern"]) for rule in rules]
            return {one: f"{node['name']}:{one}" for one in patterns}

        return self._listed(f"rules of {repository}", ask).get(pattern)

    def _of(self, repository: str) -> str:
        return f"/repos/{quote(self.owner)}/{quote(repository)}"

    def _listed(self, key: str, ask: Callable[[Api], Listed]) -> Listed:
        if key not in self._known:
            self._known[key] = ask(self.open_())
        return self._known[key]


def _by_name(items: Iterable[Mapping[str, Any]]) -> Listed:
    return {str(one["name"]): str(one["id"]) for one in items}
