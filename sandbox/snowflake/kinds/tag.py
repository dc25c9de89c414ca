"""Tags: allowed values, and the masking policies that tagged columns get.

https://docs.snowflake.com/en/sql-reference/sql/create-tag
https://docs.snowflake.com/en/sql-reference/sql/alter-tag
"""

from __future__ import annotations

import json
from typing import Any, Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.types import parse_type
from sandbox.snowflake.errors import CompilationError, SnowflakeError
from sandbox.snowflake.governance import policies
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader

_VALUES: Final = "ALLOWED_VALUES"
_GIVEN: Final = "GIVEN_POLICIES"
_MOST: Final = 300


class TagWithPolicyError(SnowflakeError):
    """DROP of a tag that masking policies are set on."""

    code = "003941"
    sqlstate = "42601"

    def __init__(self, tag: Record) -> None:
        super().__init__(
            f"SQL compilation error:\nCannot drop tag {dotted(tag.path)}: it is associated with "
            "a masking policy. Unset the policy first."
        )


def _read_values(reader: Reader) -> list[str]:
    """'a', 'b'; also in parentheses."""
    closed = reader.accept_symbol("(")
    values = [reader.string()]
    while reader.accept_symbol(","):
        values.append(reader.string())
    if closed:
        reader.expect_symbol(")")
    return values


def _allowed(reader: Reader, properties: dict[str, Any]) -> None:
    properties[_VALUES] = sorted(set(_read_values(reader)))


def _masking(reader: Reader, properties: dict[str, Any]) -> None:
    """MASKING POLICY p, of which SET has one or more, with FORCE at the end."""
    reader.expect("POLICY")
    names = [dotted(reader.path())]
    while reader.accept_symbol(","):
        reader.expect("MASKING", "POLICY")
        names.append(dotted(reader.path()))
    properties[_GIVEN] = {"names": names, "force": reader.accept("FORCE")}


def _validate(context: Context, record: Record) -> None:
    if len(record.properties.get(_VALUES) or []) > _MOST:
        raise CompilationError(f"A tag has at most {_MOST} allowed values.")


def _altered(context: Context, record: Record) -> None:
    """Attach the policies that SET named: one for each data type."""
    given = record.properties.pop(_GIVEN, None)
    if given is None:
        return
    attached: list[int] = list(record.properties.get(policies.OF_TAG) or [])
    for name in given["names"]:
        policy = context.get(context.registry["MASKING POLICY"], Reader(name).path())
        context.demand("APPLY", policy)
        same_type = [n for n in attached if _family(context.store.get(n)) == _family(policy)]
        if same_type and not given["force"] and same_type != [policy.id]:
            raise policies.AlreadyAttachedError(f"Tag {dotted(record.path)}", "masking policy")
        attached = [number for number in attached if number not in same_type] + [policy.id]
    record.properties[policies.OF_TAG] = attached


def _family(policy: Record | None) -> str | None:
    return parse_type(policy.properties["RETURNS"]).family if policy is not None else None


def _add(context: Context, record: Record, reader: Reader) -> None:
    reader.expect(_VALUES)
    known = record.properties.get(_VALUES) or []
    record.properties[_VALUES] = sorted({*known, *_read_values(reader)})
    _validate(context, record)


def _drop_values(context: Context, record: Record, reader: Reader) -> None:
    reader.expect(_VALUES)
    gone = _read_values(reader)
    known = record.properties.get(_VALUES) or []
    record.properties[_VALUES] = [item for item in known if item not in gone]


def _unset(context: Context, record: Record, reader: Reader) -> None:
    """UNSET {MASKING POLICY p, … | ALLOWED_VALUES | COMMENT}."""
    if reader.accept(_VALUES):
        record.properties[_VALUES] = []
        return
    if reader.accept("COMMENT"):
        record.properties["COMMENT"] = ""
        return
    while reader.accept("MASKING", "POLICY"):
        policy = context.get(context.registry["MASKING POLICY"], reader.path())
        attached = record.properties.get(policies.OF_TAG) or []
        record.properties[policies.OF_TAG] = [n for n in attached if n != policy.id]
        reader.accept_symbol(",")


def _dropped(context: Context, record: Record) -> None:
    if any(True for _ in policies.on(context.store, record)):
        raise TagWithPolicyError(record)


def _shown_values(context: Context, record: Record) -> str | None:
    values = record.properties.get(_VALUES)
    return json.dumps(values, separators=(",", ":")) if values else None


KIND: Final = Kind(
    name="TAG",
    plural="TAGS",
    scope=Scope.SCHEMA,
    properties=(value.COMMENT,),
    clauses={_VALUES: _allowed, "MASKING": _masking},
    actions={"ADD": _add, "DROP": _drop_values, "UNSET": _unset},
    show=(
        column.CREATED_ON,
        column.NAME,
        column.DATABASE_NAME,
        column.SCHEMA_NAME,
        column.OWNER,
        column.COMMENT,
        ShowColumn("allowed_values", _shown_values),
        column.OWNER_ROLE_TYPE,
    ),
    validate=_validate,
    altered=_altered,
    dropped=_dropped,
    renamed=lambda context, record, path: None,
)
