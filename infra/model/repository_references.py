"""What must hold between the facts of a repository: branches, teams and ways to merge agree."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from infra.model.faults import Fault, at, entries, known, listed
from infra.model.layers import Path


def faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Every disagreement in ``repositories``."""
    for name, repository in entries(values, "repositories"):
        for rule in (_protected, _reviewers, _merging, _reserved):
            yield from rule(("repositories", name), repository)


def _branches(repository: Mapping[str, Any]) -> list[str]:
    default = str(repository.get("default_branch", "main"))
    return [default, *map(str, listed(repository.get("branches")))]


def _protected(path: Path, repository: Mapping[str, Any]) -> Iterator[Fault]:
    branches = _branches(repository)
    for pattern in at(repository, "protection"):
        if "*" not in pattern and pattern not in branches:
            yield from known((*path, "protection", str(pattern)), pattern, branches)
    for name, deployment in entries(repository, "environments"):
        for index, pattern in enumerate(listed(deployment.get("branches"))):
            if not any(fnmatchcase(branch, str(pattern)) for branch in branches):
                where = (*path, "environments", name, "branches", index)
                yield from known(where, pattern, branches)


def _reviewers(path: Path, repository: Mapping[str, Any]) -> Iterator[Fault]:
    teams = list(at(repository, "teams"))
    for name, deployment in entries(repository, "environments"):
        for index, team in enumerate(listed(deployment.get("reviewers"))):
            yield from known((*path, "environments", name, "reviewers", index), team, teams)


def _reserved(path: Path, repository: Mapping[str, Any]) -> Iterator[Fault]:
    for group in ("variables", "secrets"):
        held = repository.get(group)
        for name in held if isinstance(held, dict | list) else ():
            if str(name).startswith("GITHUB_"):
                yield Fault((*path, group, name), repr(name), "a name without GITHUB_ before it")


def _merging(path: Path, repository: Mapping[str, Any]) -> Iterator[Fault]:
    merge = repository.get("allow_merge_commit", False)
    others = [repository.get(f"allow_{way}_merge", True) for way in ("squash", "rebase")]
    linear = any(
        rule.get("required_linear_history", True) for _, rule in entries(repository, "protection")
    )
    if linear and not any(others):
        allowed = "squash or rebase merges: a linear history has no merge commits"
        yield Fault((*path, "allow_merge_commit"), f"{merge}".lower(), allowed)
    elif not any((merge, *others)):
        yield Fault((*path, "allow_merge_commit"), "no way to merge", "at least one of the three")
