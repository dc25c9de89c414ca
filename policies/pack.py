"""The rules as CrossGuard policies, all mandatory.

The engine turns a mandatory rule into advice when it reads a value that a preview does not know, so
unknown values are caught here, property by property, before a rule sees them. The engine tells a
pack in Python neither the stack nor its configuration, so the stack is read from the resources'
URNs. Building the pack starts a server that never returns: only `__main__` may do it.
"""

import functools
from collections.abc import Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from infra import stack
from infra.model.limits import Limits
from policies import facts
from policies.catalogue import RULES
from policies.rule import UNKNOWN, Resource, Rule


def policies() -> list[Policy]:
    """Every rule as a policy."""
    return [_over_the_stack(r) if r.whole_stack else _over_a_resource(r) for r in RULES]


def known(props: Mapping[str, Any]) -> dict[str, Any]:
    """The properties, with `UNKNOWN` for each that a preview cannot know."""
    found: dict[str, Any] = {}
    for name in props:
        try:
            found[name] = props[name]
        except UnknownValueError:
            found[name] = UNKNOWN
    return found


@functools.cache
def _limits(stack_name: str) -> Limits:
    return facts.limits(stack.parse(stack_name).environment)


def _stack_of(urn: str) -> str:
    """The stack in a URN: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns."""
    return urn.split("::")[0].removeprefix("urn:pulumi:")


def _over_a_resource(rule: Rule) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        resource = Resource(args.resource_type, args.urn, known(args.props))
        for violation in rule.check([resource], _limits(_stack_of(args.urn))):
            report(rule.words(violation), None)

    return ResourceValidationPolicy(
        name=rule.id,
        display_name=rule.title,
        description=f"{rule.title}. {rule.why}",
        enforcement_level=EnforcementLevel.MANDATORY,
        remediation_steps=rule.remedy,
        url=rule.source,
        validate=validate,
    )


def _over_the_stack(rule: Rule) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = [Resource(r.resource_type, r.urn, known(r.props)) for r in args.resources]
        if not resources:
            return
        for violation in rule.check(resources, _limits(_stack_of(resources[0].urn))):
            report(rule.words(violation), violation.urn)

    return StackValidationPolicy(
        name=rule.id,
        display_name=rule.title,
        description=f"{rule.title}. {rule.why}",
        enforcement_level=EnforcementLevel.MANDATORY,
        remediation_steps=rule.remedy,
        url=rule.source,
        validate=validate,
    )
