"""Which tags are set on objects, columns and the account, and what a place inherits.

Assignments name a tag by its id, so they follow a rename and end with the tag.
https://docs.snowflake.com/en/user-guide/object-tagging/introduction
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, DoesNotExistError, SnowflakeError
from sandbox.snowflake.governance.place import Place, find, lineage
from sandbox.snowflake.sql.names import dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.functions import SystemFunction

OF_OBJECT: Final = "TAGS"
OF_COLUMNS: Final = "COLUMN_TAGS"
_OF_ACCOUNT: Final = "account_tags"
_LONGEST: Final = 256


class InvalidTagValueError(SnowflakeError):
    """A value outside ALLOWED_VALUES."""

    code = "003507"
    sqlstate = "22023"

    def __init__(self, value: str, tag: Record, allowed: Iterable[str]) -> None:
        super().__init__(
            f"SQL compilation error:\nInvalid value '{value}' for tag {dotted(tag.path)}, "
            f"allowed values: {', '.join(allowed)}."
        )


@dataclass(frozen=True, slots=True)
class Assignment:
    """A tag, its value, and the place where it is set."""

    tag: Record
    value: str
    at: Place


def resolved(context: Context, given: Mapping[str, str]) -> dict[str, str]:
    """Values by the tags' ids; fails on a tag that is not there or does not take the value."""
    found: dict[str, str] = {}
    for name, value in given.items():
        tag = _tag(context, name)
        context.demand("APPLY", tag)
        allowed = tag.properties.get("ALLOWED_VALUES") or []
        if allowed and value not in allowed:
            raise InvalidTagValueError(value, tag, allowed)
        if len(value) > _LONGEST:
            raise CompilationError(f"Tag value is longer than {_LONGEST} characters.")
        found[str(tag.id)] = value
    return found


def ids(context: Context, names: Iterable[str]) -> list[str]:
    """The ids of tags that are named for UNSET."""
    return [str(_tag(context, name).id) for name in names]


def _tag(context: Context, name: str) -> Record:
    return context.get(context.registry["TAG"], Reader(name).path())


def read_names(reader: Reader) -> list[str]:
    """The tags after UNSET TAG."""
    names = [dotted(reader.path())]
    while reader.accept_symbol(","):
        names.append(dotted(reader.path()))
    reader.expect_end()
    return names


def set_on_column(record: Record, column: str, given: Mapping[str, str]) -> None:
    """Set tags, by id, on a column."""
    columns = record.properties.setdefault(OF_COLUMNS, {})
    columns[column] = columns.get(column, {}) | dict(given)


def unset_on_column(record: Record, column: str, numbers: Iterable[str]) -> None:
    """Take tags, by id, off a column."""
    kept = record.properties.get(OF_COLUMNS, {}).get(column, {})
    for number in numbers:
        kept.pop(number, None)


def of_account(store: Store) -> dict[str, str]:
    """The tags of the account itself, by id."""
    kept: dict[str, str] = json.loads(store.setting(_OF_ACCOUNT) or "{}")
    return kept


def keep_of_account(store: Store, tags: Mapping[str, str]) -> None:
    """Set the tags of the account itself."""
    store.keep_setting(_OF_ACCOUNT, json.dumps(dict(tags)))


def set_at(store: Store, place: Place) -> Mapping[str, str]:
    """The tags, by id, that are set at a very place."""
    if place.record is None:
        return of_account(store)
    if place.column is None:
        return place.record.properties.get(OF_OBJECT) or {}
    columns = place.record.properties.get(OF_COLUMNS) or {}
    return columns.get(place.column) or {}


def in_force(store: Store, place: Place) -> Iterator[Assignment]:
    """The tags of a place, its own and those it inherits; the nearest value wins."""
    seen: set[str] = set()
    for level in lineage(store, place):
        for number, value in set_at(store, level).items():
            tag = store.get(int(number)) if number.isdigit() else None
            if tag is not None and number not in seen:
                seen.add(number)
                yield Assignment(tag, value, level)


def _get_tag(context: Context, arguments: list[str]) -> str | None:
    """https://docs.snowflake.com/en/sql-reference/functions/system_get_tag"""
    if len(arguments) != 3:
        raise CompilationError("SYSTEM$GET_TAG needs a tag, an object and a domain.")
    name, target, domain = arguments
    home = (context.session.database, context.session.schema)
    try:
        tag = _tag(context, name)
    except DoesNotExistError:
        return None
    place = find(context.store, target, domain, home)
    values = (item.value for item in in_force(context.store, place) if item.tag.id == tag.id)
    return next(values, None)


SYSTEM_FUNCTIONS: Final[dict[str, SystemFunction]] = {"SYSTEM$GET_TAG": _get_tag}
