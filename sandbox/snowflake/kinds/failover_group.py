"""Failover groups. https://docs.snowflake.com/en/sql-reference/sql/create-failover-group"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake.replication import group_kind

KIND: Final = group_kind.make("FAILOVER GROUP", ("FAILOVER", "MODIFY", "MONITOR", "REPLICATE"))
