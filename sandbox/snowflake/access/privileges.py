"""Which privileges each type of object has, for kinds of the catalogue and for types beyond it.

A kind declares its own. Types that the sandbox has no objects of are known here all the same,
because grants on ALL and on FUTURE objects of them are good statements.
https://docs.snowflake.com/en/user-guide/security-access-control-privileges
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from sandbox.snowflake.access.grant import OWNERSHIP
from sandbox.snowflake.catalog.kind import Kind, Registry
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.sql.reader import Reader

ACCOUNT_PRIVILEGES: Final = (
    "APPLY AGGREGATION POLICY",
    "APPLY AUTHENTICATION POLICY",
    "APPLY JOIN POLICY",
    "APPLY MASKING POLICY",
    "APPLY PACKAGES POLICY",
    "APPLY PASSWORD POLICY",
    "APPLY PRIVACY POLICY",
    "APPLY PROJECTION POLICY",
    "APPLY ROW ACCESS POLICY",
    "APPLY SESSION POLICY",
    "APPLY TAG",
    "ATTACH POLICY",
    "AUDIT",
    "BIND SERVICE ENDPOINT",
    "CANCEL QUERY",
    "CREATE ACCOUNT",
    "CREATE API INTEGRATION",
    "CREATE APPLICATION",
    "CREATE APPLICATION PACKAGE",
    "CREATE COMPUTE POOL",
    "CREATE DATA EXCHANGE LISTING",
    "CREATE DATABASE",
    "CREATE EXTERNAL VOLUME",
    "CREATE FAILOVER GROUP",
    "CREATE INTEGRATION",
    "CREATE LISTING",
    "CREATE NETWORK POLICY",
    "CREATE NOTIFICATION INTEGRATION",
    "CREATE REPLICATION GROUP",
    "CREATE ROLE",
    "CREATE SHARE",
    "CREATE STORAGE INTEGRATION",
    "CREATE USER",
    "CREATE WAREHOUSE",
    "EXECUTE ALERT",
    "EXECUTE DATA METRIC FUNCTION",
    "EXECUTE MANAGED ALERT",
    "EXECUTE MANAGED TASK",
    "EXECUTE TASK",
    "IMPORT SHARE",
    "MANAGE ACCOUNT SUPPORT CASES",
    "MANAGE EVENT SHARING",
    "MANAGE GRANTS",
    "MANAGE LISTING AUTO FULFILLMENT",
    "MANAGE ORGANIZATION SUPPORT CASES",
    "MANAGE POLARIS CONNECTIONS",
    "MANAGE SHARE TARGET",
    "MANAGE USER SUPPORT CASES",
    "MANAGE VISIBILITY",
    "MANAGE WAREHOUSES",
    "MODIFY LOG LEVEL",
    "MODIFY METRIC LEVEL",
    "MODIFY SESSION LOG LEVEL",
    "MODIFY SESSION TRACE LEVEL",
    "MODIFY TRACE LEVEL",
    "MONITOR",
    "MONITOR EXECUTION",
    "MONITOR SECURITY",
    "MONITOR USAGE",
    "MONITOR USER",
    "OVERRIDE SHARE RESTRICTIONS",
    "PURCHASE DATA EXCHANGE LISTING",
    "READ SESSION",
    "REPLICATE",
    "RESOLVE ALL",
    "USE AI FUNCTIONS",
    "VIEW LINEAGE",
)
"""Global privileges, granted ON ACCOUNT."""

_TABLE_LIKE: Final = ("REFERENCES", "SELECT")
_RUNNING: Final = ("MONITOR", "OPERATE")
_USED: Final = ("USAGE",)
_APPLIED: Final = ("APPLY",)

_BEYOND: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "AGGREGATION POLICY": ("AGGREGATION POLICIES", _APPLIED),
    "ALERT": ("ALERTS", _RUNNING),
    "AUTHENTICATION POLICY": ("AUTHENTICATION POLICIES", _APPLIED),
    "COMPUTE POOL": ("COMPUTE POOLS", ("APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE")),
    "CONNECTION": ("CONNECTIONS", ("FAILOVER",)),
    "CORTEX SEARCH SERVICE": ("CORTEX SEARCH SERVICES", ("MONITOR", "OPERATE", "USAGE")),
    "DATASET": ("DATASETS", _USED),
    "DYNAMIC TABLE": ("DYNAMIC TABLES", ("MONITOR", "OPERATE", "SELECT")),
    "EVENT TABLE": (
        "EVENT TABLES",
        ("APPLYBUDGET", "DELETE", "INSERT", "REFERENCES", "SELECT", "TRUNCATE", "UPDATE"),
    ),
    "EXTERNAL FUNCTION": ("EXTERNAL FUNCTIONS", _USED),
    "EXTERNAL TABLE": ("EXTERNAL TABLES", _TABLE_LIKE),
    "EXTERNAL VOLUME": ("EXTERNAL VOLUMES", _USED),
    "FAILOVER GROUP": ("FAILOVER GROUPS", ("FAILOVER", "MODIFY", "MONITOR", "REPLICATE")),
    "FILE FORMAT": ("FILE FORMATS", _USED),
    "FUNCTION": ("FUNCTIONS", _USED),
    "GIT REPOSITORY": ("GIT REPOSITORIES", ("READ", "WRITE")),
    "HYBRID TABLE": (
        "HYBRID TABLES",
        ("DELETE", "INSERT", "REFERENCES", "SELECT", "TRUNCATE", "UPDATE"),
    ),
    "ICEBERG TABLE": (
        "ICEBERG TABLES",
        ("APPLYBUDGET", "DELETE", "INSERT", "REFERENCES", "SELECT", "TRUNCATE", "UPDATE"),
    ),
    "IMAGE REPOSITORY": ("IMAGE REPOSITORIES", ("READ", "WRITE")),
    "INTEGRATION": ("INTEGRATIONS", ("USAGE", "USE_ANY_ROLE")),
    "MASKING POLICY": ("MASKING POLICIES", _APPLIED),
    "MATERIALIZED VIEW": ("MATERIALIZED VIEWS", ("APPLYBUDGET", *_TABLE_LIKE)),
    "MODEL": ("MODELS", _USED),
    "NETWORK POLICY": ("NETWORK POLICIES", _USED),
    "NETWORK RULE": ("NETWORK RULES", _USED),
    "NOTEBOOK": ("NOTEBOOKS", _USED),
    "PACKAGES POLICY": ("PACKAGES POLICIES", _USED),
    "PASSWORD POLICY": ("PASSWORD POLICIES", _APPLIED),
    "PIPE": ("PIPES", ("APPLYBUDGET", *_RUNNING)),
    "PROCEDURE": ("PROCEDURES", _USED),
    "PROJECTION POLICY": ("PROJECTION POLICIES", _APPLIED),
    "REPLICATION GROUP": ("REPLICATION GROUPS", ("MODIFY", "MONITOR", "REPLICATE")),
    "ROW ACCESS POLICY": ("ROW ACCESS POLICIES", _APPLIED),
    "SECRET": ("SECRETS", ("READ", "USAGE")),
    "SEQUENCE": ("SEQUENCES", _USED),
    "SERVICE": ("SERVICES", ("MONITOR", "OPERATE")),
    "SESSION POLICY": ("SESSION POLICIES", _APPLIED),
    "SHARE": ("SHARES", ()),
    "SNAPSHOT": ("SNAPSHOTS", _USED),
    "STAGE": ("STAGES", ("READ", "USAGE", "WRITE")),
    "STREAM": ("STREAMS", ("SELECT",)),
    "STREAMLIT": ("STREAMLITS", _USED),
    "TAG": ("TAGS", ("APPLY", "READ")),
    "TASK": ("TASKS", ("APPLYBUDGET", *_RUNNING)),
}


@dataclass(frozen=True, slots=True)
class GrantType:
    """A type of object as GRANT names it; `kind` is None where the sandbox has none of them."""

    name: str
    plural: str
    privileges: tuple[str, ...]
    kind: Kind | None = None

    @property
    def shown(self) -> str:
        """As `granted_on` and `grant_on` write it."""
        return self.name.replace(" ", "_")


ACCOUNT_TYPE: Final = GrantType("ACCOUNT", "ACCOUNTS", ACCOUNT_PRIVILEGES)


class GrantTypes:
    """All types, found by the words of a statement or by a record."""

    def __init__(self, registry: Registry) -> None:
        beyond = [GrantType(name, *facts) for name, facts in _BEYOND.items()]
        self._singular = {item.name: item for item in beyond}
        self._plural = {item.plural: item for item in beyond}
        self._of_kind: dict[str, GrantType] = {}
        for kind in registry.kinds.values():
            item = self._declared(kind)
            self._of_kind[kind.name] = item
            self._plural[kind.plural] = item
            self._singular |= dict.fromkeys((*kind.aliases, kind.name), item)

    def _declared(self, kind: Kind) -> GrantType:
        name = "INTEGRATION" if kind.space() == "INTEGRATION" else kind.name
        fallback = self._singular.get(name)
        privileges = kind.privileges or (fallback.privileges if fallback is not None else ())
        return GrantType(name, kind.plural, privileges, kind)

    def of(self, record: Record) -> GrantType:
        """The type of an object."""
        return self._of_kind[record.kind]

    def named(self, kind: str) -> GrantType | None:
        """The type of that singular name."""
        return self._singular.get(kind)

    def read_singular(self, reader: Reader) -> GrantType | None:
        """Take the longest type name that comes next."""
        return _read(reader, self._singular)

    def read_plural(self, reader: Reader) -> GrantType | None:
        """Take the longest plural type name that comes next."""
        return _read(reader, self._plural)


def _read(reader: Reader, names: Mapping[str, GrantType]) -> GrantType | None:
    for length in (3, 2, 1):
        words = [reader.ahead(distance).word for distance in range(length)]
        found = names.get(" ".join(words)) if all(words) else None
        if found is not None:
            for _ in words:
                reader.advance()
            return found
    return None


@cache
def grant_types(registry: Registry) -> GrantTypes:
    """The types of a registry, made once."""
    return GrantTypes(registry)


class InvalidPrivilegeError(SnowflakeError):
    """A privilege that objects of this type do not have."""

    code = "003008"
    sqlstate = "42501"

    def __init__(self, privilege: str, type_name: str) -> None:
        super().__init__(
            "SQL access control error:\n"
            f"Invalid object type '{type_name}' for privilege '{privilege}'."
        )


def fitting(privileges: tuple[str, ...], record: Record | None) -> tuple[str, ...]:
    """Those that make sense on this very object: READ and WRITE on an internal stage, else USAGE.

    https://docs.snowflake.com/en/user-guide/security-access-control-privileges#stage-privileges
    """
    if record is None or record.kind != "STAGE":
        return privileges
    external = bool(record.properties.get("URL"))
    return tuple(name for name in privileges if (name == "USAGE") == external)


_NOT_IN_ALL: Final = frozenset((OWNERSHIP, "IMPORTED PRIVILEGES", "REFERENCE_USAGE"))


def expand(wanted: tuple[str, ...], item: GrantType, record: Record | None) -> tuple[str, ...]:
    """The privileges that a GRANT names; none named is ALL. Fails on what the type lacks."""
    if not wanted:
        return fitting(tuple(n for n in item.privileges if n not in _NOT_IN_ALL), record)
    for name in wanted:
        if name not in item.privileges:
            raise InvalidPrivilegeError(name, item.name)
    return tuple("USAGE" if name == "IMPORTED PRIVILEGES" else name for name in wanted)
