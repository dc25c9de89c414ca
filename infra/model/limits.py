"""What an environment may not exceed. Policies read these; the facts themselves may say more."""

from typing import Annotated

from pydantic import Field

from infra.model.base import Fact
from infra.model.identifiers import Identifier
from infra.model.warehouse import WarehouseSize


class Limits(Fact):
    """The limits that policies hold an environment's resources to."""

    max_auto_suspend: Annotated[int, Field(ge=1)]
    """Idle seconds after which every warehouse must have suspended."""
    max_warehouse_size: WarehouseSize
    """The largest warehouse."""
    max_cluster_count: Annotated[int, Field(ge=1, le=10)]
    """Clusters that one warehouse may grow to."""
    max_statement_timeout: Annotated[int, Field(ge=1, le=604800)]
    """Seconds after which every warehouse must end a statement."""
    max_monthly_credits: Annotated[int, Field(ge=1)]
    """Credits a month: what the quotas of all warehouses together may not exceed."""
    min_retention_days: Annotated[int, Field(ge=0, le=90)]
    """Days of time travel on whatever dbt cannot build again."""
    min_replication_minutes: Annotated[int, Field(ge=2, le=1440)]
    """The shortest interval between refreshes of a second account: each is paid for, and the
    provider drops an interval of one minute."""
    raw_writers: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """The only roles that may write where files land."""
    account_admins: tuple[int, int]
    """The fewest and the most people with ACCOUNTADMIN."""
    login_days: Annotated[int, Field(ge=1)]
    """Days without a login, or without use of a role, after which it is thought to be unused."""
