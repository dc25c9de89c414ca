"""Where in the facts a finding is mended: file and line, for what shows findings beside code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import yaml

from cli.paths import ROOT
from infra import stack as stacks
from infra.model.rules.item import Kind

if TYPE_CHECKING:
    from infra.model.rules.judging import Finding
    from ops.audit.sarif import Place

SECTIONS: Final[Mapping[Kind, str]] = {
    Kind.DATABASE: "database",
    Kind.MONITOR: "monitors",
    Kind.NETWORK_POLICY: "network.policies",
    Kind.NETWORK_RULE: "network.groups",
    Kind.PASSWORD_POLICY: "password_policies",
    Kind.ROLE: "roles",
    Kind.SCHEMA: "database.schemas",
    Kind.STAGE: "stages",
    Kind.USER: "service_users",
    Kind.WAREHOUSE: "warehouses",
}
"""The key of the facts under which each kind is found, for what comes from a state or account."""


def finder(stack: str) -> Callable[[Finding], Place]:
    """Says for each finding the nearest key that the environment's files have."""
    from ops.audit.sarif import Place

    environment = stacks.parse(stack).environment
    files = [f"environments/{name}.yaml" for name in (environment, "base")]
    trees = {file: yaml.compose((ROOT / file).read_text(encoding="utf-8")) for file in files}

    def find(finding: Finding) -> Place:
        keys = _keys(finding)
        found = [(*_nearest(tree, keys), file) for file, tree in trees.items()]
        depth, line, file = max(found, key=lambda one: one[0])
        return Place(file if depth else files[0], line if depth else 1)

    return find


def _keys(finding: Finding) -> list[str]:
    place, item = finding.item.place, finding.item
    if place and "::" not in place:
        return place.split(".")
    section = SECTIONS.get(item.kind, "access").split(".")
    return section if item.kind is Kind.DATABASE else [*section, item.name.split("__")[-1]]


def _nearest(tree: yaml.Node | None, keys: list[str]) -> tuple[int, int]:
    """How many of the keys a file has, and the line of the last of them."""
    depth, line = 0, 1
    for key in keys:
        if not isinstance(tree, yaml.MappingNode):
            break
        found = next(((k, v) for k, v in tree.value if k.value == key), None)
        if found is None:
            break
        depth, line, tree = depth + 1, found[0].start_mark.line + 1, found[1]
    return depth, line
