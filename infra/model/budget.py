"""Budgets: what serverless features and whole objects may spend in a month, by statements.

A resource monitor stops warehouses; a budget watches everything, serverless too, and warns when the
month is projected to end above it. The account has one budget of its own, which can be activated
and not made.

https://docs.snowflake.com/en/user-guide/budgets
https://docs.snowflake.com/en/sql-reference/classes/budget
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from infra.model.base import Fact
from infra.model.identifiers import Identifier
from infra.model.sql import Name, Sql, name, sql

ACCOUNT_BUDGET: Final = name("SNOWFLAKE", "LOCAL", "ACCOUNT_ROOT_BUDGET")


class Scope(StrEnum):
    """Whether a budget is over objects that it names, or the account's own."""

    OBJECTS = "objects"
    ACCOUNT = "account"


class Budget(Fact):
    """A budget in credits a month."""

    scope: Scope = Scope.OBJECTS
    """``account``: one stack only can have it, since an account has one."""
    spending_limit: Annotated[int, Field(ge=1)]
    notify: Identifier
    """The e-mail notification that tells of a projected overrun."""
    warehouses: tuple[Identifier, ...] = ()
    database: bool = False
    """Whether it is over the platform's database, with its pipes, tasks and tables."""


def create(scope: Scope, budget: Name) -> tuple[Sql, ...]:
    """Makes it, or activates the account's."""
    if scope is Scope.ACCOUNT:
        return (sql("CALL {budget}!ACTIVATE()", budget=budget),)
    return (sql("CREATE SNOWFLAKE.CORE.BUDGET IF NOT EXISTS {budget}()", budget=budget),)


def settings(budget: Name, limit: int, integration: str, emails: str) -> Iterator[Sql]:
    """Sets the limit and who is told."""
    yield sql("CALL {budget}!SET_SPENDING_LIMIT({limit})", budget=budget, limit=limit)
    yield sql(
        "CALL {budget}!SET_EMAIL_NOTIFICATIONS({integration}, {emails})",
        budget=budget,
        integration=integration,
        emails=emails,
    )


def resource(budget: Name, kind: str, found: Name) -> Sql:
    """Puts an object under the budget; once more is no error."""
    return sql(
        "CALL {budget}!ADD_RESOURCE(SYSTEM$REFERENCE({kind}, {found}, 'SESSION', 'APPLYBUDGET'))",
        budget=budget,
        kind=kind,
        found=str(found),
    )


def delete(scope: Scope, budget: Name) -> Sql:
    """Drops it, or deactivates the account's."""
    if scope is Scope.ACCOUNT:
        return sql("CALL {budget}!DEACTIVATE()", budget=budget)
    return sql("DROP SNOWFLAKE.CORE.BUDGET IF EXISTS {budget}", budget=budget)


def getter(budget: Name, method: str) -> Sql:
    """Asks one of its methods."""
    return sql("CALL {budget}!{method}()", budget=budget, method=Sql(method))
