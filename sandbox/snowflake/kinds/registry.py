"""All kinds of the sandbox, and the system functions that come with them."""

from __future__ import annotations

from sandbox.snowflake.catalog.kind import Registry
from sandbox.snowflake.kinds import (
    database,
    resource_monitor,
    role,
    schema,
    table,
    user,
    view,
    warehouse,
)
from sandbox.snowflake.verbs.functions import SystemFunction, collect

KINDS = Registry(
    (
        database.KIND,
        resource_monitor.KIND,
        role.KIND,
        schema.KIND,
        table.KIND,
        user.KIND,
        view.KIND,
        warehouse.KIND,
    )
)
SYSTEM_FUNCTIONS: dict[str, SystemFunction] = collect()
