"""The rules as the engine runs them: as mandatory policies, in the pack's own environment."""

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
from pulumi_policy.proxy import UNKNOWN_NUMBER_VALUE, UNKNOWN_STRING_VALUE, unknown_checking_proxy
from policies.pack import policies

def args(resource):
    type_, inputs = resource
    unknown = {"number": UNKNOWN_NUMBER_VALUE, "string": UNKNOWN_STRING_VALUE}
    props = {k: unknown[v[8:]] if str(v).startswith("unknown-") else v for k, v in inputs.items()}
    props = unknown_checking_proxy(props)
    return SimpleNamespace(resource_type=type_, urn="urn:pulumi:dev::leap::t::x", props=props)

found = []
stack = [args(resource) for resource in json.load(sys.stdin)]
for policy in policies():
    assert policy.enforcement_level.value == "mandatory", policy.name
    def report(message, urn=None):
        found.append([policy.name, message])
    if hasattr(policy, "has_validation"):
        for resource in stack:
            policy.validate(resource, report)
    else:
        policy.validate(SimpleNamespace(resources=stack), report)
json.dump(found, sys.stdout)
"""


def judged(warehouse: dict[str, Any]) -> list[list[str]]:
    """What the pack says in `dev` to a warehouse under a good monitor."""
    good = {"name": "BI_WH", "autoSuspend": 300, "resourceMonitor": "BI_LIMIT"}
    monitor = {"name": "BI_LIMIT", "creditQuota": 100, "suspendTrigger": 100}
    stack = [
        ("snowflake:index/warehouse:Warehouse", good | warehouse),
        ("snowflake:index/resourceMonitor:ResourceMonitor", monitor),
    ]
    done = subprocess.run(
        [str(PACK / ".venv" / "bin" / "python"), "-c", JUDGE],
        input=json.dumps(stack),
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def test_a_clean_stack_is_let_pass() -> None:
    assert judged({}) == []


@pytest.mark.parametrize(
    ("warehouse", "rule"),
    [
        ({"autoSuspend": 86400}, "warehouse-suspends"),
        ({"resourceMonitor": ""}, "warehouse-has-a-ceiling"),
    ],
)
def test_a_broken_rule_is_named_with_the_warehouse(warehouse: dict[str, Any], rule: str) -> None:
    ((name, message),) = judged(warehouse)
    assert name == rule
    assert message.startswith(f"BI_WH: {rule}: ")


def test_an_unknown_value_keeps_no_other_from_being_judged() -> None:
    late = {"autoSuspend": 86400, "comment": "unknown-string"}
    assert [name for name, _ in judged(late)] == ["warehouse-suspends"]
    assert judged({"autoSuspend": "unknown-number", "resourceMonitor": "unknown-string"}) == []
