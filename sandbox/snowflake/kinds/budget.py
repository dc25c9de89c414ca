"""Budgets: instances of the class SNOWFLAKE.CORE.BUDGET, changed by CALL of their methods.

Statements name the class with its full path, so the kind's name is no word of the grammar.
https://docs.snowflake.com/en/sql-reference/classes/budget
"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope

CLASS: Final = "SNOWFLAKE.CORE.BUDGET"

KIND: Final = Kind(
    name=CLASS,
    plural=f"{CLASS} INSTANCES",
    scope=Scope.SCHEMA,
    properties=(value.COMMENT,),
    create_privilege=f"CREATE {CLASS}",
    show=(
        column.CREATED_ON,
        column.NAME,
        column.DATABASE_NAME,
        column.SCHEMA_NAME,
        column.fixed("current_version", "1.0"),
        column.COMMENT,
        column.OWNER,
        column.OWNER_ROLE_TYPE,
    ),
    renamed=lambda context, record, path: None,
)
