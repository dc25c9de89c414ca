"""Budgets, which the provider has no resource for, by statements of ACCOUNTADMIN."""

from collections.abc import Sequence

import pulumi

from infra.components import contents
from infra.components.providers import Providers
from infra.dynamic.statement import Question, Statement, Statements, question
from infra.model import budget
from infra.model.budget import ACCOUNT_BUDGET, Budget, Scope
from infra.model.environment import Environment
from infra.model.naming import Token, logical
from infra.model.sql import Name, Sql, name, sql

_ROLE = "ACCOUNTADMIN"


class Budgets(pulumi.ComponentResource):
    """Every budget of an environment."""

    def __init__(
        self,
        token: str,
        environment: Environment,
        providers: Providers,
        needs: Sequence[pulumi.Resource],
        schema: pulumi.Resource,
    ) -> None:
        """``needs``: the warehouses, the database and the notifications that budgets name.
        ``schema``: that budgets lie in, but for the account's own.
        """
        super().__init__(Token.BUDGETS, token)
        options = pulumi.ResourceOptions(
            parent=self, provider=providers.statements, depends_on=list(needs)
        )
        inside = pulumi.ResourceOptions.merge(options, contents.going_with(schema))
        for key, facts in environment.budgets.items():
            own = facts.scope is Scope.ACCOUNT
            given = options if own else inside
            Statement(logical(key), _statements(key, facts, environment), given)
        self.register_outputs({})


def _statements(key: str, facts: Budget, environment: Environment) -> Statements:
    naming = environment.naming
    database, schema = naming.account(environment.database.name), environment.operations.schema_
    own = facts.scope is Scope.ACCOUNT
    place = ACCOUNT_BUDGET if own else name(database, schema, key)
    emails = ", ".join(environment.notifications[facts.notify].recipients)
    linked = [("WAREHOUSE", name(naming.account(each))) for each in facts.warehouses]
    linked += [("DATABASE", name(database))] if facts.database else []
    update: list[Sql] = list(
        budget.settings(place, facts.spending_limit, naming.account(facts.notify), emails)
    )
    update += [budget.resource(place, kind, found) for kind, found in linked]
    return Statements(
        object="the account's budget" if own else f"budget {database}.{schema}.{key}",
        role=_ROLE,
        create=budget.create(facts.scope, place),
        update=tuple(update),
        delete=(budget.delete(facts.scope, place),),
        read=_questions(place, own, name(database, schema), key),
    )


def _questions(place: Name, own: bool, home: Name, key: str) -> tuple[Question, ...]:
    limit = question(budget.getter(place, "GET_SPENDING_LIMIT"), absent="not activated")
    mail = question(budget.getter(place, "GET_NOTIFICATION_EMAIL"))
    if own:
        return (limit, mail)
    shown = sql(
        "SHOW SNOWFLAKE.CORE.BUDGET INSTANCES LIKE {key} IN SCHEMA {home}", key=key, home=home
    )
    linked = question(budget.getter(place, "GET_LINKED_RESOURCES"), ["name", "domain"])
    return (question(shown, ["name"], {"name": key}), limit, mail, linked)
