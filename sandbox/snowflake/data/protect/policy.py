"""A policy's body as an expression over the columns that it is given.

Names in the body's own subqueries mean the columns of what these read from; any other name that an
argument bears is that argument. What the body reads is not itself protected: a policy looks with
its owner's eyes.
https://docs.snowflake.com/en/user-guide/security-column-intro#how-does-a-conditional-masking-policy-work
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final

from sqlglot import exp

from sandbox.snowflake.data.model import AppliedPolicy, ObjectName, QueryContext
from sandbox.snowflake.data.reading import parse_expression
from sandbox.snowflake.data.rewrite.queries import implied_recursion
from sandbox.snowflake.data.scope import find_tables, upper_identifiers
from sandbox.snowflake.data.statements.base import Execution

_CAST: Final = frozenset({"NUMBER", "FLOAT", "BOOLEAN", "DATE", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ"})


def applied(policy: AppliedPolicy, source: str, run: Execution, invoker: str | None) -> exp.Expr:
    """The body for columns of `source`; `invoker` is the owner of the view that reads, if any."""
    body = exp.paren(_parsed(policy.body).copy())
    given = dict(zip(policy.arguments, policy.given, strict=False))
    tables = _place_tables(body, policy, run)
    for column in list(body.find_all(exp.Column)):
        if column.table or column.name not in given or _is_own(column, tables, run):
            continue
        column.replace(exp.column(given[column.name], table=source, quoted=True))
    if invoker is not None:
        _tell_invoker(body, invoker)
    return body


def masked(policy: AppliedPolicy, source: str, run: Execution, invoker: str | None) -> exp.Expr:
    """The value that a reader of the masked column gets, in the policy's type."""
    value = applied(policy, source, run, invoker)
    family = policy.returns.partition("(")[0]
    return exp.cast(value, policy.returns, dialect="snowflake") if family in _CAST else value


@lru_cache(maxsize=256)
def _parsed(body: str) -> exp.Expr:
    tree = parse_expression(body)
    upper_identifiers(tree)
    return tree.transform(implied_recursion, copy=False)


def _place_tables(
    body: exp.Expr, policy: AppliedPolicy, run: Execution
) -> dict[exp.Table, ObjectName]:
    """Gives the tables that the body reads their full names, as seen from the policy's schema."""
    home: QueryContext = replace(
        run.context, database=policy.name.database, schema=policy.name.schema
    )
    found = dict(find_tables(body, home).objects)
    for table, name in found.items():
        short = table.name
        for key, part in zip(("catalog", "db", "this"), name, strict=True):
            table.set(key, exp.to_identifier(part, quoted=True))
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(short, quoted=True)))
    return found


def _is_own(column: exp.Column, tables: dict[exp.Table, ObjectName], run: Execution) -> bool:
    """Whether a subquery of the body has a column of that name itself."""
    select = column.find_ancestor(exp.Select)
    while select is not None:
        for table in select.find_all(exp.Table):
            name = tables.get(table)
            if name is None or table.find_ancestor(exp.Select) is not select:
                continue
            columns = run.metadata.columns(run.session.cursor, name)
            if any(stored.info.name == column.name for stored in columns):
                return True
        select = select.find_ancestor(exp.Select)
    return False


def _tell_invoker(body: exp.Expr, invoker: str) -> None:
    """INVOKER_ROLE() of a policy that a view's query meets is the view's owner.

    https://docs.snowflake.com/en/sql-reference/functions/invoker_role
    """
    for call in list(body.find_all(exp.Anonymous)):
        if call.name.upper() == "INVOKER_ROLE":
            call.replace(exp.Literal.string(invoker))
