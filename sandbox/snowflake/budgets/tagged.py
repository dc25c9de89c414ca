"""The methods that count tagged objects towards a budget.

https://docs.snowflake.com/en/user-guide/budgets/custom-budget
"""

from __future__ import annotations

import json
from typing import Any, Final

from sandbox.snowflake.budgets import facts
from sandbox.snowflake.budgets.facts import fact
from sandbox.snowflake.budgets.methods import Method, Values
from sandbox.snowflake.budgets.reference import referred
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.result import Column, Result

_MODES: Final = ("UNION", "INTERSECTION")


def _pair(context: Context, reference: Any, value: Any) -> list[Any]:
    tag = referred(context, str(reference))
    if tag.kind != "TAG":
        raise CompilationError(f"{tag.name} is no tag.")
    return [tag.id, str(value)]


def _add(context: Context, budget: Record, values: Values) -> str:
    pair = _pair(context, values["REFERENCE"], values["VALUE"])
    kept = list(fact(budget, facts.TAGS))
    if pair not in kept:
        budget.properties[facts.TAGS] = [*kept, pair]
    return "Successfully added tag to resource group"


def _remove(context: Context, budget: Record, values: Values) -> str:
    pair = _pair(context, values["REFERENCE"], values["VALUE"])
    kept = list(fact(budget, facts.TAGS))
    if pair not in kept:
        raise CompilationError(f"The tag is not linked to budget {budget.name}.")
    budget.properties[facts.TAGS] = [item for item in kept if item != pair]
    return "Successfully removed tag from resource group"


def _set(context: Context, budget: Record, values: Values) -> str:
    """(an array of [reference, value], 'UNION' or 'INTERSECTION')."""
    mode = str(values.get("MODE") or "UNION").upper()
    if mode not in _MODES:
        raise CompilationError(f"Invalid mode [{mode}]; known: {', '.join(_MODES)}")
    given = values["TAGS"]
    pairs = json.loads(given) if isinstance(given, str) else given
    if not isinstance(pairs, list) or any(not isinstance(p, list) or len(p) != 2 for p in pairs):
        raise CompilationError("Tags are given as an array of [reference, value].")
    budget.properties[facts.TAGS] = [_pair(context, *pair) for pair in pairs]
    budget.properties[facts.TAG_MODE] = mode
    return "The resource tags have been updated."


def _shown(context: Context, budget: Record, values: Values) -> Result:
    names = ("TAG_ID", "TAG_NAME", "TAG_VALUE", "TAG_SCHEMA", "TAG_DATABASE")
    columns = [Column(name, "fixed" if name == "TAG_ID" else "text") for name in names]
    rows = []
    for number, value in fact(budget, facts.TAGS):
        tag = context.store.get(number)
        if tag is not None:
            rows.append((tag.id, tag.name, value, tag.path[1], tag.path[0]))
    return Result(columns, rows)


_LINK: Final = ("REFERENCE", "VALUE")
METHODS: Final[dict[str, Method]] = {
    "ADD_TAG": Method(_add, _LINK, custom_only=True),
    "ADD_RESOURCE_TAG": Method(_add, _LINK, custom_only=True),
    "REMOVE_TAG": Method(_remove, _LINK, custom_only=True),
    "REMOVE_RESOURCE_TAG": Method(_remove, _LINK, custom_only=True),
    "SET_RESOURCE_TAGS": Method(_set, ("TAGS", "MODE"), 1, custom_only=True),
    "GET_LINKED_TAGS": Method(_shown, custom_only=True, changes=False),
    "GET_RESOURCE_TAGS": Method(_shown, custom_only=True, changes=False),
}
