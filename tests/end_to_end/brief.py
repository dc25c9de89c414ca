"""The objects of the architecture brief, and how an account shows each of them.

`{p}` is the prefix of an environment, nothing in `prod`. What `dev` does in a smaller way, or
leaves to `prod` because an account has it once, is marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from tests.end_to_end.account import Ask


class Shown(NamedTuple):
    """A row that a SHOW must have: the columns by which it is found, and what else they say."""

    show: str
    found: Mapping[str, str]
    says: Mapping[str, str] = {}
    """In `prod`; `dev` is smaller."""
    everywhere: bool = True
    """Whether `dev` has it too."""


def _named(show: str, name: str, everywhere: bool = True, **says: str) -> Shown:
    return Shown(show, {"name": name}, says, everywhere)


_DB: Final = "{p}LEAP_ANALYTICS"
_SIZES: Final = {"LOADING_WH": "X-Small", "TRANSFORMING_WH": "Small", "BI_WH": "Medium"}
WAREHOUSES: Final = (
    _named("WAREHOUSES", "{p}LOADING_WH", size="X-Small", auto_suspend="60"),
    _named(
        "WAREHOUSES",
        "{p}TRANSFORMING_WH",
        size="Small",
        auto_suspend="300",
        auto_resume="true",
        min_cluster_count="1",
        max_cluster_count="5",
        scaling_policy="STANDARD",
    ),
    _named("WAREHOUSES", "{p}BI_WH", size="Medium", auto_suspend="600"),
    _named(
        "WAREHOUSES",
        "{p}DEV_WH",
        size="X-Small",
        auto_suspend="60",
        resource_monitor="{p}DEV_LIMIT",
    ),
    _named(
        "RESOURCE MONITORS",
        "{p}DEV_LIMIT",
        credit_quota="100.00",
        notify_at="75%",
        suspend_at="100%",
    ),
)
"""'Warehouse Strategy', 'Warehouse Auto-Scaling' and 'Resource Limits'."""
SCHEMAS: Final = (
    _named("DATABASES", _DB, retention_time="7"),
    _named(f"SCHEMAS IN DATABASE {_DB}", "RAW", retention_time="7"),
    _named(f"SCHEMAS IN DATABASE {_DB}", "STAGING", options="TRANSIENT"),
    _named(f"SCHEMAS IN DATABASE {_DB}", "INTERMEDIATE", options="TRANSIENT"),
    _named(f"SCHEMAS IN DATABASE {_DB}", "MARTS", retention_time="7"),
)
"""'Schema Organization', 'Storage Optimization' and 'Snowflake Time Travel'."""
INGESTION: Final = (
    _named("DATABASES", "CENSUS", everywhere=False, kind="IMPORTED DATABASE"),
    *(_named(f"TABLES IN SCHEMA {_DB}.RAW", n) for n in ("GYMS", "GYM_EVENTS")),
    _named(f"TABLES IN SCHEMA {_DB}.RAW", "CENSUS_DEMOGRAPHICS"),
    *(_named(f"PIPES IN SCHEMA {_DB}.RAW", f"{n}_PIPE") for n in ("GYMS", "GYM_EVENTS")),
    _named(f"STAGES IN SCHEMA {_DB}.RAW", "MANUAL_UPLOADS", type="INTERNAL"),
    _named("INTEGRATIONS", "{p}LEAP_LANDING", category="STORAGE", enabled="true"),
    _named(f"TASKS IN SCHEMA {_DB}.OPERATIONS", "KEEP_RAW_COLUMNS", state="started"),
    _named(
        f"TASKS IN SCHEMA {_DB}.OPERATIONS",
        "KEEP_MARKETPLACE_COLUMNS",
        everywhere=False,
        state="started",
        schedule="USING CRON 30 5 * * MON UTC",
    ),
)
"""'Snowflake Marketplace', 'Snowpipe' and 'Schema change monitoring'."""
_ALERTS: Final = {
    "JOB_FAILED": "critical: failed_jobs",
    "CRITICAL_TEST_FAILED": "critical: failed_tests",
    "SPENDING_HIGH": "critical: spending",
    "QUERY_LONG": "warning: long_queries",
    "WARNING_TEST_FAILED": "warning: failed_tests",
    "SCHEMA_CHANGED": "warning: schema_changes",
    "LOAD_FAILED": "warning: failed_loads",
    "FEED_STALE": "warning: stale_feeds",
    "JOB_SUMMARY": "info: job_summary",
    "COST_REPORT": "info: cost_report",
    "LINEAGE_CHANGED": "info: lineage_changes",
}
ALERTS: Final = (
    *(
        _named(f"ALERTS IN SCHEMA {_DB}.OPERATIONS", name, state="started", comment=comment)
        for name, comment in _ALERTS.items()
    ),
    _named("INTEGRATIONS", "{p}LEAP_EMAIL", type="EMAIL", enabled="true"),
    _named("INTEGRATIONS", "{p}LEAP_SLACK", type="WEBHOOK", enabled="true"),
    _named("INTEGRATIONS", "LEAP_PAGERDUTY", everywhere=False, type="WEBHOOK", enabled="true"),
)
"""'Alerting Strategy'."""


def _held(role: str, privilege: str, name: str, everywhere: bool = True) -> Shown:
    return Shown(
        f"GRANTS TO ROLE {{p}}{role}", {"privilege": privilege, "name": name}, everywhere=everywhere
    )


ACCESS: Final = (
    *(_named("ROLES", f"{{p}}{role}") for role in ("DATA_ANALYST", "DATA_ENGINEER", "DATA_ADMIN")),
    _held("DATA_ANALYST", "USAGE", _DB),
    _held("DATA_ANALYST", "USAGE", f"{_DB}__MARTS__READ"),
    _held("DATA_ENGINEER", "USAGE", _DB),
    _held("DATA_ENGINEER", "CREATE SCHEMA", _DB),
    Shown(
        f"FUTURE GRANTS IN SCHEMA {_DB}.MARTS",
        {"privilege": "SELECT", "grant_on": "TABLE", "grantee_name": f"{_DB}__MARTS__READ"},
    ),
)
"""'Access Control (RBAC)'."""
GOVERNANCE: Final = (
    *(_named(f"TAGS IN SCHEMA {_DB}.GOVERNANCE", tag) for tag in ("PII", "RETENTION_DAYS")),
    *(
        _named(f"MASKING POLICIES IN SCHEMA {_DB}.GOVERNANCE", name)
        for name in ("PII_TEXT", "PII_DOCUMENT")
    ),
    _named(f"ROW ACCESS POLICIES IN SCHEMA {_DB}.GOVERNANCE", "BY_STATE"),
)
"""'Compliance'."""
_OF: Final = "SANDBOX"
_SECOND: Final = "SANDBOX_DR"
REPLICATED: Final = (
    Shown(
        "FAILOVER GROUPS",
        {"name": "LEAP_FAILOVER", "account_name": _OF},
        {"is_primary": "true", "replication_schedule": "10 MINUTE"},
    ),
    Shown("CONNECTIONS", {"name": "ANALYTICS", "account_name": _OF}, {"is_primary": "true"}),
)
"""'Snowflake Outage', in the account that leads."""
REPLICA: Final = (
    Shown(
        "FAILOVER GROUPS",
        {"name": "LEAP_FAILOVER", "account_name": _SECOND},
        {"is_primary": "false", "secondary_state": "STARTED"},
    ),
    Shown("CONNECTIONS", {"name": "ANALYTICS", "account_name": _SECOND}, {"is_primary": "false"}),
    *(_named(f"SCHEMAS IN DATABASE {_DB}", name) for name in ("RAW", "STAGING", "MARTS")),
    *(_named("WAREHOUSES", name, size=size) for name, size in _SIZES.items()),
    _named("RESOURCE MONITORS", "DEV_LIMIT", credit_quota="100.00", suspend_at="100%"),
    *(_named("ROLES", name) for name in ("DATA_ANALYST", "DATA_ENGINEER", "DATA_ADMIN")),
    *(_named("USERS", name) for name in ("LOADER_SVC", "REPORTER_SVC")),
    *(_named("INTEGRATIONS", name, enabled="true") for name in ("LEAP_LANDING", "LEAP_SLACK")),
    _named("NETWORK POLICIES", "LEAP_SERVICES"),
    Shown("GRANTS TO ROLE DATA_ANALYST", {"privilege": "USAGE", "name": f"{_DB}__MARTS__READ"}),
    _named(
        "TASKS IN SCHEMA LEAP_DR.OPERATIONS",
        "CLONE_EACH_QUARTER",
        state="started",
        schedule="USING CRON 0 3 1 1,4,7,10 * UTC",
    ),
)
"""'Backup Strategy', 'Snowflake Outage': what arrived in the second account, and its clone."""
BRIEF: Final = (*WAREHOUSES, *SCHEMAS, *INGESTION, *ALERTS, *ACCESS, *GOVERNANCE)


def _workspace(schema: str) -> Iterator[Shown]:
    """`DEV_<username>` with 'GRANT ALL ON SCHEMA', and the limit of its warehouse."""
    own = f"{_DB}__{schema}__OWN"
    yield _named(f"SCHEMAS IN DATABASE {_DB}", schema, options="TRANSIENT, MANAGED ACCESS")
    for privilege in ("USAGE", "CREATE TABLE", "CREATE VIEW"):
        yield Shown(f"GRANTS TO ROLE {own}", {"privilege": privilege, "name": f"{_DB}.{schema}"})
    yield Shown(f"GRANTS OF ROLE {own}", {"granted_to": "ROLE"})
    yield _named("WAREHOUSES", f"{schema}_WH", resource_monitor=f"{schema}_LIMIT")
    yield _named("RESOURCE MONITORS", f"{schema}_LIMIT", suspend_at="100%")


def missing_of(ask: Ask, schema: str) -> list[str]:
    """What of a workspace on `local` the account does not show."""
    return list(_missing(ask, "", [*_workspace(schema)]))


def missing(ask: Ask, prefix: str = "", what: Sequence[Shown] = BRIEF) -> list[str]:
    """What of the brief the account does not show, in words; without a prefix as `prod` has it."""
    return list(_missing(ask, prefix, what))


def _missing(ask: Ask, prefix: str, what: Sequence[Shown]) -> Iterator[str]:
    seen: dict[str, list[dict[str, Any]]] = {}
    for shown in what:
        if prefix and not shown.everywhere:
            continue
        show = shown.show.format(p=prefix)
        if show not in seen:
            seen[show] = ask(f"SHOW {show}")
        wanted = {key: value.format(p=prefix) for key, value in shown.found.items()}
        says = {} if prefix else {k: v.format(p=prefix) for k, v in shown.says.items()}
        rows = [row for row in seen[show] if _matches(row, wanted)]
        if not rows:
            yield f"SHOW {show}: no {wanted}"
        elif not any(_matches(row, says) for row in rows):
            yield f"SHOW {show}: {wanted}: {[{k: row.get(k) for k in says} for row in rows]}"


def _matches(row: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    return all(str(row.get(key)) == value for key, value in wanted.items())
