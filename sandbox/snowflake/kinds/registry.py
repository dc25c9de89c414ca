"""All kinds of the sandbox, and the system functions that come with them."""

from __future__ import annotations

from sandbox.snowflake.budgets import reference
from sandbox.snowflake.catalog.kind import Registry
from sandbox.snowflake.governance import tags
from sandbox.snowflake.kinds import (
    alert,
    authentication_policy,
    budget,
    connection,
    database,
    database_role,
    failover_group,
    file_format,
    integration,
    masking_policy,
    network_policy,
    network_rule,
    notification_integration,
    password_policy,
    pipe,
    procedure,
    replication_group,
    resource_monitor,
    role,
    row_access_policy,
    schema,
    secret,
    session_policy,
    share,
    stage,
    storage_integration,
    stream,
    table,
    tag,
    task,
    user,
    view,
    warehouse,
)
from sandbox.snowflake.replication import database as replication
from sandbox.snowflake.verbs.functions import SystemFunction, collect

KINDS = Registry(
    (
        alert.KIND,
        authentication_policy.KIND,
        budget.KIND,
        connection.KIND,
        database.KIND,
        database_role.KIND,
        failover_group.KIND,
        file_format.KIND,
        integration.KIND,
        masking_policy.KIND,
        network_policy.KIND,
        network_rule.KIND,
        notification_integration.KIND,
        password_policy.KIND,
        pipe.KIND,
        procedure.KIND,
        replication_group.KIND,
        resource_monitor.KIND,
        role.KIND,
        row_access_policy.KIND,
        schema.KIND,
        secret.KIND,
        session_policy.KIND,
        share.KIND,
        stage.KIND,
        storage_integration.KIND,
        stream.KIND,
        table.KIND,
        tag.KIND,
        task.KIND,
        user.KIND,
        view.KIND,
        warehouse.KIND,
    )
)
SYSTEM_FUNCTIONS: dict[str, SystemFunction] = collect(
    pipe.SYSTEM_FUNCTIONS,
    reference.SYSTEM_FUNCTIONS,
    replication.SYSTEM_FUNCTIONS,
    stream.SYSTEM_FUNCTIONS,
    tags.SYSTEM_FUNCTIONS,
)
