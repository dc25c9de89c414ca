"""Rows of SHOW and DESCRIBE as items: one reading for each kind of object.

What only a description or the parameters tell is asked object by object, for the few kinds that
need it: warehouses, network rules and policies, password policies, storage integrations, programs.

https://docs.snowflake.com/en/sql-reference/sql/show
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias

from infra.model.account import NAMES
from infra.model.rules.item import UNKNOWN, Item, Kind
from ingestion.quoting import identifier

Row: TypeAlias = Mapping[str, Any]
SYSTEM: Final = frozenset({"SNOWFLAKE", "SNOWFLAKE_SAMPLE_DATA"})
PROGRAMS: Final = frozenset({"SERVICE", "LEGACY_SERVICE"})
_SECONDS_A_DAY: Final = 86400
_OF_TYPE: Final = " INTEGRATIONS"


class Reading(NamedTuple):
    """How one kind is read: the statement, which rows count, and what each says."""

    kind: Kind
    statement: str
    properties: Callable[[Row], dict[str, Any]]
    counts: Callable[[Row], bool] = lambda row: True
    more: Callable[[Row], str] = lambda row: ""
    """A further statement for the object; empty where none is needed."""
    told: Callable[[Sequence[Row]], dict[str, Any]] = lambda rows: {}
    """What the further statement's rows say."""
    name: str = "name"
    """The column that names the object."""


def users(now: datetime) -> Reading:
    """The reading of users; their last login is told in days before ``now``."""

    def properties(row: Row) -> dict[str, Any]:
        last = row.get("last_success_login") or row.get("created_on")
        days = (now - last).total_seconds() / _SECONDS_A_DAY if isinstance(last, datetime) else None
        hidden = row.get("has_password") is None  # a role that may not see others' properties
        flags = ("has_password", "has_mfa", "ext_authn_duo", "has_rsa_public_key", "disabled")
        return {
            **{flag: UNKNOWN if hidden else row.get(flag) for flag in flags},
            "type": row.get("type") or "",
            "default_role": row.get("default_role") or "",
            "email": row.get("email") or "",
            "days_without_login": UNKNOWN if hidden else days,
        }

    return Reading(
        Kind.USER,
        "SHOW USERS",
        properties,
        counts=lambda row: row["name"] not in SYSTEM,
        more=lambda row: (
            f"SHOW PARAMETERS LIKE 'NETWORK_POLICY' FOR USER {identifier(str(row['name']))}"
            if row.get("type") in PROGRAMS
            else ""
        ),
        told=lambda rows: {"network_policy": _pairs(rows, "key").get("NETWORK_POLICY") or ""},
    )


def _warehouse(row: Row) -> dict[str, Any]:
    monitor = row.get("resource_monitor")
    return {
        "warehouse_size": row["size"],
        "auto_suspend": _number(row.get("auto_suspend")),
        "resource_monitor": "" if monitor in (None, "null") else monitor,
        "max_cluster_count": _number(row.get("max_cluster_count")),
        "enable_query_acceleration": row.get("enable_query_acceleration"),
        "query_acceleration_max_scale_factor": _number(
            row.get("query_acceleration_max_scale_factor")
        ),
    }


def _monitor(row: Row) -> dict[str, Any]:
    immediate = row.get("suspend_immediately_at") or row.get("suspend_immediate_at")
    return {
        "credit_quota": _number(row.get("credit_quota")),
        "frequency": row.get("frequency"),
        "suspend_trigger": row.get("suspend_at"),
        "suspend_immediate_trigger": immediate,
    }


def _schema(row: Row) -> dict[str, Any]:
    return {
        "database": row["database_name"],
        "is_transient": "true" if "TRANSIENT" in str(row.get("options") or "") else "false",
        "data_retention_time_in_days": _number(row.get("retention_time")),
    }


def _stage(row: Row) -> dict[str, Any]:
    return {
        "database": row["database_name"],
        "url": row.get("url") or "",
        "credentials": row.get("has_credentials") == "Y",
        "storage_integration": row.get("storage_integration") or "",
    }


def _passwords(rows: Sequence[Row]) -> dict[str, Any]:
    found = _pairs(rows, "property")
    names = ("min_length", "max_retries", "lockout_time_mins")
    return {name: _number(found.get(f"PASSWORD_{name.upper()}")) for name in names}


def _lists(rows: Sequence[Row]) -> dict[str, Any]:
    found = _pairs(rows, "name")
    return {
        "allowed_ip_lists": _listed(found.get("ALLOWED_IP_LIST")),
        "blocked_ip_lists": _listed(found.get("BLOCKED_IP_LIST")),
    }


def _places(rows: Sequence[Row]) -> dict[str, Any]:
    found = _pairs(rows, "property", "property_value")
    return {"storage_allowed_locations": _listed(found.get("STORAGE_ALLOWED_LOCATIONS"))}


def _timeouts(rows: Sequence[Row]) -> dict[str, Any]:
    found = _pairs(rows, "key")
    names = ("STATEMENT_TIMEOUT_IN_SECONDS", "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS")
    return {name.lower(): _number(found.get(name)) for name in names}


def _group(row: Row) -> dict[str, Any]:
    # SHOW leaves the last word of the types away.
    kinds = [one.removesuffix(_OF_TYPE) for one in _listed(row.get("allowed_integration_types"))]
    return {
        "object_types": _listed(row.get("object_types")),
        "allowed_integration_types": [f"{kind}{_OF_TYPE}" for kind in kinds],
        "replication_schedule": row.get("replication_schedule") or "",
        "rpo_assurance": row.get("rpo_assurance"),
    }


def _connection(row: Row) -> dict[str, Any]:
    own = f"{row.get('organization_name')}.{row.get('account_name')}"
    accounts = _listed(row.get("failover_allowed_to_accounts"))
    return {"enable_failover_to_accounts": [one for one in accounts if one != own]}


def _primary(row: Row) -> bool:
    """Whether it is no copy of another account's."""
    return str(row.get("is_primary")).lower() == "true"


def _imported(row: Row) -> bool:
    return _ours(row) and bool(row.get("origin"))


def _ours(row: Row) -> bool:
    return row.get("database_name", row["name"]) not in SYSTEM


def _own_database(row: Row) -> bool:
    return _ours(row) and not row.get("origin")


def _described(kind: str) -> Callable[[Row], str]:
    def statement(row: Row) -> str:
        path = (row.get("database_name"), row.get("schema_name"), row["name"])
        return f"DESCRIBE {kind} {identifier(*(str(part) for part in path if part))}"

    return statement


READINGS: Final = (
    Reading(
        Kind.WAREHOUSE,
        "SHOW WAREHOUSES",
        _warehouse,
        more=lambda row: f"SHOW PARAMETERS IN WAREHOUSE {identifier(str(row['name']))}",
        told=_timeouts,
    ),
    Reading(
        Kind.ACCOUNT_PARAMETER,
        "SHOW PARAMETERS IN ACCOUNT",
        lambda row: {"key": row["key"], "value": row.get("value") or ""},
        counts=lambda row: row["key"] in NAMES,
        name="key",
    ),
    Reading(Kind.MONITOR, "SHOW RESOURCE MONITORS", _monitor),
    Reading(
        Kind.DATABASE,
        "SHOW DATABASES",
        lambda row: {"data_retention_time_in_days": _number(row.get("retention_time"))},
        counts=_own_database,
    ),
    Reading(
        Kind.SCHEMA,
        "SHOW SCHEMAS IN ACCOUNT",
        _schema,
        counts=lambda row: _ours(row) and row["name"] != "INFORMATION_SCHEMA",
    ),
    Reading(Kind.STAGE, "SHOW STAGES IN ACCOUNT", _stage, counts=_ours),
    Reading(
        Kind.NETWORK_POLICY,
        "SHOW NETWORK POLICIES",
        lambda row: {},
        more=_described("NETWORK POLICY"),
        told=_lists,
    ),
    Reading(
        Kind.NETWORK_RULE,
        "SHOW NETWORK RULES IN ACCOUNT",
        lambda row: {"mode": row.get("mode")},
        counts=_ours,
        more=_described("NETWORK RULE"),
        told=lambda rows: {"value_lists": _listed(rows[0].get("value_list")) if rows else ()},
    ),
    Reading(
        Kind.PASSWORD_POLICY,
        "SHOW PASSWORD POLICIES IN ACCOUNT",
        lambda row: {},
        counts=_ours,
        more=_described("PASSWORD POLICY"),
        told=_passwords,
    ),
    Reading(
        Kind.INTEGRATION,
        "SHOW STORAGE INTEGRATIONS",
        lambda row: {"type": row.get("type")},
        more=_described("INTEGRATION"),
        told=_places,
    ),
    Reading(Kind.NOTIFICATION, "SHOW NOTIFICATION INTEGRATIONS", lambda row: {}),
    Reading(Kind.IMPORTED_DATABASE, "SHOW DATABASES", lambda row: {}, counts=_imported),
    Reading(
        Kind.FAILOVER_GROUP,
        "SHOW FAILOVER GROUPS",
        _group,
        counts=_primary,
        more=lambda row: f"SHOW DATABASES IN FAILOVER GROUP {identifier(str(row['name']))}",
        told=lambda rows: {"allowed_databases": [str(row["name"]) for row in rows]},
    ),
    Reading(Kind.CONNECTION, "SHOW CONNECTIONS", _connection, counts=_primary),
)


def items(
    reading: Reading, rows: Sequence[Row], told: Mapping[str, Sequence[Row] | None]
) -> Iterator[Item]:
    """The items of one kind. ``told``: rows by further statement; None where it was refused."""
    for row in rows:
        if not reading.counts(row):
            continue
        statement, name = reading.more(row), str(row[reading.name])
        properties = {**reading.properties(row), "name": name}
        if statement:
            answer = told.get(statement)
            more = reading.told(answer or ())
            properties |= dict.fromkeys(more, UNKNOWN) if answer is None else more
        yield Item(reading.kind, name, properties)


def _pairs(rows: Sequence[Row], key: str, value: str = "value") -> dict[str, Any]:
    return {str(row[key]).upper(): row.get(value) for row in rows}


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _listed(text: Any) -> list[str]:
    return [part.strip() for part in str(text or "").split(",") if part.strip()]
