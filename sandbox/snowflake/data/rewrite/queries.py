"""The shape of queries: recursion without its keyword, columns by position."""

from __future__ import annotations

from sqlglot import exp


def implied_recursion(node: exp.Expr) -> exp.Expr:
    """Snowflake's RECURSIVE is optional: a CTE whose second branch reads itself is recursive."""
    if not isinstance(node, exp.With) or node.args.get("recursive"):
        return node
    for cte in node.expressions:
        body = cte.this
        if isinstance(body, exp.SetOperation) and _reads(body.expression, cte.alias):
            node.set("recursive", not _reads(body.this, cte.alias))
    return node


def _reads(tree: exp.Expr, name: str) -> bool:
    return any(
        table.name.upper() == name.upper() and not table.db for table in tree.find_all(exp.Table)
    )


def position_column(node: exp.Expr) -> exp.Expr:
    """`$1` outside a stage is the first column of the row source."""
    if isinstance(node, exp.Parameter) and isinstance(node.this, exp.Literal):
        return exp.var(f"#{node.this.this}")
    return node


def asof_join(node: exp.Expr) -> exp.Expr:
    """`ASOF JOIN … MATCH_CONDITION (c)` keeps every left row, as DuckDB's ASOF LEFT JOIN does."""
    if isinstance(node, exp.Join) and (condition := node.args.get("match_condition")):
        on = node.args.get("on")
        node.set("on", exp.and_(condition, on) if on is not None else condition.unnest())
        node.set("match_condition", None)
        node.set("side", "LEFT")
    return node
