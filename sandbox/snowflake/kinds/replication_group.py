"""Replication groups: failover groups that cannot be promoted.

https://docs.snowflake.com/en/sql-reference/sql/create-replication-group
"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake.replication import group_kind

KIND: Final = group_kind.make("REPLICATION GROUP", ("MODIFY", "MONITOR", "REPLICATE"))
