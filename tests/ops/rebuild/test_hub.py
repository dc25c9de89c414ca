"""GitHub's numbers, asked of the sandbox's GitHub as of the real one, each list once."""

from __future__ import annotations

from typing import Any

from ops.rebuild.hub import HubNumbers


class Api:
    """Answers from a table, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def every(self, path: str, key: str = "") -> list[Any]:
        self.asked.append(path)
        return {
            "/orgs/leap/teams": [{"id": 7, "name": "data-platform"}],
            "/repos/leap/r/rulesets": [{"id": 8, "name": "tags"}],
            "/repos/leap/r/environments/a%2Fb/deployment-branch-policies": [
                {"id": 9, "name": "main"}
            ],
        }[path]

    def query(self, text: str, **variables: Any) -> tuple[dict[str, Any], list[Any]]:
        self.asked.append("rules")
        if variables["repository"] != "R_1":
            return {"node": None}, [{"message": "no such node"}]
        rules = {"nodes": [{"pattern": "main"}]}
        return {"node": {"name": "r", "branchProtectionRules": rules}}, []


def numbers() -> tuple[HubNumbers, Api]:
    """GitHub, and who answers."""
    api: Any = Api()
    return HubNumbers(lambda: api, "leap"), api


def test_each_is_found_by_its_name() -> None:
    hub, _ = numbers()
    assert hub.team("data-platform") == "7"
    assert hub.ruleset("r", "tags") == "8"
    assert hub.deployment_policy("r", "a/b", "main") == "9"
    assert hub.protection("R_1", "main") == "r:main"


def test_what_is_not_there_has_none_and_a_list_is_asked_once() -> None:
    hub, api = numbers()
    assert [hub.team("nobody"), hub.team("nothing"), hub.protection("R_2", "main")] == [None] * 3
    assert api.asked == ["/orgs/leap/teams", "rules"]
