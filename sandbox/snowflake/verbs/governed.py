"""ALTER TABLE | VIEW where it sets tags or attaches policies: the catalogue's part of ALTER.

What is not said here (columns, properties, names) stays with the data plane.
https://docs.snowflake.com/en/sql-reference/sql/alter-table-column
https://docs.snowflake.com/en/sql-reference/sql/alter-table#data-governance-policy-and-tag-actions-datagovnpolicytagaction
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.snowflake.access.rules import (
    SET_MASKING_POLICY,
    SET_ROW_ACCESS_POLICY,
    SET_TAG,
)
from sandbox.snowflake.catalog.kind import Kind
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.model import ColumnInfo, Governed, ObjectName
from sandbox.snowflake.data.types import parse_type
from sandbox.snowflake.errors import CompilationError, DoesNotExistError
from sandbox.snowflake.governance import policies, tags
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.properties import read_tags

_DONE = "Statement executed successfully."


def alter_governed(context: Context, kind: Kind, reader: Reader) -> Result | None:
    """Carry the change out; None, with nothing done, where it is none of these."""
    ahead = Reader(reader.text[reader.token.start :])
    if_exists = ahead.accept("IF", "EXISTS")
    path = context.resolve(kind, ahead.path())
    if not _is_governance(ahead):
        return None
    record = context.find(kind, path)
    if record is None and if_exists:
        return status(_DONE)
    record = record or context.get(kind, path)
    if ahead.token.word in ("MODIFY", "ALTER"):
        _alter_columns(context, record, ahead)
    else:
        _alter_row_access(context, record, ahead)
    ahead.expect_end()
    context.store.save(record)
    return status(_DONE)


def check_created(context: Context, governed: Iterable[Governed]) -> None:
    """Fail, before anything is made, where CREATE names a policy or tag that does not stand."""
    for item in governed:
        reader = Reader(item.text)
        if item.what == "TAG":
            tags.resolved(context, read_tags(reader))
        else:
            context.demand("APPLY", context.get(context.registry[item.what], reader.path()))


def set_created(context: Context, record: Record, governed: Iterable[Governed]) -> None:
    """Set what CREATE named on the new table or view."""
    for item in governed:
        reader = Reader(item.text)
        if item.what == "ROW ACCESS POLICY":
            _attach_row_access(context, record, reader)
        elif item.what == "MASKING POLICY" and item.column is not None:
            _set_masking(context, record, _column(context, record, item.column), reader)
        elif item.column is not None:
            given = tags.resolved(context, read_tags(reader))
            tags.set_on_column(record, item.column, given)
        else:
            kept = record.properties.get(tags.OF_OBJECT) or {}
            record.properties[tags.OF_OBJECT] = kept | tags.resolved(context, read_tags(reader))


def _is_governance(reader: Reader) -> bool:
    words = [reader.ahead(distance).word for distance in range(4)]
    if words[0] in ("ADD", "DROP"):
        return words[1:4] == ["ROW", "ACCESS", "POLICY"] or words[1:3] == ["ALL", "ROW"]
    if words[0] not in ("MODIFY", "ALTER"):
        return False
    verb = 3 if words[1] == "COLUMN" else 2
    action = [reader.ahead(verb).word, reader.ahead(verb + 1).word]
    return action[0] in ("SET", "UNSET") and action[1] in ("TAG", "MASKING")


def _alter_columns(context: Context, record: Record, reader: Reader) -> None:
    """MODIFY [COLUMN] c {SET | UNSET} {TAG … | MASKING POLICY …}, and more columns after commas."""
    reader.accept_any("MODIFY", "ALTER")
    while True:
        reader.accept("COLUMN")
        column = _column(context, record, reader.identifier())
        if reader.accept("SET", "TAG"):
            context.demand(SET_TAG, record)
            tags.set_on_column(record, column.name, tags.resolved(context, read_tags(reader)))
            return
        if reader.accept("UNSET", "TAG"):
            context.demand(SET_TAG, record)
            names = tags.read_names(reader)
            tags.unset_on_column(record, column.name, tags.ids(context, names))
            return
        context.demand(SET_MASKING_POLICY, record)
        if reader.accept("UNSET", "MASKING", "POLICY"):
            gone = record.properties.get(policies.MASKING, {}).pop(column.name, None)
            _demand_apply(context, gone)
        else:
            reader.expect("SET", "MASKING", "POLICY")
            _set_masking(context, record, column, reader)
        if not reader.accept_symbol(","):
            return


def _demand_apply(context: Context, attached: Mapping[str, Any] | None) -> None:
    """The owner of a table alone cannot take a policy off."""
    policy = context.store.get(attached["policy"]) if attached is not None else None
    if policy is not None:
        context.demand("APPLY", policy)


def _set_masking(context: Context, record: Record, column: ColumnInfo, reader: Reader) -> None:
    """p [USING (c, …)] [FORCE]: the policy's first argument is the column itself."""
    policy = context.get(context.registry["MASKING POLICY"], reader.path())
    context.demand("APPLY", policy)
    using = _names(reader) if reader.accept("USING") else [column.name]
    force = reader.accept("FORCE")
    for name in using:
        _column(context, record, name)
    attached = record.properties.setdefault(policies.MASKING, {})
    if column.name in attached and not force:
        raise policies.AlreadyMaskedError
    filtered = (record.properties.get(policies.ROW_ACCESS) or {}).get("on", [])
    for name in using:
        if name in filtered:
            raise policies.ColumnTakenError(name)
    expected = parse_type(policy.properties["RETURNS"])
    if parse_type(column.type).family != expected.family:
        raise CompilationError(
            f"Column data type '{column.type}' and masking policy type '{expected}' mismatch."
        )
    attached[column.name] = {"policy": policy.id, "using": using}


def _alter_row_access(context: Context, record: Record, reader: Reader) -> None:
    """ADD and DROP of row access policies, several with commas between."""
    while True:
        context.demand(SET_ROW_ACCESS_POLICY, record)
        if reader.accept("DROP", "ALL", "ROW", "ACCESS", "POLICIES"):
            _demand_apply(context, record.properties.pop(policies.ROW_ACCESS, None))
        elif reader.accept("DROP", "ROW", "ACCESS", "POLICY"):
            _drop_row_access(context, record, reader)
        else:
            reader.expect("ADD", "ROW", "ACCESS", "POLICY")
            _attach_row_access(context, record, reader)
        if not reader.accept_symbol(","):
            return


def _drop_row_access(context: Context, record: Record, reader: Reader) -> None:
    policy = context.get(context.registry["ROW ACCESS POLICY"], reader.path())
    attached = record.properties.get(policies.ROW_ACCESS)
    if attached is None or attached["policy"] != policy.id:
        raise CompilationError(f"Row access policy is not attached to {record.name}.")
    context.demand("APPLY", policy)
    record.properties.pop(policies.ROW_ACCESS)


def _attach_row_access(context: Context, record: Record, reader: Reader) -> None:
    policy = context.get(context.registry["ROW ACCESS POLICY"], reader.path())
    context.demand("APPLY", policy)
    reader.expect("ON")
    columns = _names(reader)
    if record.properties.get(policies.ROW_ACCESS):
        raise policies.AlreadyFilteredError(record)
    masked = record.properties.get(policies.MASKING) or {}
    for name in columns:
        if any(name in item["using"] for item in masked.values()):
            raise policies.ColumnTakenError(name)
    expected = [parse_type(given) for _, given in policy.properties["SIGNATURE"]]
    found = [parse_type(_column(context, record, name).type) for name in columns]
    if [one.family for one in found] != [one.family for one in expected]:
        raise CompilationError(
            f"Columns ({', '.join(columns)}) do not match the arguments of policy {policy.name}."
        )
    record.properties[policies.ROW_ACCESS] = {"policy": policy.id, "on": columns}


def _names(reader: Reader) -> list[str]:
    names: list[str] = []
    reader.expect_symbol("(")
    while not reader.accept_symbol(")"):
        names.append(reader.identifier())
        reader.accept_symbol(",")
    return names


def _column(context: Context, record: Record, name: str) -> ColumnInfo:
    for column in context.account.data.columns(ObjectName(*record.path)):
        if column.name == name:
            return column
    raise DoesNotExistError("column", name)
