"""Who could change a branch without a review or a green check, over all that guards it.

A branch is held by the protection rule that fits it and by every active ruleset that does; whoever
passes must pass each. Administrators may always change the rules themselves, which is seen.

https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets#about-rule-layering
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final, TypeAlias

from ops.github import names
from ops.github.names import Settings
from ops.github.standing import Standing

Who: TypeAlias = frozenset[str] | None
"""People and programs in words; None is everybody who may write."""

NOBODY: Final[frozenset[str]] = frozenset()
ADMINISTRATORS: Final = frozenset(
    {"administrators of the repository", "owners of the organization"}
)
APPROVING: Final = "can_approve_pull_request_reviews"
"""https://docs.github.com/en/rest/actions/permissions#get-default-workflow-permissions-for-a-repository"""
_BY_REQUEST: Final = " by pull request"
_ROLES: Final[Mapping[str, frozenset[str]]] = {
    "OrganizationAdmin": frozenset({"owners of the organization"}),
    "RepositoryRole 5": ADMINISTRATORS,
    "RepositoryRole 2": ADMINISTRATORS | {"who may maintain it"},
    "RepositoryRole 4": ADMINISTRATORS | {"who may maintain it", "who may write"},
}
"""https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset"""
_WRITING: Final = ("push", "maintain", "admin")


@dataclass(frozen=True)
class _Layer:
    """One thing that holds a branch; ``None`` of a part: it was not told."""

    pull_request: bool | None
    reviews: int
    checks: tuple[str, ...]
    code_owner: bool
    force_push: Who
    deletion: Who
    direct: frozenset[str] | None
    """Who may push although a pull request is asked for; None where it was not told."""
    merging: frozenset[str] | None
    """Who may merge although a review is asked for."""
    unchecked: frozenset[str] | None
    """Who may merge although a check is asked for."""
    pushing: frozenset[str] | None = None
    """To whom pushes are left; None where everybody who may write is."""


@dataclass(frozen=True)
class Guard:
    """How one branch is held, and by whom it can be passed."""

    repository: str
    branch: str
    told: bool
    """False where it could not be read whether anything holds the branch."""
    reviews: int = 0
    code_owner: bool = False
    checks: tuple[str, ...] = ()
    push: Who = None
    merge_unreviewed: Who = None
    merge_unchecked: Who = None
    force_push: Who = None
    deletion: Who = None
    approved_by_workflows: bool = False
    """Whether a workflow may give the approval, and so nobody has to."""
    untold: tuple[str, ...] = ()
    """What could not be read of it."""

    @property
    def passers(self) -> frozenset[str]:
        """Who is not held by what holds everybody else."""
        every = (self.push, self.merge_unreviewed, self.merge_unchecked)
        return frozenset().union(*(who for who in every if who is not None))

    def sentences(self) -> Iterator[str]:
        """Who could do what, in words."""
        where = f"{self.branch} of {self.repository}"
        if not self.told:
            yield f"{where}: what protects it could not be read."
            return
        sure = "as far as could be read, " if self.untold else ""
        yield f"{where}: {sure}{_may(self.push)} push to it directly."
        needs = f"{self.reviews} approval{'s' * (self.reviews != 1)}"
        needs += " with a code owner's" * self.code_owner
        if self.merge_unreviewed is None:
            yield f"{where}: anybody who may write may merge without a review."
        else:
            yield f"{where}: a merge needs {needs}{_but(self.merge_unreviewed)}."
        if self.merge_unchecked is None:
            yield f"{where}: anybody who may write may merge without a green check."
        else:
            checks = f"green {', '.join(self.checks)}"
            yield f"{where}: a merge needs {checks}{_but(self.merge_unchecked)}."
        if self.reviews and self.approved_by_workflows:
            yield f"{where}: a workflow may give the approval."
        for who, what in ((self.force_push, "rewrite its history"), (self.deletion, "delete it")):
            if who != NOBODY:
                yield f"{where}: {_may(who)} {what}."
        if self.untold:
            yield f"{where}: it could not be read {' and '.join(self.untold)}."

    def as_json(self) -> dict[str, Any]:
        """Plain values; null is everybody who may write."""
        parts = ("push", "merge_unreviewed", "merge_unchecked", "force_push", "deletion")
        told = {
            name: None if (who := getattr(self, name)) is None else sorted(who) for name in parts
        }
        return {
            "repository": self.repository,
            "branch": self.branch,
            "read": self.told,
            "reviews": self.reviews,
            "code_owner": self.code_owner,
            "checks": list(self.checks),
            "approved_by_workflows": self.approved_by_workflows,
            **(told if self.told else {}),
            "not_read": list(self.untold),
            "sentences": list(self.sentences()),
        }


def guards(standing: Standing, branches: Mapping[str, Iterable[str]]) -> list[Guard]:
    """The guard of every branch of interest of every repository that was shown."""
    shown = {one.repository for one in standing.things}
    return [
        _guard(standing, repository, branch)
        for repository, wanted in branches.items()
        for branch in dict.fromkeys(wanted)
        if repository in shown
    ]


def writers(standing: Standing, repository: str) -> list[str]:
    """Who may write to a repository, beside the organization's owners."""
    found = [(f"team {n}", s) for n, s in standing.of(repository, names.TEAM).items()]
    found += [(n, s) for n, s in standing.of(repository, names.COLLABORATOR).items()]
    return [f"{who} ({s['permission']})" for who, s in found if s["permission"] in _WRITING]


def _guard(standing: Standing, repository: str, branch: str) -> Guard:
    rule = _fitting(standing.of(repository, names.PROTECTION), branch)
    settings = standing.of(repository, names.REPOSITORY)[repository]
    default = settings.get("default_branch")
    rulesets = [
        one
        for one in standing.of(repository, names.RULESET).values()
        if one["target"] == "branch" and one["enforcement"] == "active"
        if _includes(one, branch, is_default=branch == default)
    ]
    seen = standing.sees(repository, names.PROTECTION)
    if rule is None and not seen and not rulesets:
        return Guard(repository, branch, told=False)
    layers = [] if rule is None else [_of_rule(rule)]
    layers += [_of_ruleset(one, standing) for one in rulesets]
    untold = [] if rule is not None or seen else ["what else protects it"]
    if any(None in (one.direct, one.merging, one.unchecked) for one in layers):
        untold.append("whether administrators or others may pass it by")
    if APPROVING not in settings:
        untold.append("whether workflows may approve")
    if rule is not None and "require_pull_request" not in rule:
        untold.append("whether a pull request is asked for")
    reviewing = [one for one in layers if one.reviews]
    checking = [one for one in layers if one.checks]
    requesting = [one for one in layers if one.pull_request or one.reviews]
    restricting = [one.pushing for one in layers if one.pushing is not None]
    return Guard(
        repository,
        branch,
        told=True,
        reviews=max((one.reviews for one in layers), default=0),
        code_owner=any(one.code_owner for one in layers),
        checks=tuple(sorted({name for one in layers for name in one.checks})),
        push=_through([*(one.direct or NOBODY for one in requesting), *restricting]),
        merge_unreviewed=_through(one.merging or NOBODY for one in reviewing),
        merge_unchecked=_through(one.unchecked or NOBODY for one in checking),
        force_push=_through(one.force_push for one in layers),
        deletion=_through(one.deletion for one in layers),
        approved_by_workflows=bool(settings.get(APPROVING)),
        untold=tuple(untold),
    )


def _through(each: Iterable[Who]) -> Who:
    """Who passes all of them; everybody passes none."""
    passing: Who = None
    for who in each:
        passing = who if passing is None else passing if who is None else passing & who
    return passing


def _fitting(rules: Mapping[str, Settings], branch: str) -> Settings | None:
    """The rule that names the branch, else the oldest whose pattern fits it."""
    fits = (settings for pattern, settings in rules.items() if fnmatchcase(branch, pattern))
    return rules.get(branch) or next(fits, None)


def _includes(ruleset: Settings, branch: str, *, is_default: bool) -> bool:
    def fits(pattern: str) -> bool:
        if pattern == "~ALL" or (pattern == "~DEFAULT_BRANCH" and is_default):
            return True
        return fnmatchcase(f"refs/heads/{branch}", pattern)

    return any(map(fits, ruleset["includes"])) and not any(map(fits, ruleset["excludes"]))


def _of_rule(rule: Settings) -> _Layer:
    bound, named = rule.get("enforce_admins"), rule.get("pull_request_bypassers")
    admins = None if bound is None else NOBODY if bound else ADMINISTRATORS
    passing = None if admins is None or named is None else admins | set(named)
    allowed = rule.get("push_allowances")
    return _Layer(
        pull_request=rule.get("require_pull_request"),
        reviews=rule["required_approving_review_count"],
        checks=rule["required_status_checks"],
        code_owner=rule["require_code_owner_reviews"],
        force_push=_only(rule, "allows_force_pushes", rule.get("force_push_bypassers") or ()),
        deletion=None if rule["allows_deletions"] else NOBODY,
        direct=passing,
        merging=passing,
        unchecked=admins,
        pushing=None if allowed is None else frozenset(allowed) | (admins or NOBODY),
    )


def _only(rule: Settings, switch: str, allowed: Iterable[str]) -> Who:
    """Everybody where the switch is on, unless some are named."""
    some = frozenset(allowed)
    return some if some or not rule[switch] else None


def _of_ruleset(ruleset: Settings, standing: Standing) -> _Layer:
    rules, parameters = set(ruleset["rules"]), ruleset.get("parameters") or {}
    actors = ruleset.get("bypass_actors")
    always = _people([a for a in actors or () if not a.endswith(_BY_REQUEST)], standing)
    by_request = _people([a.removesuffix(_BY_REQUEST) for a in actors or ()], standing)
    pull, checks = (parameters.get(n) or {} for n in ("pull_request", "required_status_checks"))
    contexts = (str(one["context"]) for one in checks.get("required_status_checks") or ())
    return _Layer(
        pull_request="pull_request" in rules,
        reviews=int(pull.get("required_approving_review_count", 0)),
        checks=tuple(sorted(contexts)) if "required_status_checks" in rules else (),
        code_owner=bool(pull.get("require_code_owner_review")),
        force_push=always if "non_fast_forward" in rules else None,
        deletion=always if "deletion" in rules else None,
        direct=None if actors is None else always,
        merging=None if actors is None else by_request,
        unchecked=None if actors is None else by_request,
        pushing=always if "update" in rules else None,
    )


def _people(actors: Iterable[str], standing: Standing) -> frozenset[str]:
    found = (_ROLES.get(one) or {standing.numbers.get(one, one.lower())} for one in actors)
    return frozenset().union(*found)


def _may(who: Who) -> str:
    if who is None:
        return "anybody who may write may"
    return f"{' and '.join(sorted(who))} may" if who else "nobody may"


def _but(who: frozenset[str]) -> str:
    return f", but {' and '.join(sorted(who))} may do without" if who else ""
