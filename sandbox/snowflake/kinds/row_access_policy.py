"""Row access policies: which rows a role sees.

They are kept, described and attached here; the data plane filters.
https://docs.snowflake.com/en/sql-reference/sql/create-row-access-policy
"""

from __future__ import annotations

from typing import Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.governance import policies
from sandbox.snowflake.kinds import policy_function


def _validate(context: Context, record: Record) -> None:
    policy_function.require_whole(record)
    returned = record.properties["RETURNS"]
    if returned != "BOOLEAN":
        raise CompilationError(f"A row access policy returns BOOLEAN, not {returned}.")


KIND: Final = Kind(
    name="ROW ACCESS POLICY",
    plural="ROW ACCESS POLICIES",
    scope=Scope.SCHEMA,
    properties=(value.COMMENT,),
    clauses={"AS": policy_function.read_function, "BODY": policy_function.read_body},
    show=policy_function.show("ROW_ACCESS_POLICY", column.fixed("options", "")),
    describe=policy_function.describe,
    validate=_validate,
    dropped=policies.refuse_in_use,
    renamed=lambda context, record, path: None,
)
