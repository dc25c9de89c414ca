"""What replication refuses. Words follow Snowflake's pages where these have them; which codes were
not seen on an account is in docs/verified.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.errors import SnowflakeError


class ReplicationError(SnowflakeError):
    """A statement about groups, secondary databases or connections that cannot be carried out."""

    code = "003135"
    sqlstate = "55000"

    def __init__(self, detail: str) -> None:
        super().__init__(f"SQL execution error:\n{detail}")


class SecondaryReadOnlyError(SnowflakeError):
    """A change of what a secondary group or database brought."""

    code = "003136"
    sqlstate = "25006"

    def __init__(self, record: Record, primary: str) -> None:
        super().__init__(
            f"SQL execution error:\n{record.kind.capitalize()} '{record.name}' is a replica and "
            f"read-only in this account; its primary is of {primary}."
        )


class NotPrimaryError(ReplicationError):
    """What only the primary allows."""

    def __init__(self, record: Record, primary: str) -> None:
        super().__init__(
            f"{record.kind.capitalize()} '{record.name}' is secondary: this is allowed on its "
            f"primary only, {primary}."
        )


class NotSecondaryError(ReplicationError):
    """REFRESH, SUSPEND or RESUME of a primary."""

    def __init__(self, record: Record, verb: str) -> None:
        super().__init__(
            f"Cannot {verb} {record.kind.lower()} '{record.name}': it is the primary, and only a "
            "secondary is refreshed."
        )


class RefreshRunsError(ReplicationError):
    """A refresh or a promotion while a refresh runs.

    https://docs.snowflake.com/en/user-guide/account-replication-failover-failback
    """

    code = "003130"

    def __init__(self, record: Record, verb: str) -> None:
        super().__init__(
            f"Cannot {verb} {record.kind.lower()} '{record.name}' because a refresh operation is "
            "in progress."
        )


class PrimaryGoneError(ReplicationError):
    """A refresh or promotion of what has no primary any more, or may no longer follow it."""

    def __init__(self, record: Record, primary: str) -> None:
        super().__init__(
            f"Primary {record.kind.lower()} '{primary}' does not exist, or this account is not "
            "allowed to replicate it."
        )


class NotPromotableError(ReplicationError):
    """PRIMARY of a replication group."""

    def __init__(self, record: Record) -> None:
        super().__init__(
            f"Replication group '{record.name}' cannot be promoted; failover groups can."
        )


class HasSecondariesError(ReplicationError):
    """DROP of a primary that others follow."""

    def __init__(self, record: Record, secondaries: Sequence[str]) -> None:
        super().__init__(
            f"Cannot drop {record.kind.lower()} '{record.name}': it is the primary of "
            f"{', '.join(secondaries)}. Drop these first."
        )


class DanglingError(SnowflakeError):
    """Something that the snapshot refers to is not in it.

    https://docs.snowflake.com/en/user-guide/account-replication-considerations#dangling-references
    """

    code = "003131"
    sqlstate = "55000"

    def __init__(self, missing: Sequence[str]) -> None:
        listed = "; ".join(missing)
        super().__init__(
            "SQL execution error:\nDangling references in the snapshot. Correct the errors before "
            "refreshing again. The following references are missing (referred entity <- "
            f"[referring entities]): {listed}"
        )
