"""Which policies are attached to tables, columns, tags, users and the account.

An attachment names its policy by id. `sandbox.snowflake.governance.protection` hands them to the
data plane, which enforces them.
https://docs.snowflake.com/en/user-guide/security-column-intro
https://docs.snowflake.com/en/user-guide/security-row-intro
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.store import Store
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.governance.place import Place
from sandbox.snowflake.sql.names import dotted

MASKING: Final = "MASKING_BY_COLUMN"
"""On tables and views: column → {policy, using}."""
ROW_ACCESS: Final = "ROW_ACCESS"
"""On tables and views: {policy, on}."""
OF_TAG: Final = "MASKING_POLICIES"
"""On tags: ids of masking policies."""
OF_USER: Final = "POLICIES"
"""On users: kind of policy → id."""
_OF_ACCOUNT: Final = "account_policies"


class PolicyInUseError(SnowflakeError):
    """DROP or replacement of a policy that is attached to something."""

    code = "003935"
    sqlstate = "42601"

    def __init__(self, policy: Record, place: Place) -> None:
        whole = Place(place.record)
        where = dotted(place.record.path) if place.record is not None else "ACCOUNT"
        super().__init__(
            f"SQL compilation error:\nPolicy {dotted(policy.path)} cannot be dropped/replaced as "
            f"it is associated with one or more entities ({whole.domain.lower()} {where})."
        )


class AlreadyAttachedError(SnowflakeError):
    """A second policy of a kind where there is one."""

    code = "003936"
    sqlstate = "23601"

    def __init__(self, what: str, kind: str) -> None:
        super().__init__(
            f"SQL execution error:\n{what} is already attached to another {kind.lower()}."
        )


class AlreadyMaskedError(SnowflakeError):
    """A second masking policy on a column.

    https://docs.snowflake.com/en/user-guide/security-column-ddm-use#troubleshooting-dynamic-data-masking
    """

    code = "003552"
    sqlstate = "42601"

    def __init__(self) -> None:
        super().__init__(
            "SQL compilation error:\nSpecified column already attached to another masking policy. "
            "A column cannot be attached to multiple masking policies. Please drop the current "
            "association in order to attach a new masking policy."
        )


class AlreadyFilteredError(SnowflakeError):
    """A second row access policy on a table or view."""

    code = "003553"
    sqlstate = "42601"

    def __init__(self, record: Record) -> None:
        super().__init__(
            f"SQL compilation error:\nObject {record.name} already has a ROW_ACCESS_POLICY. "
            "Only one ROW_ACCESS_POLICY is allowed at a time."
        )


class ColumnTakenError(SnowflakeError):
    """A column that both a masking and the row access policy of its table are given.

    https://docs.snowflake.com/en/user-guide/security-row-intro#how-does-a-row-access-policy-work
    """

    code = "003554"
    sqlstate = "42601"

    def __init__(self, column: str) -> None:
        super().__init__(
            f"SQL compilation error:\nColumn '{column}' cannot be given to both a masking policy "
            "and a row access policy."
        )


@dataclass(frozen=True, slots=True)
class Attachment:
    """A policy, where it is attached, and the columns that it is given."""

    policy: Record
    at: Place
    arguments: tuple[str, ...] = ()


def of_account(store: Store) -> dict[str, int]:
    """The policies of the account, kind → id."""
    kept: dict[str, int] = json.loads(store.setting(_OF_ACCOUNT) or "{}")
    return kept


def keep_of_account(store: Store, policies: Mapping[str, int]) -> None:
    """Set the policies of the account."""
    store.keep_setting(_OF_ACCOUNT, json.dumps(dict(policies)))


def _rows(store: Store, record: Record | None) -> Iterator[tuple[Place, int, tuple[str, ...]]]:
    """Place, policy's id and arguments of all that is attached to an object; None: the account."""
    if record is None:
        yield from ((Place(None), number, ()) for number in of_account(store).values())
        return
    properties = record.properties
    for column, item in (properties.get(MASKING) or {}).items():
        yield Place(record, column), item["policy"], tuple(item["using"])
    row_access: Mapping[str, Any] | None = properties.get(ROW_ACCESS)
    if row_access:
        yield Place(record), row_access["policy"], tuple(row_access["on"])
    if record.kind == "TAG":
        yield from ((Place(record), number, ()) for number in properties.get(OF_TAG) or [])
    if record.kind == "USER":
        found = (properties.get(OF_USER) or {}).values()
        yield from ((Place(record), number, ()) for number in found)


def on(store: Store, record: Record | None) -> Iterator[Attachment]:
    """What is attached to an object and its columns; None is the account."""
    for place, number, arguments in _rows(store, record):
        policy = store.get(number)
        if policy is not None:
            yield Attachment(policy, place, arguments)


def _holders(store: Store) -> Iterator[Record | None]:
    yield None
    for kind in ("TABLE", "VIEW", "TAG", "USER"):
        yield from store.all(kind)


def everywhere(store: Store) -> Iterator[Attachment]:
    """All attachments of the account."""
    for holder in _holders(store):
        yield from on(store, holder)


def refuse_in_use(context: Context, policy: Record) -> None:
    """The hook of DROP: PolicyInUseError while anything names the policy, which is gone by now."""
    for holder in _holders(context.store):
        for place, number, _ in _rows(context.store, holder):
            if number == policy.id:
                raise PolicyInUseError(policy, place)
