"""The rules as CrossGuard policies: each denies or advises as its severity there says.

The engine turns a mandatory rule into advice when it reads a value that a preview does not know, so
unknown values are caught here, property by property, before a rule sees them. The engine tells a
pack in Python neither the stack nor its configuration, so the stack is read from the resources'
URNs. Building the pack starts a server that never returns: only `__main__` may do it.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from infra import stack
from infra.model.rules import resources
from infra.model.rules.catalogue import RULES
from infra.model.rules.item import UNKNOWN, Item
from infra.model.rules.judging import judge
from infra.model.rules.rule import DENIES, ENVIRONMENTS, Ground, Rule
from policies import facts

ADVICE = "-advice"
"""What the name of a policy ends with that only advises, where the same rule denies elsewhere."""


def policies() -> list[Policy]:
    """Every rule as a policy; as two where it denies in one environment and advises in another."""
    made: list[Policy] = []
    for rule in RULES:
        levels = {_denies(rule, environment) for environment in ENVIRONMENTS} - {None}
        for denies in sorted(levels, reverse=True):
            name = rule.id if denies or len(levels) == 1 else f"{rule.id}{ADVICE}"
            make = _over_a_resource if rule.whole is None else _over_the_stack
            made.append(make(rule, name, denies))
    return made


def plain(value: Any) -> Any:
    """A value in plain containers, with `UNKNOWN` for each that a preview cannot know."""
    if isinstance(value, Mapping):
        return {key: _plain_at(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain_at(value, index) for index in range(len(value))]
    return value


def _plain_at(container: Any, key: Any) -> Any:
    try:
        return plain(container[key])
    except UnknownValueError:
        return UNKNOWN


def _denies(rule: Rule, environment: str) -> bool | None:
    severity = rule.severity_in(environment)
    return None if severity is None else severity.rank >= DENIES.rank


@functools.cache
def _ground(urn: str) -> Ground:
    """The facts behind a URN's stack.

    https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
    """
    name = urn.split("::")[0].removeprefix("urn:pulumi:")
    return _of_environment(stack.parse(name).environment)


@functools.cache
def _of_environment(environment: str) -> Ground:
    return facts.ground(environment)


def _words(rule: Rule, items: Sequence[Item], urn: str, denies: bool) -> Iterator[tuple[str, str]]:
    """What to report and about which URN, if the rule has that level there."""
    ground = _ground(urn)
    if _denies(rule, ground.name) == denies:
        for finding in judge([rule], items, ground, date.today()).findings:
            yield finding.words, finding.item.place


def _over_a_resource(rule: Rule, name: str, denies: bool) -> Policy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if not resources.may_be(args.resource_type, rule.kinds):
            return
        found = resources.item(args.resource_type, args.urn, plain(args.props), args.opts.protect)
        for words, _ in _words(rule, [found] if found else [], args.urn, denies):
            report(words, None)

    return ResourceValidationPolicy(**_about(rule, name, denies), validate=validate)


def _over_the_stack(rule: Rule, name: str, denies: bool) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        if not args.resources:
            return
        items = list(_items(args.resources))
        for words, urn in _words(rule, items, args.resources[0].urn, denies):
            report(words, urn)

    return StackValidationPolicy(**_about(rule, name, denies), validate=validate)


def _items(found: Iterable[Any]) -> Iterator[Item]:
    for one in found:
        item = resources.item(one.resource_type, one.urn, plain(one.props), one.opts.protect)
        if item is not None:
            yield item


def _about(rule: Rule, name: str, denies: bool) -> dict[str, Any]:
    """What CrossGuard wants to know of a policy."""
    level = EnforcementLevel.MANDATORY if denies else EnforcementLevel.ADVISORY
    benchmark = PolicyComplianceFramework(
        "CIS Snowflake Foundations Benchmark", "1.0.0", rule.cis, ""
    )
    return {
        "name": name,
        "display_name": rule.title,
        "description": f"{rule.title}. {rule.why}",
        "enforcement_level": level,
        "severity": Severity(rule.severity.value),
        "framework": benchmark if rule.cis else None,
        "tags": [rule.topic.value],
        "remediation_steps": rule.remedy,
        "url": rule.source,
    }
