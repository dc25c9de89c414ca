"""The order in which the rewrites apply, and the text that DuckDB gets in the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fakesnow import transforms
from sqlglot import ErrorLevel, exp
from sqlglot.errors import UnsupportedError as DialectError

from sandbox.snowflake.data.rewrite import (
    alert,
    context,
    dates,
    functions,
    notification,
    queries,
    semistructured,
    types,
)
from sandbox.snowflake.data.rewrite.dialect import Sandbox
from sandbox.snowflake.errors import UnsupportedError

Rule = Callable[[exp.Expr], exp.Expr]

RULES: Final[tuple[Rule, ...]] = (
    context.context_function,
    context.clock_function,
    alert.alert_function,
    notification.notification_function,
    queries.position_column,
    semistructured.table_function,
    semistructured.compared_path,
    semistructured.compared_value,
    semistructured.bracket_of_variant,
    types.cast_of_path,
    types.cast_to_special,
    types.cast_to_text,
    functions.array_literal,
    transforms.regex_substr,
    transforms.array_agg_within_group,
    transforms.array_agg,
    transforms.object_agg,
    functions.object_construct,
    transforms.object_construct,
    transforms.values_columns,
    transforms.timestamp_offsets,
    transforms.to_variant,
    transforms.sample,
    transforms.hex_string,
    transforms.sha256,
    transforms.random,
    functions.renamed_function,
    functions.variant_predicate,
    functions.object_insert,
    functions.logical_pair,
    functions.ratio_to_report,
    functions.conditional_event,
    functions.regexp_instr,
    functions.substring_from_zero,
    functions.division,
    queries.asof_join,
    dates.date_add,
    dates.add_months,
    dates.date_trunc,
    dates.to_timestamp,
    dates.to_char,
)
_DIALECT: Final = Sandbox()


def rewrite(tree: exp.Expr) -> exp.Expr:
    """Applies the rules from the leaves up, then the types; the tree is changed in place."""
    return applied(applied(tree, RULES), (types.data_type,))


def applied(tree: exp.Expr, rules: tuple[Rule, ...]) -> exp.Expr:
    """Applies `rules` in their order to each node, the innermost nodes first."""
    for node in reversed(list(tree.bfs())):
        parent, key, index = node.parent, node.arg_key, node.index
        new = node
        for rule in rules:
            new = rule(new)
        if new is node:
            continue
        if node is tree:
            tree = new
            new.pop()
        elif parent is not None and key is not None:
            parent.set(key, new, index)
    return tree


def generate(tree: exp.Expr) -> str:
    """The DuckDB text; UnsupportedError for what DuckDB cannot say."""
    try:
        return _DIALECT.generate(tree, unsupported_level=ErrorLevel.RAISE)
    except DialectError as error:
        raise UnsupportedError(str(error).split("\n")[0]) from None
