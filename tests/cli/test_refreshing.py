"""What leaves the state before the account is asked, because it is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.deployment import refreshing
from cli.deployment.engine_run import Run
from cli.deployment.events import Tally
from cli.errors import BadInputError
from tests.cli.state_entries import entry


def account(statement: str) -> list[dict[str, Any]]:
    """An account that has a warehouse and lists no pipes."""
    if statement == "SHOW WAREHOUSES":
        return [{"name": "STANDS"}]
    if statement == "SHOW PIPES IN ACCOUNT":
        raise BadInputError("cannot be listed")
    return []


def test_what_the_account_does_not_list_is_gone() -> None:
    stage, warehouse = entry("Stage", "LANDING"), entry("Warehouse", "STANDS")
    state = {"resources": [stage, warehouse, entry("Pipe", "P")]}
    assert refreshing.not_standing(state, account) == {stage["urn"]}


def test_what_has_no_name_of_its_own_or_is_already_going_is_left_to_the_engine() -> None:
    grant = {"urn": "g", "type": "snowflake:index/grantAccountRole:GrantAccountRole", "id": "g"}
    going = entry("Warehouse", "OLD", delete=True)
    assert refreshing.not_standing({"resources": [grant, going]}, account) == set()


def test_an_entry_leaves_with_whatever_points_to_it() -> None:
    stage = entry("Stage", "LANDING")
    pipe = entry(
        "Pipe",
        "P",
        dependencies=[stage["urn"], "other"],
        propertyDependencies={"copyStatement": [stage["urn"]]},
        deletedWith=stage["urn"],
    )
    left = refreshing.without({"resources": [stage, pipe]}, {stage["urn"]})["resources"]
    assert left == [
        entry("Pipe", "P", dependencies=["other"], propertyDependencies={"copyStatement": []})
    ]


@pytest.mark.parametrize(
    ("sort", "said", "leaves"),
    [
        ("IssueLabels", "GET http://x/labels?per_page=100: 404 Not Found []", True),
        ("TagAssociation", "object does not exist or not authorized", True),
        ("IssueLabels", "GET http://x/labels?per_page=100: 502 Server Error []", False),
        ("Repository", "GET http://x: 404 Not Found []", False),
    ],
)
def test_what_is_only_set_on_something_leaves_with_it(sort: str, said: str, leaves: bool) -> None:
    urn = f"urn:pulumi:local::leap::leap:index:R$github:index/{sort}:{sort}::leap"
    tally = Tally(errors=[f"{sort} leap: refreshing {urn}: 1 error occurred: * {said}"])
    run = Run("refresh", "local", 1, tally, Path("log"))
    assert refreshing.unreadable(run) == ({urn} if leaves else set())
