"""All kinds of the sandbox, and the system functions that come with them."""

from __future__ import annotations

from sandbox.snowflake.catalog.kind import Registry
from sandbox.snowflake.kinds import (
    database,
    database_role,
    file_format,
    integration,
    notification_integration,
    pipe,
    resource_monitor,
    role,
    schema,
    stage,
    storage_integration,
    table,
    user,
    view,
    warehouse,
)
from sandbox.snowflake.verbs.functions import SystemFunction, collect

KINDS = Registry(
    (
        database.KIND,
        database_role.KIND,
        file_format.KIND,
        integration.KIND,
        notification_integration.KIND,
        pipe.KIND,
        resource_monitor.KIND,
        role.KIND,
        schema.KIND,
        stage.KIND,
        storage_integration.KIND,
        table.KIND,
        user.KIND,
        view.KIND,
        warehouse.KIND,
    )
)
SYSTEM_FUNCTIONS: dict[str, SystemFunction] = collect(pipe.SYSTEM_FUNCTIONS)
