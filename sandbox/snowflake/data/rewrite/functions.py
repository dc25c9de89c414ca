"""Functions whose meaning or name differs: they become DuckDB's, or macros of `functions.sql`."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

_RENAMED: Final = {
    "HAVERSINE": "leap_haversine",
    "ST_DWITHIN": "leap_st_dwithin",
    "ST_X": "leap_x",
    "ST_Y": "leap_y",
    "ST_ASTEXT": "leap_st_astext",
    "ST_ASWKT": "leap_st_astext",
    "ST_ASGEOJSON": "leap_st_asgeojson",
    "TRY_TO_GEOGRAPHY": "leap_geography",
    "ST_GEOGRAPHYFROMTEXT": "leap_geography",
    "ST_GEOGFROMTEXT": "leap_geography",
    "ST_GEOGRAPHYFROMWKT": "leap_geography",
    "ST_MAKEPOINT": "leap_point",
    "ARRAYS_OVERLAP": "leap_arrays_overlap",
    "TO_OBJECT": "to_json",
    "HLL": "approx_count_distinct",
}
_MACROS: Final[dict[type[exp.Expr], tuple[str, tuple[str, ...]]]] = {
    exp.StPoint: ("leap_point", ("this", "expression")),
    exp.StDistance: ("leap_st_distance", ("this", "expression")),
    exp.Hll: ("approx_count_distinct", ("this",)),
    exp.Initcap: ("leap_initcap", ("this",)),
    exp.WidthBucket: (
        "leap_width_bucket",
        ("this", "min_value", "max_value", "num_buckets"),
    ),
    exp.ArraySize: ("leap_array_size", ("this",)),
    exp.ArrayContains: ("leap_array_contains", ("expression", "this")),
    exp.ArrayToString: ("leap_array_to_string", ("this", "expression")),
    exp.ArrayConcat: ("leap_array_cat", ("this", "expressions")),
    exp.ArrayAppend: ("leap_array_append", ("this", "expression")),
    exp.ArrayPrepend: ("leap_array_prepend", ("this", "expression")),
    exp.ArrayPosition: ("leap_array_position", ("expression", "this")),
    exp.ArrayDistinct: ("leap_array_distinct", ("this",)),
    exp.ArraySlice: ("leap_array_slice", ("this", "start", "end")),
    exp.SortArray: ("leap_array_sort", ("this",)),
    exp.ArrayCompact: ("leap_array_compact", ("this",)),
    exp.ArrayMin: ("leap_array_min", ("this",)),
    exp.ArrayMax: ("leap_array_max", ("this",)),
    exp.ArrayIntersect: ("leap_array_intersection", ("expressions",)),
    exp.ArrayExcept: ("leap_array_except", ("this", "expression")),
    exp.ArrayOverlaps: ("leap_arrays_overlap", ("this", "expression")),
    exp.Split: ("leap_split", ("this", "expression")),
    exp.GetExtract: ("leap_get", ("this", "expression")),
    exp.JSONKeys: ("leap_object_keys", ("this",)),
    exp.Typeof: ("leap_typeof", ("this",)),
    exp.Strtok: ("leap_strtok", ("this", "delimiter", "part_index")),
}
_JSON_TYPES: Final = {
    "OBJECT": ("OBJECT",),
    "ARRAY": ("ARRAY",),
    "VARCHAR": ("VARCHAR",),
    "CHAR": ("VARCHAR",),
    "BOOLEAN": ("BOOLEAN",),
    "INTEGER": ("UBIGINT", "BIGINT"),
    "DOUBLE": ("DOUBLE", "UBIGINT", "BIGINT"),
    "DECIMAL": ("DOUBLE", "UBIGINT", "BIGINT"),
    "REAL": ("DOUBLE", "UBIGINT", "BIGINT"),
    "NULL_VALUE": ("NULL",),
}
_AS_TYPES: Final = {
    "INTEGER": "BIGINT",
    "VARCHAR": "VARCHAR",
    "CHAR": "VARCHAR",
    "DOUBLE": "DOUBLE",
    "REAL": "DOUBLE",
    "DECIMAL": "DECIMAL(38,0)",
    "NUMBER": "DECIMAL(38,0)",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
}


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A call of a DuckDB function or macro."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def renamed_function(node: exp.Expr) -> exp.Expr:
    """Functions that a macro of ours defines, with the same arguments."""
    if isinstance(node, exp.Anonymous) and (macro := _RENAMED.get(node.name.upper())):
        return call(macro, *node.expressions)
    if macro_and_arguments := _MACROS.get(type(node)):
        macro, names = macro_and_arguments
        values: list[exp.Expr] = []
        for name in names:
            value = node.args.get(name)
            values += value if isinstance(value, list) else [value or exp.null()]
        return call(macro, *values)
    return node


def variant_predicate(node: exp.Expr) -> exp.Expr:
    """`IS_OBJECT(v)`, `IS_ARRAY(v)` … look at JSON's type; `AS_INTEGER(v)` … are casts that fit."""
    if not isinstance(node, exp.Anonymous):
        return node
    prefix, _, kind = node.name.upper().partition("_")
    if prefix == "IS" and kind in _JSON_TYPES and len(node.expressions) == 1:
        kinds = [exp.Literal.string(name) for name in _JSON_TYPES[kind]]
        return call("leap_is_type", node.expressions[0], call("list_value", *kinds))
    if prefix == "AS" and kind in _AS_TYPES and len(node.expressions) == 1:
        to = exp.DataType(this=exp.DataType.Type.USERDEFINED, kind=_AS_TYPES[kind])
        return exp.TryCast(this=call("leap_text", node.expressions[0]), to=to)
    if node.name.upper() in {"OBJECT_DELETE", "OBJECT_PICK"}:
        keys = call("list_value", *node.expressions[1:])
        return call(f"leap_{node.name.lower()}", node.expressions[0], keys)
    if node.name.upper() == "STRIP_NULL_VALUE":
        return call("leap_strip_null_value", *node.expressions)
    return node


def object_insert(node: exp.Expr) -> exp.Expr:
    """`OBJECT_INSERT(o, k, v)` on JSON."""
    if isinstance(node, exp.ObjectInsert):
        return call("leap_object_insert", node.this, node.args["key"], node.args["value"])
    return node


def object_construct(node: exp.Expr) -> exp.Expr:
    """`OBJECT_CONSTRUCT(k, v, …)` leaves out what is NULL; `…_KEEP_NULL` does not."""
    if isinstance(node, exp.Struct):
        pairs = [(pair.left, pair.right) for pair in node.expressions]
    elif isinstance(node, exp.JSONObject) and not node.expressions[0].is_star:
        pairs = [(pair.this, pair.expression) for pair in node.expressions]
    else:
        return node
    keys = [exp.Literal.string(k.name) if isinstance(k, exp.Identifier) else k for k, _ in pairs]
    values = [call("to_json", value) for _, value in pairs]
    keep = exp.Boolean(this=isinstance(node, exp.JSONObject))
    return call("leap_object_of", call("list_value", *keys), call("list_value", *values), keep)


def array_literal(node: exp.Expr) -> exp.Expr:
    """`ARRAY_CONSTRUCT(…)` and `[…]` are JSON arrays."""
    return call("json_array", *node.expressions) if isinstance(node, exp.Array) else node


def division(node: exp.Expr) -> exp.Expr:
    """`a / b` fails when b is zero; a literal or NULLIF divisor needs no check."""
    if not isinstance(node, exp.Div):
        return node
    divisor = node.expression.unnest()
    if isinstance(divisor, exp.Nullif) or (isinstance(divisor, exp.Literal) and _nonzero(divisor)):
        return node
    return call("leap_divide", node.this, node.expression)


def _nonzero(literal: exp.Literal) -> bool:
    return bool(literal.is_number and float(literal.this) != 0)


def logical_pair(node: exp.Expr) -> exp.Expr:
    """`BOOLOR(a, b)`, `BOOLAND(a, b)`: numbers count as true unless zero."""
    kinds: dict[type[exp.Expr], type[exp.Connector]] = {exp.Boolor: exp.Or, exp.Booland: exp.And}
    connector = kinds.get(type(node))
    if connector is None:
        return node
    left, right = (exp.cast(side, "boolean") for side in (node.this, node.expression))
    return exp.Paren(this=connector(this=left, expression=right))


def ratio_to_report(node: exp.Expr) -> exp.Expr:
    """`RATIO_TO_REPORT(x) OVER (…)` is x by its window's sum."""
    if not (isinstance(node, exp.Window) and isinstance(node.this, exp.Anonymous)):
        return node
    if node.this.name.upper() != "RATIO_TO_REPORT":
        return node
    value = node.this.expressions[0]
    total = node.copy()
    total.set("this", exp.Sum(this=value.copy()))
    share = exp.Nullif(this=total, expression=exp.Literal.number(0))
    return exp.Paren(this=exp.Div(this=exp.cast(value.copy(), "double"), expression=share))


def conditional_event(node: exp.Expr) -> exp.Expr:
    """`CONDITIONAL_TRUE_EVENT(c) OVER (…)` counts the rows so far for which c is true."""
    if not (isinstance(node, exp.Window) and isinstance(node.this, exp.Anonymous)):
        return node
    if node.this.name.upper() != "CONDITIONAL_TRUE_EVENT":
        return node
    counted = node.copy()
    counted.set("this", exp.CountIf(this=node.this.expressions[0].copy()))
    return counted


def regexp_instr(node: exp.Expr) -> exp.Expr:
    """`REGEXP_INSTR(x, pattern)`: where the first match begins."""
    if isinstance(node, exp.RegexpInstr):
        return call("leap_regexp_instr", node.this, node.expression)
    return node


def substring_from_zero(node: exp.Expr) -> exp.Expr:
    """sqlglot takes start 0 for 1 and says so by a CASE; a literal start needs none."""
    if isinstance(node, exp.Substring) and isinstance(node.args.get("start"), exp.Literal):
        node.set("zero_start", None)
        if node.args["start"].this == "0":
            node.set("start", exp.Literal.number(1))
    return node
