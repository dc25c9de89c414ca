"""What stands on GitHub, in bulk: one GraphQL query for all repositories, a few lists for each.

Requests grow with repositories, rulesets and deployment environments, with nothing else. What a
token may not read is named; a list that may be short (`blind`) proves nothing to be absent.

https://docs.github.com/en/graphql/reference/objects#branchprotectionrule
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from ops.access.facts import Unread
from ops.github import names
from ops.github.names import Settings, Things, thing
from ops.github.rules import OF_A_RULE, QUERIES_AT_ONCE, of_asked, of_rule, query
from ops.github.transport import Api, RefusedError

REPOSITORY_SETTINGS: Final = (
    *("description", "visibility", "topics", "default_branch", "archived"),
    *("has_issues", "has_projects", "has_wiki"),
    *("allow_merge_commit", "allow_squash_merge", "allow_rebase_merge", "allow_auto_merge"),
    "delete_branch_on_merge",
)
_MERGING: Final = "allow_squash_merge"
"""Told to those only who may change it."""
NOT_FOUND: Final = 404
_ALERTS_OFF: Final = "alerts are disabled"


@dataclass
class Standing:
    """What GitHub told."""

    owner: str
    base_url: str | None = None
    things: Things = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    blind: set[tuple[str, str]] = field(default_factory=set)
    """Repositories and kinds of which not everything may have been told."""
    gone: set[str] = field(default_factory=set)
    """Repositories that the organization does not have: an owner of it was told so."""
    addresses: dict[names.Thing, str] = field(default_factory=dict)
    """Where REST removes what has a number for a name."""
    nodes: dict[names.Thing, str] = field(default_factory=dict)
    """What GraphQL removes, by its global id."""
    above: set[names.Thing] = field(default_factory=set)
    """Rulesets of the organization or the enterprise, which hold a repository's branches too."""
    since: dict[names.Thing, str] = field(default_factory=dict)
    """When something was changed last, where GitHub says so."""
    numbers: dict[str, str] = field(default_factory=dict)
    """What GitHub gives a number only for, in words: ``Team 7``."""
    requests: int = 0
    answered: bool = True
    """False where nobody was asked, or nobody answered."""

    def sees(self, repository: str, kind: str) -> bool:
        """Whether everything of the kind was told."""
        seen = (repository, kind) not in self.blind and repository not in self.gone
        return self.answered and seen

    def of(self, repository: str, kind: str) -> dict[str, Settings]:
        """The things of a kind by name."""
        return {
            one.path[-1]: settings
            for one, settings in self.things.items()
            if one.repository == repository and one.kind == kind
        }


def read(api: Api, owner: str, wanted: Mapping[str, Iterable[str]]) -> Standing:
    """Everything of some repositories. ``wanted``: their branches of interest.

    Raises:
        GithubError: GitHub does not answer, refuses the token, or its limit is used up.
    """
    before, standing = api.requests, Standing(owner, api.base_url)
    there = [name for name in wanted if _Reader(api, standing, name).read_repository()]
    for start in range(0, len(there), QUERIES_AT_ONCE):
        _protection(api, standing, {n: wanted[n] for n in there[start : start + QUERIES_AT_ONCE]})
    standing.requests = api.requests - before
    return standing


class _Reader:
    """One repository by REST."""

    def __init__(self, api: Api, standing: Standing, repository: str) -> None:
        self._api = api
        self._standing = standing
        self._repository = repository
        self._administers = False
        self._path = f"/repos/{standing.owner}/{repository}"

    def read_repository(self) -> bool:
        """Put down all but branch protection; whether the repository was shown at all."""
        try:
            told = self._api.get(self._path)
        except RefusedError as error:
            self._hidden(error)
            return False
        self._settings(told)
        self._lists()
        return True

    def _hidden(self, error: RefusedError) -> None:
        owner, name = self._standing.owner, self._repository
        try:
            role = self._api.get(f"/user/memberships/orgs/{owner}").get("role")
        except RefusedError:
            role = None
        if role == "admin":
            self._standing.gone.add(name)
            return
        self._standing.blind |= {(name, kind) for kind in names.KINDS}
        why = f"{error}; it is not there, or the token may not see it"
        self._standing.unread.append(Unread(f"repository {owner}/{name}", why))

    def _settings(self, told: Mapping[str, Any]) -> None:
        self._administers = bool((told.get("permissions") or {}).get("admin"))
        found = {name: told[name] for name in REPOSITORY_SETTINGS if name in told}
        found["description"] = found.get("description") or ""
        found["topics"] = tuple(found.get("topics") or ())
        if _MERGING not in told:
            self._unread("how pull requests are merged", "the token has no right to see it")
        alerts = self._asked("vulnerability alerts", "/vulnerability-alerts", may_be_off=True)
        if alerts is not _NOTHING:
            found["vulnerability_alerts"] = alerts is not False
        updates = self._asked(
            "Dependabot's security updates", "/automated-security-fixes", may_be_off=True
        )
        if updates is not _NOTHING:
            found["dependabot_security_updates"] = bool(updates and updates.get("enabled"))
        allowed = self._asked("what workflows may do", "/actions/permissions/workflow")
        if allowed is not _NOTHING:
            found |= {
                name: allowed[name]
                for name in ("default_workflow_permissions", "can_approve_pull_request_reviews")
            }
        self._put(names.REPOSITORY, None, found)

    def _lists(self) -> None:
        for item in self._every(names.TEAM, "/teams"):
            self._put(names.TEAM, item["slug"], {"permission": item["permission"]})
            self._standing.numbers[f"Team {item['id']}"] = f"team {item['slug']}"
        for item in self._every(names.COLLABORATOR, "/collaborators?affiliation=direct"):
            role = {"read": "pull", "write": "push"}.get(item["role_name"], item["role_name"])
            self._put(names.COLLABORATOR, item["login"], {"permission": role})
        for item in self._every(names.LABEL, "/labels"):
            said = {"color": item["color"], "description": item["description"] or ""}
            self._put(names.LABEL, item["name"], said)
        for item in self._every(names.VARIABLE, "/actions/variables", "variables"):
            self._put(names.VARIABLE, item["name"], {"value": item["value"]}, item)
        for item in self._every(names.SECRET, "/actions/secrets", "secrets"):
            self._put(names.SECRET, item["name"], {}, item)
        for item in self._every(names.ENVIRONMENT, "/environments", "environments"):
            self._put(names.ENVIRONMENT, item["name"], self._environment(item), item)
        for item in self._every(names.RULESET, "/rulesets"):
            self._ruleset(item)

    def _environment(self, item: Mapping[str, Any]) -> Settings:
        rules = {rule["type"]: rule for rule in item.get("protection_rules") or ()}
        reviews = rules.get("required_reviewers") or {}
        policy = item.get("deployment_branch_policy") or {}
        found = {
            "wait_timer": (rules.get("wait_timer") or {}).get("wait_timer", 0),
            "reviewers": tuple(
                one["reviewer"].get("slug") or one["reviewer"].get("login")
                for one in reviews.get("reviewers") or ()
            ),
            "prevent_self_review": bool(reviews.get("prevent_self_review")),
            "branches": (),
        }
        if item.get("can_admins_bypass") is not None:
            found["can_admins_bypass"] = item["can_admins_bypass"]
        if policy.get("protected_branches"):
            found["branches"] = ("protected branches",)
        if policy.get("custom_branch_policies"):
            path = f"/environments/{quote(item['name'], safe='')}/deployment-branch-policies"
            what = f"branches of environment {item['name']}"
            listed = self._list(what, path, "branch_policies")
            if listed is None:
                del found["branches"]
            else:
                found["branches"] = tuple(sorted(one["name"] for one in listed))
        return found

    def _ruleset(self, item: Mapping[str, Any]) -> None:
        told = self._asked(f"ruleset {item['name']}", f"/rulesets/{item['id']}")
        if told is _NOTHING:
            self._standing.blind.add((self._repository, names.RULESET))
            return
        one = thing(names.RULESET, self._repository, item["name"])
        reference = (told.get("conditions") or {}).get("ref_name") or {}
        found = {
            "target": told["target"],
            "enforcement": told["enforcement"],
            "includes": tuple(reference.get("include") or ()),
            "excludes": tuple(reference.get("exclude") or ()),
            "rules": tuple(sorted(rule["type"] for rule in told.get("rules") or ())),
            "parameters": {
                rule["type"]: rule["parameters"]
                for rule in told.get("rules") or ()
                if rule.get("parameters")
            },
        }
        if "bypass_actors" in told:
            found["bypass_actors"] = tuple(map(_bypasser, told["bypass_actors"] or ()))
        else:
            self._unread(f"who may bypass ruleset {item['name']}", "the token has no right to see")
        self._put(names.RULESET, item["name"], found, told)
        if told.get("source_type") == "Repository":
            self._standing.addresses[one] = f"{self._path}/rulesets/{item['id']}"
        else:
            self._standing.above.add(one)

    def _put(
        self, kind: str, name: str | None, found: Settings, told: Mapping[str, Any] | None = None
    ) -> None:
        one = thing(kind, self._repository, *([] if name is None else [str(name)]))
        self._standing.things[one] = found
        if told and told.get("updated_at"):
            self._standing.since[one] = str(told["updated_at"])

    def _every(self, kind: str, path: str, key: str = "") -> list[Any]:
        found = self._list(f"{kind.lower()}s", path, key)
        if found is None:
            self._standing.blind.add((self._repository, kind))
        return found or []

    def _list(self, what: str, path: str, key: str) -> list[Any] | None:
        found: list[Any] | None = self._told(
            what, lambda: self._api.every(self._path + path, key), None
        )
        return found

    def _asked(self, what: str, path: str, *, may_be_off: bool = False) -> Any:
        """An answer; False where it says that the thing is off, `_NOTHING` where it is refused."""
        try:
            return self._told(what, lambda: self._api.get(self._path + path), _NOTHING, may_be_off)
        except _OffError:
            return False

    def _told(
        self, what: str, ask: Callable[[], Any], otherwise: Any, may_be_off: bool = False
    ) -> Any:
        try:
            return ask()
        except RefusedError as error:
            # To an administrator nothing is hidden: "Not Found" says that it is off.
            off = self._administers or _ALERTS_OFF in error.message.lower()
            if may_be_off and error.status == NOT_FOUND and off:
                raise _OffError from error
            if not error.may_be_a_right:
                raise
            self._unread(what, str(error))
            return otherwise

    def _unread(self, what: str, why: str) -> None:
        place = f"{self._standing.owner}/{self._repository}"
        self._standing.unread.append(Unread(f"{what} of {place}", why))


class _OffError(Exception):
    """GitHub says by its error that a setting is off."""


_NOTHING: Final = object()


def _bypasser(actor: Mapping[str, Any]) -> str:
    """Who may pass by, as ``type number`` where GitHub gives a number only."""
    kind, number = actor.get("actor_type"), actor.get("actor_id")
    mode = "" if actor.get("bypass_mode", "always") == "always" else " by pull request"
    return f"{kind}{'' if number is None or kind == 'OrganizationAdmin' else f' {number}'}{mode}"


def _protection(api: Api, standing: Standing, wanted: Mapping[str, Iterable[str]]) -> None:
    """Branch protection of some repositories; without the right to it, what updates must meet."""
    asked = [(name, tuple(branches)) for name, branches in wanted.items()]
    text, variables = query(standing.owner, asked)
    data, errors = api.query(text, **variables)
    refused = {error["path"][0]: str(error.get("message")) for error in errors if error.get("path")}
    if errors and not data:
        told = str(errors[0].get("message"))
        refused |= {f"r{number}": told for number in range(len(asked))}
    for number, (name, branches) in enumerate(asked):
        found = data.get(f"r{number}") or {}
        rules = (found.get("branchProtectionRules") or {}).get("nodes")
        may = found.get("viewerPermission") in ("ADMIN", None)
        if rules is not None and may and f"r{number}" not in refused:
            for rule in rules:
                one = thing(names.PROTECTION, name, rule["pattern"])
                standing.things[one] = of_rule(rule)
                standing.nodes[one] = str(rule["id"])
            count = found["branchProtectionRules"]["totalCount"]
            if count > len(rules):
                standing.blind.add((name, names.PROTECTION))
                what = f"branch protections of {standing.owner}/{name}"
                standing.unread.append(Unread(what, f"{len(rules)} of {count} were told"))
        else:
            why = refused.get(f"r{number}") or "the token has no administrator's right to it"
            _as_updates_show(standing, name, branches, found, why)


def _as_updates_show(
    standing: Standing, name: str, branches: Sequence[str], found: Mapping[str, Any], why: str
) -> None:
    standing.blind.add((name, names.PROTECTION))
    hidden = ", ".join(key for key in OF_A_RULE if key not in of_asked({}))
    for number, branch in enumerate(branches):
        asked = (found.get(f"b{number}") or {}).get("refUpdateRule")
        what = f"branch protection {branch} of {standing.owner}/{name}"
        if asked is not None:
            one = thing(names.PROTECTION, name, str(asked.get("pattern") or branch))
            standing.things[one] = of_asked(asked)
            what = f"{hidden} of {what}"
        standing.unread.append(Unread(what, why))
