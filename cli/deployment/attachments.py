"""Where policies are set, and the statements that take them from there.

https://docs.snowflake.com/en/sql-reference/account-usage/policy_references
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from cli.deployment.objects import Named, Path, dotted
from cli.target import ask

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

BOUND: Final = frozenset({"MASKING POLICY", "ROW ACCESS POLICY", "TAG"})
"""Kinds that cannot go while a policy is set on something, or on them."""
_ATTACHED: Final = """
SELECT * FROM SNOWFLAKE.ACCOUNT_USAGE.POLICY_REFERENCES
WHERE policy_kind IN ('MASKING_POLICY', 'ROW_ACCESS_POLICY') AND tag_name IS NULL
"""


def unsetting(connection: SnowflakeConnection, roots: Sequence[Named]) -> list[str]:
    """What takes these policies from where they are set, and policies from these tags."""
    bound = {named.path for named in roots if named.kind in BOUND}
    rows = ask(connection, _ATTACHED).dicts() if bound else []
    return [unset(row) for row in rows if _policy(row) in bound or _place(row) in bound]


def unset(row: Mapping[str, Any]) -> str:
    """The statement that ends one attachment, a row of POLICY_REFERENCES."""
    place, policy = dotted(_place(row)), dotted(_policy(row))
    domain = str(row["ref_entity_domain"])
    if domain == "TAG":
        return f"ALTER TAG {place} UNSET MASKING POLICY {policy}"
    if row["policy_kind"] == "MASKING_POLICY":
        column = dotted([row["ref_column_name"]])
        return f"ALTER {domain} {place} MODIFY COLUMN {column} UNSET MASKING POLICY"
    return f"ALTER {domain} {place} DROP ROW ACCESS POLICY {policy}"


def _place(row: Mapping[str, Any]) -> Path:
    return row["ref_database_name"], row["ref_schema_name"], row["ref_entity_name"]


def _policy(row: Mapping[str, Any]) -> Path:
    return row["policy_db"], row["policy_schema"], row["policy_name"]
