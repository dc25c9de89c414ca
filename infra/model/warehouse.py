"""Virtual warehouses, in the provider's property names.

Vendor: https://docs.snowflake.com/en/sql-reference/sql/create-warehouse
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from infra.model.base import Fact
from infra.model.governance import TagValue
from infra.model.identifiers import Identifier


class WarehouseSize(StrEnum):
    """Sizes from small to large; the order is the order of their price."""

    XSMALL = "XSMALL"
    SMALL = "SMALL"
    MEDIUM = "MEDIUM"
    LARGE = "LARGE"
    XLARGE = "XLARGE"
    XXLARGE = "XXLARGE"
    XXXLARGE = "XXXLARGE"
    X4LARGE = "X4LARGE"
    X5LARGE = "X5LARGE"
    X6LARGE = "X6LARGE"

    @property
    def rank(self) -> int:
        """The place in the order of sizes, from 0."""
        return list(WarehouseSize).index(self)


class WarehouseType(StrEnum):
    """What the warehouse's machines are made for."""

    STANDARD = "STANDARD"
    SNOWPARK_OPTIMIZED = "SNOWPARK-OPTIMIZED"


class ScalingPolicy(StrEnum):
    """When a multi-cluster warehouse starts another cluster."""

    STANDARD = "STANDARD"
    ECONOMY = "ECONOMY"


class Warehouse(Fact):
    """One warehouse. What is left out keeps Snowflake's default."""

    warehouse_size: WarehouseSize
    auto_suspend: Annotated[int, Field(ge=0)]
    """Idle seconds before it suspends; 0 means never."""
    resource_monitor: Identifier
    """The monitor whose quota it draws on."""
    comment: str = ""
    tags: Mapping[Identifier, TagValue] = {}
    warehouse_type: WarehouseType | None = None
    min_cluster_count: Annotated[int, Field(ge=1, le=10)] | None = None
    max_cluster_count: Annotated[int, Field(ge=1, le=10)] | None = None
    scaling_policy: ScalingPolicy | None = None
    max_concurrency_level: Annotated[int, Field(ge=1)] | None = None
    statement_timeout_in_seconds: Annotated[int, Field(ge=0, le=604800)] | None = None
    statement_queued_timeout_in_seconds: Annotated[int, Field(ge=0)] | None = None
    query_acceleration_max_scale_factor: Annotated[int, Field(ge=0, le=100)] | None = None
    """Set: query acceleration is on, up to this many times the warehouse's size."""
