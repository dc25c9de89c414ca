"""What an environment may not exceed. Policies read these; the facts themselves may say more."""

from typing import Annotated

from pydantic import Field

from infra.model.base import Fact
from infra.model.warehouse import WarehouseSize


class Limits(Fact):
    """The limits that policies hold an environment's resources to."""

    max_auto_suspend: Annotated[int, Field(ge=1)]
    """Idle seconds after which every warehouse must have suspended."""
    max_warehouse_size: WarehouseSize
    """The largest warehouse."""
