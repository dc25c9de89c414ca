"""The error of a grant that others hang on."""

from __future__ import annotations

from sandbox.snowflake.access.grant import Grant
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.sql.names import dotted


class DependentGrantError(SnowflakeError):
    """Ownership moves, or a privilege is revoked, and a grant made under it still stands.

    https://docs.snowflake.com/en/sql-reference/sql/grant-ownership#usage-notes
    """

    code = "003036"
    sqlstate = "42501"

    def __init__(self, context: Context, grant: Grant) -> None:
        record = context.store.get(grant.object)
        securable = dotted(record.path) if record is not None else "ACCOUNT"
        grantee = context.store.get(grant.grantee)
        role = grantee.name if grantee is not None else ""
        super().__init__(
            "SQL execution error:\n"
            f"Dependent grant of privilege '{grant.privilege}' on securable '{securable}' to role "
            f"'{role}' exists. It must be revoked first. More than one dependent grant may exist: "
            "use 'SHOW GRANTS' command to view them. To revoke all dependent grants while "
            "transferring object ownership, use convenience command 'GRANT OWNERSHIP ON "
            "<target_objects> TO <target_role> REVOKE CURRENT GRANTS'."
        )
