"""VARIANT values where Snowflake converts them by itself, and the table functions over them."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from sandbox.snowflake.data.rewrite.functions import call
from sandbox.snowflake.data.rewrite.types import as_text
from sandbox.snowflake.errors import UnsupportedError

_COMPARISONS: Final = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ)
_TEXT_FUNCTIONS: Final = (
    exp.Upper,
    exp.Lower,
    exp.Trim,
    exp.Length,
    exp.Split,
    exp.SplitPart,
    exp.Substring,
    exp.Concat,
    exp.ConcatWs,
    exp.DPipe,
    exp.Like,
    exp.ILike,
    exp.RegexpLike,
    exp.RegexpReplace,
    exp.RegexpExtract,
    exp.Replace,
    exp.Left,
    exp.Right,
    exp.MD5,
    exp.SHA2,
    exp.StrToTime,
    exp.TsOrDsToDate,
    exp.ToNumber,
    exp.Contains,
    exp.StartsWith,
    exp.EndsWith,
    exp.Initcap,
    exp.Pad,
)
_FLATTEN_OPTIONS: Final = ("INPUT", "PATH", "OUTER", "RECURSIVE", "MODE")


def compared_path(node: exp.Expr) -> exp.Expr:
    """`v:a = 'x'` compares the text, `v:a > 3` the number, not the JSON that DuckDB keeps."""
    if not isinstance(node, exp.JSONExtract) or isinstance(node, exp.JSONExtractScalar):
        return node
    outer: exp.Expr = node
    while isinstance(outer.parent, exp.Paren):
        outer = outer.parent
    parent = outer.parent
    if isinstance(parent, _TEXT_FUNCTIONS):
        return as_text(node)
    if isinstance(parent, exp.Between | exp.In):
        return _converted(node, next(iter(_operands(parent, outer)), None))
    if isinstance(parent, _COMPARISONS):
        return _converted(node, parent.expression if parent.this is outer else parent.this)
    if isinstance(parent, exp.Add | exp.Sub | exp.Mul | exp.Div | exp.Sum | exp.Avg):
        return exp.cast(as_text(node), "double")
    return node


def compared_value(node: exp.Expr) -> exp.Expr:
    """FLATTEN's VALUE beside a string literal is compared as text."""
    if not isinstance(node, exp.Column) or node.name != "VALUE":
        return node
    parent = node.parent
    if isinstance(parent, _TEXT_FUNCTIONS):
        return call("leap_text", node)
    if isinstance(parent, _COMPARISONS):
        other = parent.expression if parent.this is node else parent.this
        return call("leap_text", node) if other.is_string else node
    if isinstance(parent, exp.In) and any(item.is_string for item in parent.expressions):
        return call("leap_text", node)
    return node


def _operands(parent: exp.Expr, node: exp.Expr) -> list[exp.Expr]:
    if isinstance(parent, exp.Between):
        return [parent.args["low"]]
    return [item for item in parent.expressions if item is not node]


def _converted(node: exp.JSONExtract, other: exp.Expr | None) -> exp.Expr:
    if other is None or isinstance(other, exp.JSONExtract | exp.Null):
        return node
    if other.is_number:
        return exp.cast(as_text(node), "double")
    return as_text(node)


def bracket_of_variant(node: exp.Expr) -> exp.Expr:
    """`v['key']` and `v[0]` read from JSON."""
    if not isinstance(node, exp.Bracket) or len(node.expressions) != 1:
        return node
    return call("leap_get", node.this, node.expressions[0])


def table_function(node: exp.Expr) -> exp.Expr:
    """`FLATTEN` and `SPLIT_TO_TABLE`, with LATERAL or TABLE(…), become an unnested list."""
    if not isinstance(node, exp.Lateral | exp.TableFromRows):
        return node
    if isinstance(node.this, exp.Explode):
        items = _flattened(node.this)
    elif isinstance(node.this, exp.SplitToTable):
        items = call("leap_split_to_table", node.this.this, node.this.expression)
    elif isinstance(node.this, exp.Generator):
        return node
    else:
        raise UnsupportedError(f"the table function {node.this.sql('snowflake')}")
    depth = exp.PropertyEQ(this=exp.to_identifier("max_depth"), expression=exp.Literal.number(2))
    select = exp.select(call("unnest", items, depth))
    alias = node.args.get("alias")
    name = exp.TableAlias(this=alias.this) if alias is not None and alias.this else None
    return exp.Subquery(this=select, alias=name)


def _flattened(explode: exp.Explode) -> exp.Expr:
    options: dict[str, exp.Expr] = {}
    for position, argument in enumerate([explode.this, *explode.expressions]):
        if isinstance(argument, exp.Kwarg):
            options[argument.this.name.upper()] = argument.expression
        else:
            options[_FLATTEN_OPTIONS[position]] = argument
    if _is_true(options.get("RECURSIVE")):
        raise UnsupportedError("FLATTEN(RECURSIVE => TRUE)")
    if (mode := options.get("MODE")) is not None and mode.name.upper() != "BOTH":
        raise UnsupportedError(f"FLATTEN(MODE => '{mode.name}')")
    value = options["INPUT"]
    if (path := options.get("PATH")) is not None and path.name:
        value = call("json_extract", value, exp.Literal.string(f"$.{path.name}"))
    return call("leap_flatten", value, exp.Boolean(this=_is_true(options.get("OUTER"))))


def _is_true(option: exp.Expr | None) -> bool:
    return isinstance(option, exp.Boolean) and bool(option.this)
