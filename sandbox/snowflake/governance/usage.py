"""TAGS, TAG_REFERENCES and POLICY_REFERENCES of SNOWFLAKE.ACCOUNT_USAGE.

Without Snowflake's delay, and without what was dropped. Of tags, only where they are set: what is
inherited is not told here.
https://docs.snowflake.com/en/sql-reference/account-usage/tag_references
https://docs.snowflake.com/en/sql-reference/account-usage/policy_references
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.data.model import VirtualTable
from sandbox.snowflake.governance import policies, tags
from sandbox.snowflake.governance.place import Place
from sandbox.snowflake.governance.references import POLICY_COLUMNS, policy_row

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_TAGS: Final = (
    *(("TAG_ID", "NUMBER"), ("TAG_NAME", "TEXT"), ("TAG_SCHEMA", "TEXT"), ("TAG_DATABASE", "TEXT")),
    *(("TAG_OWNER", "TEXT"), ("TAG_COMMENT", "TEXT"), ("CREATED", "TIMESTAMP_LTZ")),
    ("DELETED", "TIMESTAMP_LTZ"),
)
_TAG_REFERENCES: Final = (
    *(("TAG_DATABASE", "TEXT"), ("TAG_SCHEMA", "TEXT"), ("TAG_ID", "NUMBER"), ("TAG_NAME", "TEXT")),
    *(("TAG_VALUE", "TEXT"), ("OBJECT_DATABASE", "TEXT"), ("OBJECT_SCHEMA", "TEXT")),
    *(("OBJECT_ID", "NUMBER"), ("OBJECT_NAME", "TEXT"), ("OBJECT_DELETED", "TIMESTAMP_LTZ")),
    *(("DOMAIN", "TEXT"), ("COLUMN_ID", "NUMBER"), ("COLUMN_NAME", "TEXT")),
    ("APPLY_METHOD", "TEXT"),
)


def known_tags(account: Account) -> VirtualTable:
    """ACCOUNT_USAGE.TAGS."""
    rows: list[list[Any]] = []
    for tag in account.store.all("TAG"):
        owner = account.store.get(tag.owner)
        name = owner.name if owner is not None else None
        path = tag.path
        rows.append([tag.id, path[2], path[1], path[0], name, tag.comment, tag.created_on, None])
    return VirtualTable(_TAGS, rows)


def tag_references(account: Account) -> VirtualTable:
    """ACCOUNT_USAGE.TAG_REFERENCES."""
    rows = [row for place in _tagged(account) for row in _rows(account, place)]
    return VirtualTable(_TAG_REFERENCES, rows)


def _tagged(account: Account) -> Iterator[Place]:
    yield Place(None)
    for kind in account.store.registry.kinds.values():
        for record in account.store.each(kind.name):
            yield Place(record)
            for column in record.properties.get(tags.OF_COLUMNS) or {}:
                yield Place(record, column)


def _rows(account: Account, place: Place) -> Iterator[list[Any]]:
    for number, value in tags.set_at(account.store, place).items():
        tag = account.store.get(int(number))
        if tag is not None:
            yield [*tag.path[:2], tag.id, tag.name, value, *_object(account, place), "MANUAL"]


def _object(account: Account, place: Place) -> list[Any]:
    record: Record | None = place.record
    if record is None:
        return [None, None, None, account.identity.name, None, place.domain, None, None]
    outer = [*record.path[:-1], None, None][:2]
    return [*outer, record.id, record.name, None, place.domain, None, place.column]


def policy_references(account: Account) -> VirtualTable:
    """ACCOUNT_USAGE.POLICY_REFERENCES."""
    rows = [policy_row(item) for item in policies.everywhere(account.store)]
    return VirtualTable([(name, "TEXT") for name in POLICY_COLUMNS], rows)


VIEWS: Final[dict[str, Callable[[Account], VirtualTable]]] = {
    "TAGS": known_tags,
    "TAG_REFERENCES": tag_references,
    "POLICY_REFERENCES": policy_references,
}
