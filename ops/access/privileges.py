"""Which privileges each kind of object has, and what implies what.

The words are Snowflake's. Kinds without objects of ours are listed as far as an account's grants
commonly name them; a kind that is not here accepts whatever its grants say.

https://docs.snowflake.com/en/user-guide/security-access-control-privileges
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OWNERSHIP: Final = "OWNERSHIP"
MANAGE_GRANTS: Final = "MANAGE GRANTS"
ACCOUNT: Final = "ACCOUNT"
CREATE: Final = "CREATE "

_TABLE: Final = ("DELETE", "INSERT", "REFERENCES", "SELECT", "TRUNCATE", "UPDATE")
_VIEW: Final = ("REFERENCES", "SELECT")
_RUN: Final = ("MONITOR", "OPERATE")
_USE: Final = ("USAGE",)
_APPLY: Final = ("APPLY",)

ACCOUNT_PRIVILEGES: Final = (
    *("APPLY MASKING POLICY", "APPLY ROW ACCESS POLICY", "APPLY TAG", "ATTACH POLICY", "AUDIT"),
    *("CREATE ACCOUNT", "CREATE DATABASE", "CREATE FAILOVER GROUP", "CREATE INTEGRATION"),
    *("CREATE NETWORK POLICY", "CREATE REPLICATION GROUP", "CREATE ROLE", "CREATE SHARE"),
    *("CREATE USER", "CREATE WAREHOUSE", "EXECUTE ALERT", "EXECUTE MANAGED ALERT"),
    *("EXECUTE MANAGED TASK", "EXECUTE TASK", "IMPORT SHARE", MANAGE_GRANTS, "MANAGE WAREHOUSES"),
    *("MONITOR", "MONITOR EXECUTION", "MONITOR SECURITY", "MONITOR USAGE", "MONITOR USER"),
    *("OVERRIDE SHARE RESTRICTIONS", "RESOLVE ALL", "VIEW LINEAGE"),
)
_SCHEMA: Final = (
    *("ADD SEARCH OPTIMIZATION", "CREATE ALERT", "CREATE DYNAMIC TABLE", "CREATE EXTERNAL TABLE"),
    *("CREATE FILE FORMAT", "CREATE FUNCTION", "CREATE MASKING POLICY", "CREATE MATERIALIZED VIEW"),
    *("CREATE PIPE", "CREATE PROCEDURE", "CREATE ROW ACCESS POLICY", "CREATE SECRET"),
    *("CREATE SEQUENCE", "CREATE STAGE", "CREATE STREAM", "CREATE TABLE", "CREATE TAG"),
    *("CREATE TASK", "CREATE VIEW", "MODIFY", "MONITOR", "USAGE"),
)

PRIVILEGES: Final[Mapping[str, tuple[str, ...]]] = {
    ACCOUNT: ACCOUNT_PRIVILEGES,
    "DATABASE": ("CREATE DATABASE ROLE", "CREATE SCHEMA", "MODIFY", "MONITOR", "USAGE"),
    "SCHEMA": _SCHEMA,
    "TABLE": _TABLE,
    "VIEW": _VIEW,
    "MATERIALIZED VIEW": _VIEW,
    "EXTERNAL TABLE": _VIEW,
    "DYNAMIC TABLE": (*_RUN, "SELECT"),
    "EVENT TABLE": _TABLE,
    "HYBRID TABLE": _TABLE,
    "ICEBERG TABLE": _TABLE,
    "STAGE": ("READ", "USAGE", "WRITE"),
    "FILE FORMAT": _USE,
    "FUNCTION": _USE,
    "PROCEDURE": _USE,
    "SEQUENCE": _USE,
    "SECRET": ("READ", "USAGE"),
    "STREAM": ("SELECT",),
    "STREAMLIT": _USE,
    "PIPE": _RUN,
    "TASK": _RUN,
    "ALERT": _RUN,
    "MASKING POLICY": _APPLY,
    "ROW ACCESS POLICY": _APPLY,
    "TAG": (*_APPLY, "READ"),
    "WAREHOUSE": ("MODIFY", "MONITOR", "OPERATE", "USAGE"),
    "INTEGRATION": ("USAGE", "USE_ANY_ROLE"),
    "RESOURCE MONITOR": ("MODIFY", "MONITOR"),
    "NETWORK POLICY": _USE,
    "ROLE": _USE,
    "DATABASE ROLE": _USE,
    "USER": ("IMPERSONATE", "MODIFY PROGRAMMATIC AUTHENTICATION METHODS", "MONITOR"),
}
"""Grantable privileges by kind, without OWNERSHIP, which every kind but the account has."""

IMPLIED_BY: Final[Mapping[tuple[str, str], str]] = {
    ("WAREHOUSE", "MODIFY"): "MANAGE WAREHOUSES",
    ("WAREHOUSE", "MONITOR"): "MANAGE WAREHOUSES",
    ("WAREHOUSE", "OPERATE"): "MANAGE WAREHOUSES",
}
"""Privileges that one on the account contains."""


def singular(plural: str) -> str:
    """``TABLES`` to ``TABLE``, ``MASKING POLICIES`` to ``MASKING POLICY``."""
    return f"{plural[:-3]}Y" if plural.endswith("IES") else plural.removesuffix("S")


def fitting(kind: str, privileges: tuple[str, ...], *, internal: bool) -> tuple[str, ...]:
    """Those of a grant on all objects that fit this one: a stage has USAGE, or READ and WRITE.

    https://docs.snowflake.com/en/user-guide/security-access-control-privileges#stage-privileges
    """
    if kind != "STAGE":
        return privileges
    return tuple(name for name in privileges if (name == "USAGE") is not internal)


def privileges_of(kind: str) -> tuple[str, ...]:
    """What can be granted on a kind; nothing where the kind is not known here."""
    own = PRIVILEGES.get(kind, ())
    return own if kind == ACCOUNT else (*own, OWNERSHIP)
