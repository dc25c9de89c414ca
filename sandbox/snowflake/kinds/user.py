"""Users. https://docs.snowflake.com/en/sql-reference/sql/create-user"""

from __future__ import annotations

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope

KIND = Kind(
    name="USER",
    plural="USERS",
    scope=Scope.ACCOUNT,
    properties=(value.COMMENT,),
    show=(column.CREATED_ON, column.NAME, column.OWNER, column.COMMENT),
    renamed=lambda context, record, path: None,
)
