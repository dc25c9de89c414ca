"""MERGE on DuckDB's own MERGE: unqualified names mean what they mean to Snowflake.

In WHEN NOT MATCHED a bare column is the source's (dbt writes `insert ("K") values ("K")`), and
assigned or inserted columns stand without the target's alias.
https://docs.snowflake.com/en/sql-reference/sql/merge
"""

from __future__ import annotations

from sqlglot import exp


def actions(tree: exp.Expr) -> frozenset[str]:
    """Which of INSERT, UPDATE and DELETE the statement may do."""
    return frozenset(_action(when.args["then"]) for when in tree.args["whens"].expressions)


def adapt(tree: exp.Merge) -> None:
    """Changes the statement in place into DuckDB's form, telling each row's action."""
    source = tree.args["using"]
    alias = source.alias_or_name
    for when in tree.args["whens"].expressions:
        then = when.args["then"]
        if isinstance(then, exp.Insert):
            _adapt_insert(then, alias)
        if isinstance(then, exp.Update):
            for assignment in then.expressions:
                assignment.set("this", exp.column(assignment.this.this))
        if not when.args.get("matched") and (condition := when.args.get("condition")):
            _qualify(condition, alias)
    tree.set("returning", exp.Returning(expressions=[exp.var("merge_action")]))


def _adapt_insert(then: exp.Insert, alias: str) -> None:
    if isinstance(then.this, exp.Tuple):
        columns = [exp.column(column.this) for column in then.this.expressions]
        then.set("this", exp.Tuple(expressions=columns))
    if then.expression is not None:
        _qualify(then.expression, alias)


def _qualify(tree: exp.Expr, alias: str) -> None:
    for column in list(tree.find_all(exp.Column)):
        if not column.table and column.find_ancestor(exp.Query) is None:
            column.set("table", exp.to_identifier(alias))


def _action(then: exp.Expr) -> str:
    if isinstance(then, exp.Insert):
        return "INSERT"
    return "UPDATE" if isinstance(then, exp.Update) else "DELETE"
