"""Every drill, by name, from the smallest damage to the greatest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ops.drill import (
    failover,
    leaked_key,
    lost_region,
    lost_state,
    rebuild_mart,
    restore_table,
    undrop_schema,
)
from ops.drill.step import Drill

DRILLS: Final[Mapping[str, Drill]] = {
    drill.name: drill
    for drill in (
        restore_table.DRILL,
        undrop_schema.DRILL,
        rebuild_mart.DRILL,
        leaked_key.DRILL,
        lost_state.DRILL,
        failover.DRILL,
        lost_region.DRILL,
    )
}
