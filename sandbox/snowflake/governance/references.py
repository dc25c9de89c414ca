"""POLICY_REFERENCES, TAG_REFERENCES and TAG_REFERENCES_ALL_COLUMNS of INFORMATION_SCHEMA.

https://docs.snowflake.com/en/sql-reference/functions/policy_references
https://docs.snowflake.com/en/sql-reference/functions/tag_references
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.catalog.kind import Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.data.model import ColumnInfo, ObjectName, QueryContext, VirtualTable
from sandbox.snowflake.errors import CompilationError, DoesNotExistError
from sandbox.snowflake.governance import policies, tags
from sandbox.snowflake.governance.place import Place, completed, find
from sandbox.snowflake.governance.policies import Attachment
from sandbox.snowflake.governance.protection import of_column_by_tag
from sandbox.snowflake.sql.reader import Reader

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

POLICY_COLUMNS: Final = (
    *("POLICY_DB", "POLICY_SCHEMA", "POLICY_NAME", "POLICY_KIND"),
    *("REF_DATABASE_NAME", "REF_SCHEMA_NAME", "REF_ENTITY_NAME", "REF_ENTITY_DOMAIN"),
    *("REF_COLUMN_NAME", "REF_ARG_COLUMN_NAMES"),
    *("TAG_DATABASE", "TAG_SCHEMA", "TAG_NAME", "POLICY_STATUS"),
)
_TAG: Final = (
    *("TAG_DATABASE", "TAG_SCHEMA", "TAG_NAME", "TAG_VALUE", "APPLY_METHOD", "LEVEL"),
    *("OBJECT_DATABASE", "OBJECT_SCHEMA", "OBJECT_NAME", "DOMAIN", "COLUMN_NAME"),
)
Row = tuple[Any, ...]


def policy_references(
    account: Account, arguments: Mapping[str, Any], context: QueryContext
) -> VirtualTable:
    """The places of a policy (POLICY_NAME), or the policies of a place (REF_ENTITY_…)."""
    name = arguments.get("POLICY_NAME")
    if name is not None:
        policy = _policy(account, str(name), context)
        found = (item for item in policies.everywhere(account.store) if item.policy.id == policy)
        return _table(POLICY_COLUMNS, (policy_row(item) for item in found))
    place = _place(account, arguments, ("REF_ENTITY_NAME", "REF_ENTITY_DOMAIN"), context)
    rows = [policy_row(item) for item in policies.on(account.store, place.record)]
    record = place.record
    if record is not None and record.kind in ("TABLE", "VIEW"):
        rows += _by_tags(account, record)
    return _table(POLICY_COLUMNS, rows)


def _policy(account: Account, name: str, context: QueryContext) -> int:
    path = completed(Reader(name).path(), Scope.SCHEMA, (context.database, context.schema))
    for kind in account.store.registry.kinds.values():
        record = account.store.find(kind.space(), path) if kind.name.endswith("POLICY") else None
        if record is not None:
            return record.id
    raise DoesNotExistError("policy", name)


def _by_tags(account: Account, record: Record) -> Iterator[Row]:
    """Masking policies that columns have through a tag, unless they have one of their own."""
    own = record.properties.get(policies.MASKING) or {}
    for column in _columns(account, record):
        found = of_column_by_tag(account.store, record, column)
        if column.name not in own and found is not None:
            yield policy_row(Attachment(found[1], Place(record, column.name)), found[0])


def _columns(account: Account, record: Record) -> list[ColumnInfo]:
    return account.data.columns(ObjectName(*record.path))


def policy_row(item: Attachment, tag: Record | None = None) -> Row:
    """One attachment in the columns of POLICY_REFERENCES; `tag` is what it came by."""
    place, record = item.at, item.at.record
    outer = _outer(record)
    name = record.name if record is not None else None
    arguments = [name for name in item.arguments if name != place.column]
    return (
        *_padded(item.policy.path),
        item.policy.kind.replace(" ", "_"),
        *outer,
        name,
        Place(record).domain,
        place.column,
        json.dumps(arguments) if arguments else None,
        *(_padded(tag.path) if tag is not None else (None, None, None)),
        "ACTIVE",
    )


def _outer(record: Record | None) -> tuple[str | None, str | None]:
    outer = record.path[:-1] if record is not None else ()
    return (outer[0] if outer else None, outer[1] if len(outer) > 1 else None)


def _padded(path: tuple[str, ...]) -> tuple[str | None, ...]:
    return (*(None,) * (3 - len(path)), *path)


def tag_references(
    account: Account, arguments: Mapping[str, Any], context: QueryContext
) -> VirtualTable:
    """The tags of one place, its own and inherited ones."""
    place = _place(account, arguments, ("0", "1"), context)
    return _table(_TAG, _tag_rows(account, place))


def tag_references_all_columns(
    account: Account, arguments: Mapping[str, Any], context: QueryContext
) -> VirtualTable:
    """The tags of every column of a table."""
    record = _place(account, arguments, ("0", "1"), context).record
    if record is None or record.kind not in ("TABLE", "VIEW"):
        raise CompilationError("TAG_REFERENCES_ALL_COLUMNS needs a table.")
    places = [Place(record, column.name) for column in _columns(account, record)]
    return _table(_TAG, [row for place in places for row in _tag_rows(account, place)])


def _tag_rows(account: Account, place: Place) -> Iterator[Row]:
    for item in tags.in_force(account.store, place):
        yield (
            *_padded(item.tag.path),
            item.value,
            "MANUAL" if item.at == place else "INHERITED",
            item.at.domain,
            *_outer(place.record),
            place.record.name if place.record is not None else None,
            place.domain,
            place.column,
        )


def _place(
    account: Account, arguments: Mapping[str, Any], names: tuple[str, str], context: QueryContext
) -> Place:
    missing = [name for name in names if arguments.get(name) is None]
    if missing:
        raise CompilationError("The function needs the name of an object and its domain.")
    name, domain = (str(arguments[name]) for name in names)
    return find(account.store, name, domain, (context.database, context.schema))


def _table(columns: Iterable[str], rows: Iterable[Row]) -> VirtualTable:
    return VirtualTable([(column, "TEXT") for column in columns], list(rows))


FUNCTIONS: Final[
    Mapping[str, Callable[[Account, Mapping[str, Any], QueryContext], VirtualTable]]
] = {
    "POLICY_REFERENCES": policy_references,
    "TAG_REFERENCES": tag_references,
    "TAG_REFERENCES_ALL_COLUMNS": tag_references_all_columns,
}
