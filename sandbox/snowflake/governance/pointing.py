"""What objects say of each other by id: it follows into a copy, and tells what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.snowflake.governance import policies, tags

_ONE: Final = ("SOURCE_ID", "FINALIZES")
_MANY: Final = (policies.OF_TAG, "PREDECESSORS")


def point(properties: dict[str, Any], ids: Mapping[int, int]) -> None:
    """Let the ids of policies, tags, sources and predecessors follow into a copy."""
    for item in (properties.get(policies.MASKING) or {}).values():
        item["policy"] = ids.get(item["policy"], item["policy"])
    row_access = properties.get(policies.ROW_ACCESS)
    if row_access:
        row_access["policy"] = ids.get(row_access["policy"], row_access["policy"])
    if properties.get(tags.OF_OBJECT):
        properties[tags.OF_OBJECT] = _pointed(properties[tags.OF_OBJECT], ids)
    for column, values in (properties.get(tags.OF_COLUMNS) or {}).items():
        properties[tags.OF_COLUMNS][column] = _pointed(values, ids)
    if properties.get(policies.OF_USER):
        held = properties[policies.OF_USER]
        properties[policies.OF_USER] = {kind: ids.get(one, one) for kind, one in held.items()}
    for name in _ONE:
        if properties.get(name) in ids:
            properties[name] = ids[properties[name]]
    for name in _MANY:
        if properties.get(name):
            properties[name] = [ids.get(one, one) for one in properties[name]]


def named(properties: Mapping[str, Any]) -> Iterator[int]:
    """The ids that an object's properties name."""
    for item in (properties.get(policies.MASKING) or {}).values():
        yield item["policy"]
    row_access = properties.get(policies.ROW_ACCESS)
    if row_access:
        yield row_access["policy"]
    yield from (int(one) for one in properties.get(tags.OF_OBJECT) or {})
    for values in (properties.get(tags.OF_COLUMNS) or {}).values():
        yield from (int(one) for one in values)
    yield from (properties.get(policies.OF_USER) or {}).values()
    yield from (properties[name] for name in _ONE if isinstance(properties.get(name), int))
    for name in _MANY:
        yield from properties.get(name) or []


def _pointed(values: Mapping[str, str], ids: Mapping[int, int]) -> dict[str, str]:
    return {str(ids.get(int(tag), int(tag))): value for tag, value in values.items()}
