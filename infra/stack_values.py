"""The values of a stack's own file, checked: every key known, every value of its form."""

import os
import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from infra import stack as stacks
from infra.model.problem import Problem
from infra.model.stack_config import (
    DEFAULT_REGION,
    KEYS,
    PROJECT,
    WORKSPACE_KEYS,
    StackConfig,
)
from infra.model.target import Target
from infra.stack import Stack, StackKind

ACCOUNT: Final = ("organization_name", "account_name", "user")
FOUNDATION_ONLY: Final = ("aws_account_id",)
_ACCOUNT_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]*")


def check(stack: Stack, values: Mapping[str, str]) -> tuple[StackConfig | None, list[Problem]]:
    """The configuration, or None with every problem of it. ``LEAP_TARGET`` beats the file."""
    given = _given(values)
    rules = (_of_a_workspace, _of_the_second_account)
    found = [*_keys(stack, given), *_target(stack, given)]
    found += [fault for rule in rules for fault in rule(given)]
    if found:
        return None, [_problem(stack, *fault) for fault in found]
    expires, credits_given = given.get("expires_on"), given.get("credit_quota")
    return StackConfig(
        target=Target(given.get("target", Target.SANDBOX)),
        organization_name=given.get("organization_name", ""),
        account_name=given.get("account_name", ""),
        user=given.get("user", ""),
        aws_account_id=given.get("aws_account_id", ""),
        aws_region=given.get("aws_region", DEFAULT_REGION),
        dr_account_name=given.get("dr_account_name", ""),
        dr_aws_region=given.get("dr_aws_region", ""),
        github_owner=given.get("github_owner", ""),
        foundation=given.get("foundation", ""),
        expires_on=date.fromisoformat(expires) if expires else None,
        credit_quota=int(credits_given) if credits_given else None,
        clone=given.get("clone", ""),
    ), []


_Fault = tuple[str, str, str]


def _given(values: Mapping[str, str]) -> dict[str, str]:
    """This project's values, by their short keys."""
    prefix = f"{PROJECT}:"
    given = {k.removeprefix(prefix): v for k, v in values.items() if k.startswith(prefix)}
    if os.environ.get("LEAP_TARGET"):
        given["target"] = os.environ["LEAP_TARGET"]
    return given


def _problem(stack: Stack, key: str, got: str, allowed: str) -> Problem:
    return Problem(f"Pulumi.{stack.name}.yaml", f"{PROJECT}:{key}", got, allowed)


def _keys(stack: Stack, given: Mapping[str, str]) -> list[_Fault]:
    foundation = stack.kind is StackKind.FOUNDATION
    allowed = [key for key in KEYS if not (foundation and key in WORKSPACE_KEYS)]
    unknown = sorted(set(given) - set(allowed))
    return [(key, "an unknown key", f"one of {', '.join(allowed)}") for key in unknown]


def _target(stack: Stack, given: Mapping[str, str]) -> list[_Fault]:
    found = []
    target = given.get("target", Target.SANDBOX)
    if target not in list(Target):
        found.append(("target", f"{target!r}", f"one of {', '.join(Target)}"))
    declared = given.get("environment", stack.environment)
    if declared != stack.environment:
        found.append(("environment", f"{declared!r}", repr(stack.environment)))
    if target == Target.SNOWFLAKE:
        workspace = stack.kind is StackKind.WORKSPACE
        needed = ACCOUNT if workspace else (*ACCOUNT, *FOUNDATION_ONLY)
        allowed = "text, for the target snowflake"
        found += [(key, "nothing", allowed) for key in needed if not given.get(key)]
    return found


def _of_the_second_account(given: Mapping[str, str]) -> list[_Fault]:
    found = []
    name, region = given.get("dr_account_name"), given.get("dr_aws_region")
    if name and not _ACCOUNT_NAME.fullmatch(name):
        allowed = "the account's name in the organization, like PROD_DR: no locator, no region"
        found.append(("dr_account_name", f"{name!r}", allowed))
    if name and name == given.get("account_name"):
        allowed = "another account than account_name"
        found.append(("dr_account_name", f"{name!r}", allowed))
    if region and region == given.get("aws_region", DEFAULT_REGION):
        allowed = "another region than aws_region: both would be lost together"
        found.append(("dr_aws_region", f"{region!r}", allowed))
    if bool(name) != bool(region):
        missing = "dr_aws_region" if name else "dr_account_name"
        found.append((missing, "nothing", "text: a second account has both a name and a region"))
    return found


def second_account(stack: Stack, values: Mapping[str, str]) -> list[Problem]:
    """What is missing where the facts want a second account; the sandbox brings its own."""
    given = _given(values)
    told = given.get("dr_account_name") or given.get("dr_aws_region")  # `check` looks at these
    if told or given.get("target") != Target.SNOWFLAKE:
        return []
    allowed = "the second account's name (docs/continuity.md), or replication: null in the facts"
    return [_problem(stack, "dr_account_name", "nothing", allowed)]


def _of_a_workspace(given: Mapping[str, str]) -> list[_Fault]:
    found = []
    foundation, days = given.get("foundation"), given.get("expires_on")
    if foundation and foundation not in stacks.FOUNDATIONS:
        found.append(("foundation", f"{foundation!r}", f"one of {', '.join(stacks.FOUNDATIONS)}"))
    if days and not _is_date(days):
        found.append(("expires_on", f"{days!r}", "a date like 2030-12-31"))
    quota = given.get("credit_quota")
    if quota and not (quota.isdecimal() and int(quota) > 0):
        found.append(("credit_quota", f"{quota!r}", "integer ≥ 1"))
    return found


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
