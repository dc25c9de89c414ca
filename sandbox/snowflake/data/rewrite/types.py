"""Casts and column types, from Snowflake's names to what DuckDB keeps."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from sandbox.snowflake.data.types import parse_type

_TYPE = exp.DataType.Type
_TEXTS: Final = frozenset({_TYPE.VARCHAR, _TYPE.TEXT, _TYPE.NVARCHAR, _TYPE.CHAR, _TYPE.NCHAR})
_SEMI_STRUCTURED: Final = frozenset(
    {_TYPE.VARIANT, _TYPE.OBJECT, _TYPE.ARRAY, _TYPE.JSON, _TYPE.GEOGRAPHY, _TYPE.GEOMETRY}
)
_DUCKDB: Final = frozenset({_TYPE.USERDEFINED, _TYPE.UNKNOWN, _TYPE.INTERVAL, _TYPE.NULL})


def data_type(node: exp.Expr) -> exp.Expr:
    """A declared type becomes the DuckDB type that holds its values."""
    if not isinstance(node, exp.DataType) or node.this in _DUCKDB:
        return node
    if node.find_ancestor(exp.DataType):
        return node
    kept = parse_type(node.sql("snowflake")).duckdb
    return exp.DataType(this=_TYPE.USERDEFINED, kind=kept)


def cast_to_text(node: exp.Expr) -> exp.Expr:
    """`x::VARCHAR` of a VARIANT is its string without quotes; `VARCHAR(n)` cuts or fails there."""
    if not isinstance(node, exp.Cast) or node.to.this not in _TEXTS:
        return node
    if isinstance(node.this, exp.Literal) and node.this.is_string and not node.to.expressions:
        return node
    text: exp.Expr = exp.Anonymous(this="leap_text", expressions=[node.this])
    if node.to.expressions:
        text = exp.Anonymous(
            this="leap_sized_text", expressions=[text, node.to.expressions[0].this]
        )
    return text


def cast_to_special(node: exp.Expr) -> exp.Expr:
    """`x::VARIANT` wraps any value; GEOGRAPHY is read from WKT or GeoJSON, BINARY from hex."""
    if not isinstance(node, exp.Cast):
        return node
    if node.to.this in {_TYPE.VARIANT, _TYPE.OBJECT, _TYPE.ARRAY}:
        return exp.Anonymous(this="to_json", expressions=[node.this])
    if node.to.this in {_TYPE.BINARY, _TYPE.VARBINARY} and node.this.is_string:
        return exp.Anonymous(this="unhex", expressions=[node.this])
    if node.to.this is _TYPE.GEOGRAPHY:
        return exp.Anonymous(this="leap_geography", expressions=[node.this])
    return node


def cast_of_path(node: exp.Expr) -> exp.Expr:
    """`v:a.b::type` reads the value as text first: strings, numbers and nulls all convert."""
    if not isinstance(node, exp.Cast) or node.to.this in _SEMI_STRUCTURED:
        return node
    source = node.this.unnest()
    if isinstance(source, exp.JSONExtract) and not isinstance(source, exp.JSONExtractScalar):
        node.set("this", as_text(source))
    return node


def as_text(path: exp.JSONExtract) -> exp.Expr:
    """The value at `path` as a string without quotes, NULL for JSON's null."""
    return exp.Paren(this=exp.JSONExtractScalar(this=path.this, expression=path.expression))
