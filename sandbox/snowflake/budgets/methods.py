"""The methods of a budget, as CALL names them after the exclamation mark.

A method takes the values of its arguments by name and answers rows; what it changes on the record
is kept by the caller.
https://docs.snowflake.com/en/sql-reference/classes/budget
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sandbox.snowflake.budgets import facts, spending
from sandbox.snowflake.budgets.facts import fact
from sandbox.snowflake.budgets.reference import referred
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, DoesNotExistError
from sandbox.snowflake.notification.sending import integration
from sandbox.snowflake.result import Column, Result
from sandbox.snowflake.view_arguments import moment

Values = Mapping[str, Any]
Run = Callable[[Context, Record, Values], Any]
_TIERS: Final = ("TIER_1H", "TIER_6_5H")
_SUPPORTED: Final = ("WAREHOUSE", "DATABASE", "SCHEMA", "TABLE", "VIEW", "PIPE", "TASK", "ALERT")


@dataclass(frozen=True, slots=True)
class Method:
    """What it does, the names of its arguments, and how many of them must be given.

    `run` answers a text or a number, which becomes the one cell, or a Result.
    """

    run: Run
    names: tuple[str, ...] = ()
    least: int | None = None
    custom_only: bool = False
    changes: bool = True


def _set_limit(context: Context, budget: Record, values: Values) -> str:
    limit = values["SPENDING_LIMIT"]
    if isinstance(limit, str) or limit is None or int(limit) != limit or limit < 1:
        raise CompilationError(f"The spending limit must be a positive integer, not [{limit}].")
    budget.properties[facts.LIMIT] = int(limit)
    return f"The spending limit has been updated to {int(limit)} credits."


def _set_email(context: Context, budget: Record, values: Values) -> str:
    """([integration,] addresses): without an integration, Snowflake's own."""
    first, second = values["INTEGRATION"], values.get("EMAILS")
    name, emails = ("", first) if second is None else (first, second)
    if name:
        _require_type(context, str(name), "EMAIL")
    budget.properties[facts.EMAIL_INTEGRATION] = str(name).upper()
    budget.properties[facts.EMAIL] = str(emails or "")
    return "The email integration has been updated."


def _require_type(context: Context, name: str, *types: str) -> Record:
    record = integration(context, name)
    if record.properties["TYPE"] not in types:
        raise CompilationError(f"Integration '{record.name}' is not of type {' or '.join(types)}.")
    return record


def _add_integration(context: Context, budget: Record, values: Values) -> str:
    record = _require_type(context, str(values["NAME"]), "QUEUE", "WEBHOOK")
    kept = dict(fact(budget, facts.INTEGRATIONS))
    kept.setdefault(record.name, [context.now.isoformat(), None])
    budget.properties[facts.INTEGRATIONS] = kept
    return f"The notification integration {record.name} has been added to the budget."


def _remove_integration(context: Context, budget: Record, values: Values) -> str:
    name = str(values["NAME"]).upper()
    kept = dict(fact(budget, facts.INTEGRATIONS))
    if kept.pop(name, None) is None:
        raise DoesNotExistError("integration", name)
    budget.properties[facts.INTEGRATIONS] = kept
    return f"The notification integration {name} has been removed from the budget."


def _integrations(context: Context, budget: Record, values: Values) -> Result:
    columns = (
        Column("INTEGRATION_NAME"),
        Column("LAST_NOTIFICATION_TIME", "timestamp_ltz"),
        Column("ADDED_DATE", "timestamp_ltz"),
    )
    rows = [
        (name, datetime.fromisoformat(last) if last else None, datetime.fromisoformat(added))
        for name, (added, last) in sorted(fact(budget, facts.INTEGRATIONS).items())
    ]
    return Result(columns, rows)


def _mute(context: Context, budget: Record, values: Values) -> str:
    budget.properties[facts.MUTED] = str(values["MUTED"]).upper() == "TRUE"
    return "The mute flag has been updated."


def _set_threshold(context: Context, budget: Record, values: Values) -> str:
    given = values["THRESHOLD"]
    if isinstance(given, str) or given is None or given < 0:
        raise CompilationError(f"The threshold must be a percentage, not [{given}].")
    budget.properties[facts.THRESHOLD] = int(given)
    return f"The notification threshold has been updated to {int(given)}%."


def _set_tier(context: Context, budget: Record, values: Values) -> str:
    tier = str(values["TIER"]).upper()
    if tier not in _TIERS:
        raise CompilationError(f"Invalid refresh tier [{tier}]; known: {', '.join(_TIERS)}")
    budget.properties[facts.TIER] = tier
    return f"The refresh tier has been updated to {tier}."


def _add_resource(context: Context, budget: Record, values: Values) -> str:
    record = referred(context, str(values["REFERENCE"]))
    if record.kind not in _SUPPORTED:
        raise CompilationError(f"A budget cannot have objects of type {record.kind}.")
    kept = list(fact(budget, facts.RESOURCES))
    if record.id not in kept:
        budget.properties[facts.RESOURCES] = [*kept, record.id]
    return "Successfully added resource to resource group"


def _remove_resource(context: Context, budget: Record, values: Values) -> str:
    record = referred(context, str(values["REFERENCE"]))
    kept = list(fact(budget, facts.RESOURCES))
    if record.id not in kept:
        raise CompilationError(f"{record.name} is not linked to budget {budget.name}.")
    budget.properties[facts.RESOURCES] = [item for item in kept if item != record.id]
    return "Successfully removed resource from resource group"


def _resources(context: Context, budget: Record, values: Values) -> Result:
    names = ("NAME", "DOMAIN", "SCHEMA_NAME", "DATABASE_NAME")
    columns = (Column("RESOURCE_ID", "fixed"), *map(Column, names))
    found = (context.store.get(number) for number in fact(budget, facts.RESOURCES))
    return Result(columns, [_resource_row(record) for record in found if record is not None])


def _resource_row(record: Record) -> tuple[Any, ...]:
    schema = record.path[1] if len(record.path) == 3 else None
    database = record.path[0] if len(record.path) > 1 else None
    return (record.id, record.name, record.kind.replace(" ", "_"), schema, database)


def _spending(context: Context, budget: Record, values: Values) -> Result:
    """([TIME_LOWER_BOUND, TIME_UPPER_BOUND]): without, this month so far."""
    context.account.warehouses.settle_all()
    first = moment(values.get("TIME_LOWER_BOUND")) or spending.month_of(context.now)[0]
    last = moment(values.get("TIME_UPPER_BOUND")) or context.now
    columns = (
        Column("MEASUREMENT_DATE", "date"),
        Column("SERVICE_TYPE"),
        Column("CREDITS_SPENT", "real"),
    )
    return Result(columns, spending.history(context.account, budget, first, last))


def _getter(name: str, render: Callable[[Any], Any] = lambda value: value) -> Method:
    return Method(lambda context, budget, values: render(fact(budget, name)), changes=False)


METHODS: Final[dict[str, Method]] = {
    "SET_SPENDING_LIMIT": Method(_set_limit, ("SPENDING_LIMIT",)),
    "GET_SPENDING_LIMIT": _getter(facts.LIMIT),
    "SET_EMAIL_NOTIFICATIONS": Method(_set_email, ("INTEGRATION", "EMAILS"), 1),
    "GET_NOTIFICATION_EMAIL": _getter(facts.EMAIL),
    "GET_NOTIFICATION_INTEGRATION_NAME": _getter(facts.EMAIL_INTEGRATION),
    "ADD_NOTIFICATION_INTEGRATION": Method(_add_integration, ("NAME",)),
    "REMOVE_NOTIFICATION_INTEGRATION": Method(_remove_integration, ("NAME",)),
    "GET_NOTIFICATION_INTEGRATIONS": Method(_integrations, changes=False),
    "SET_NOTIFICATION_MUTE_FLAG": Method(_mute, ("MUTED",)),
    "GET_NOTIFICATION_MUTE_FLAG": _getter(facts.MUTED, lambda value: str(value).upper()),
    "SET_NOTIFICATION_THRESHOLD": Method(_set_threshold, ("THRESHOLD",)),
    "GET_NOTIFICATION_THRESHOLD": _getter(facts.THRESHOLD),
    "SET_REFRESH_TIER": Method(_set_tier, ("TIER",)),
    "GET_REFRESH_TIER": _getter(facts.TIER),
    "GET_SPENDING_HISTORY": Method(
        _spending, ("TIME_LOWER_BOUND", "TIME_UPPER_BOUND"), 0, changes=False
    ),
    "ADD_RESOURCE": Method(_add_resource, ("REFERENCE",), custom_only=True),
    "REMOVE_RESOURCE": Method(_remove_resource, ("REFERENCE",), custom_only=True),
    "GET_LINKED_RESOURCES": Method(_resources, custom_only=True, changes=False),
}
