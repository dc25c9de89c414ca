"""What protects each table and view, for the data plane to enforce.

A policy that is set on a column itself goes before one that the column has through a tag; of tags,
the nearest counts. While no policy is attached anywhere in the account, nothing is looked up.
https://docs.snowflake.com/en/user-guide/tag-based-masking-policies
https://docs.snowflake.com/en/user-guide/security-row-intro
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.data.model import AppliedPolicy, ColumnInfo, ObjectName, Protection
from sandbox.snowflake.data.types import parse_type
from sandbox.snowflake.governance import policies, tags
from sandbox.snowflake.governance.place import Place

_VERSIONS: Final = itertools.count(1)
"""One counter for all accounts of the process: texts that are kept by version are never mixed."""
_DECISIVE: Final = frozenset(
    ("DATABASE", "SCHEMA", "TABLE", "VIEW", "TAG", "MASKING POLICY", "ROW ACCESS POLICY")
)
_ON_TABLES: Final = (policies.MASKING, policies.ROW_ACCESS)
_ON_TAGS: Final = (policies.OF_TAG,)


class Protections:
    """Follows the catalogue; knows at once whether anything is protected at all."""

    def __init__(self, store: Store, columns: Callable[[ObjectName], Sequence[ColumnInfo]]) -> None:
        self._store = store
        self._columns = columns
        self._holders: set[int] = set()
        self._tags: set[int] = set()
        self._version = next(_VERSIONS)
        store.on_change(self._changed)
        store.on_reload(self._reload)

    def version(self) -> int | None:
        """Another number after each change that may protect something; None: nothing is."""
        return self._version if self._holders or self._tags else None

    def touch(self) -> None:
        """Something that is no record changed: the tags of the account."""
        self._version = next(_VERSIONS)

    def of(self, name: ObjectName) -> Protection | None:
        """The policies of a table or view."""
        record = self._store.find("TABLE", tuple(name))
        if record is None:
            return None
        masks = self._by_tags(record, name) if self._tags else {}
        rows: AppliedPolicy | None = None
        for item in policies.on(self._store, record):
            applied = _applied(item.policy, item.arguments)
            if item.at.column is not None:
                masks[item.at.column] = applied
            else:
                rows = applied
        return Protection(masks, rows) if masks or rows else None

    def _by_tags(self, record: Record, name: ObjectName) -> dict[str, AppliedPolicy]:
        found: dict[str, AppliedPolicy] = {}
        for column in self._columns(name):
            policy = of_column_by_tag(self._store, record, column)
            if policy is not None:
                others = [argument for argument, _ in policy[1].properties["SIGNATURE"][1:]]
                found[column.name] = _applied(policy[1], (column.name, *others))
        return found

    def _changed(self, record: Record, kept: bool) -> None:
        if record.kind not in _DECISIVE:
            return
        self.touch()
        for known, names in ((self._holders, _ON_TABLES), (self._tags, _ON_TAGS)):
            if kept and any(record.properties.get(name) for name in names):
                known.add(record.id)
            else:
                known.discard(record.id)

    def _reload(self) -> None:
        """New sets, whole when they are put in place: nothing is unprotected in between."""
        self._holders, self._tags = self._holding(_ON_TABLES), self._holding(_ON_TAGS)
        self.touch()

    def _holding(self, names: Sequence[str]) -> set[int]:
        return {
            record.id
            for kind in ("TABLE", "VIEW", "TAG")
            for record in self._store.each(kind)
            if any(record.properties.get(name) for name in names)
        }


def of_column_by_tag(
    store: Store, record: Record, column: ColumnInfo
) -> tuple[Record, Record] | None:
    """The tag and the masking policy of the column's type that a column has through it."""
    family = parse_type(column.type).family
    for item in tags.in_force(store, Place(record, column.name)):
        for attached in policies.on(store, item.tag):
            if parse_type(attached.policy.properties["RETURNS"]).family == family:
                return item.tag, attached.policy
    return None


def _applied(policy: Record, given: tuple[str, ...]) -> AppliedPolicy:
    properties: dict[str, Any] = policy.properties
    return AppliedPolicy(
        name=ObjectName(*policy.path),
        arguments=tuple(name for name, _ in properties["SIGNATURE"]),
        body=properties["BODY"],
        returns=properties["RETURNS"],
        given=given,
    )
