"""The plugin that runs knows every property that the program may set."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import schema

EVERYTHING_OPTIONAL = {
    "warehouses": {
        "BI_WH": {
            "warehouse_type": "STANDARD",
            "min_cluster_count": 1,
            "max_cluster_count": 5,
            "scaling_policy": "STANDARD",
            "max_concurrency_level": 8,
            "statement_timeout_in_seconds": 3600,
            "statement_queued_timeout_in_seconds": 600,
            "query_acceleration_max_scale_factor": 8,
        }
    },
    "monitors": {"BI_LIMIT": {"suspend_immediate_trigger": 110}},
    "database": {"schemas": {"STAGING": {"is_transient": True, "data_retention_time_in_days": 1}}},
}


@pytest.mark.engine
def test_every_property_is_known_to_the_plugin(deployed: Any, clone: Path) -> None:
    place = clone / "environments" / "dev.yaml"
    place.write_text(yaml.safe_dump(EVERYTHING_OPTIONAL))
    registered = [*deployed("local"), *deployed("prod"), *deployed("dev", clone)]
    warehouse = next(r for r in registered if "queryAccelerationMaxScaleFactor" in r.inputs)
    assert warehouse.inputs["enableQueryAcceleration"] == "true"
    assert schema.unknown_properties((r.type, r.inputs) for r in registered) == []
