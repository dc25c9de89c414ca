"""Masking policies: what a role sees of a column's value.

They are kept, described and attached here; the data plane masks.
https://docs.snowflake.com/en/sql-reference/sql/create-masking-policy
"""

from __future__ import annotations

import json
from typing import Final

from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.types import parse_type
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.governance import policies
from sandbox.snowflake.kinds import policy_function


def _validate(context: Context, record: Record) -> None:
    policy_function.require_whole(record)
    first, returned = record.properties["SIGNATURE"][0][1], record.properties["RETURNS"]
    if parse_type(first).family != parse_type(returned).family:
        raise CompilationError(
            f"Masking policy return type '{returned}' must be the type of its first argument, "
            f"'{first}'."
        )


def _options(context: Context, record: Record) -> str:
    exempt = bool(record.properties.get("EXEMPT_OTHER_POLICIES"))
    return json.dumps({"EXEMPT_OTHER_POLICIES": exempt}) if exempt else ""


KIND: Final = Kind(
    name="MASKING POLICY",
    plural="MASKING POLICIES",
    scope=Scope.SCHEMA,
    properties=(value.boolean("EXEMPT_OTHER_POLICIES", False), value.COMMENT),
    clauses={"AS": policy_function.read_function, "BODY": policy_function.read_body},
    show=policy_function.show("MASKING_POLICY", ShowColumn("options", _options)),
    describe=policy_function.describe,
    validate=_validate,
    dropped=policies.refuse_in_use,
    renamed=lambda context, record, path: None,
)
