"""The rules as the engine runs them: as policies that deny or advise, in the pack's environment."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "policies"
JUDGE = """
import json, sys
from types import SimpleNamespace
from pulumi_policy import ResourceValidationPolicy
from pulumi_policy.proxy import UNKNOWN_NUMBER_VALUE, UNKNOWN_STRING_VALUE, unknown_checking_proxy
from policies.pack import policies

UNKNOWN = {"unknown-number": UNKNOWN_NUMBER_VALUE, "unknown-string": UNKNOWN_STRING_VALUE}

def real(value):
    if isinstance(value, dict):
        return {key: real(one) for key, one in value.items()}
    if isinstance(value, list):
        return [real(one) for one in value]
    return UNKNOWN.get(value, value) if isinstance(value, str) else value

def args(stack, resource):
    type_, name, inputs, protect = resource
    return SimpleNamespace(
        resource_type=type_, urn=f"urn:pulumi:{stack}::leap::{type_}::{name}",
        props=unknown_checking_proxy(real(inputs)), opts=SimpleNamespace(protect=protect))

found = []
stack, declared = json.load(sys.stdin)
resources = [args(stack, resource) for resource in declared]
for policy in policies():
    level = policy.enforcement_level.value
    def report(message, urn=None):
        found.append([policy.name, level, message])
    if isinstance(policy, ResourceValidationPolicy):
        for resource in resources:
            policy.validate(resource, report)
    else:
        policy.validate(SimpleNamespace(resources=resources), report)
json.dump(found, sys.stdout)
"""
WAREHOUSE = "snowflake:index/warehouse:Warehouse"
MONITOR = "snowflake:index/resourceMonitor:ResourceMonitor"
FAILOVER = "snowflake:index/failoverGroup:FailoverGroup"
GRANT = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole"
Declared = tuple[str, str, dict[str, Any], bool]


def run(script: str, given: Any) -> Any:
    """What a script in the pack's own environment answers."""
    done = subprocess.run(
        [str(PACK / ".venv" / "bin" / "python"), "-c", script],
        input=json.dumps(given),
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def judged(*more: Declared, stack: str = "dev", **warehouse: Any) -> list[list[str]]:
    """What the pack says to a warehouse under a good monitor, and to whatever comes with it."""
    good = {
        "name": "DEV__BI_WH",
        "autoSuspend": 300,
        "resourceMonitor": "DEV__BI_LIMIT",
        "statementTimeoutInSeconds": 600,
        "statementQueuedTimeoutInSeconds": 60,
    }
    monitor = {"name": "DEV__BI_LIMIT", "creditQuota": 20, "suspendTrigger": 100}
    declared = [
        (WAREHOUSE, "bi-wh", good | warehouse, False),
        (MONITOR, "bi-limit", monitor, False),
        *more,
    ]
    found: list[list[str]] = run(JUDGE, [stack, declared])
    return found


def test_a_clean_stack_is_let_pass() -> None:
    assert judged() == []


@pytest.mark.parametrize(
    ("warehouse", "rule"),
    [
        ({"autoSuspend": 86400}, "warehouse-suspends"),
        ({"resourceMonitor": ""}, "warehouse-has-a-ceiling"),
        ({"warehouseSize": "LARGE"}, "warehouse-is-small-enough"),
    ],
)
def test_a_broken_rule_is_named_with_the_warehouse(warehouse: dict[str, Any], rule: str) -> None:
    ((name, level, message),) = judged(**warehouse)
    assert (name, level) == (rule, "mandatory")
    assert message.startswith(f"DEV__BI_WH: {rule}: ")


def test_an_unknown_value_keeps_no_other_from_being_judged() -> None:
    late = judged(autoSuspend=86400, comment="unknown-string")
    assert [name for name, *_ in late] == ["warehouse-suspends"]
    assert judged(autoSuspend="unknown-number", resourceMonitor="unknown-string") == []


def test_an_unknown_value_deep_inside_keeps_no_other_from_being_judged() -> None:
    on = {"objectType": "WAREHOUSE", "objectName": "unknown-string"}
    grant = {"accountRoleName": "PUBLIC", "privileges": ["USAGE"], "onAccountObject": on}
    ((name, level, message),) = judged((GRANT, "g", grant, False))
    assert (name, level) == ("nothing-for-public", "mandatory")
    assert "USAGE is granted to PUBLIC" in message


def test_a_rule_denies_in_one_environment_and_advises_in_another() -> None:
    group = {"name": "LEAP_DR", "objectTypes": ["DATABASES", "ROLES", "USERS", "WAREHOUSES"]}
    failover = (FAILOVER, "dr", group, True)
    for stack, expected in (
        ("prod", ["failover-takes-everything", "mandatory"]),
        ("dev", ["failover-takes-everything-advice", "advisory"]),
    ):
        found = [one[:2] for one in judged(failover, stack=stack)]
        assert expected in found
        other = f"{expected[0]}-advice" if stack == "prod" else expected[0].removesuffix("-advice")
        assert other not in [name for name, _ in found]


def test_advice_is_not_a_denial() -> None:
    ((name, level, _),) = judged(statementQueuedTimeoutInSeconds=0)
    assert (name, level) == ("queues-end", "advisory")


def test_policies_carry_what_the_rule_says() -> None:
    script = """
import json
from policies.pack import policies
json.dump([[p.name, p.severity.value, p.remediation_steps, p.url, p.tags,
            p.framework and p.framework.reference] for p in policies()], __import__("sys").stdout)
"""
    told = {name: rest for name, *rest in run(script, None)}
    assert told["administrators-are-not-lent"] == [
        "critical",
        "Revoke it; grant the custom role only the privileges it needs.",
        "https://docs.snowflake.com/en/user-guide/security-access-control-considerations",
        ["access"],
        "1.13",
    ]
