"""What stands: asked of the account itself, never of the state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from cli.console import say, say_table
from cli.target import ask, connected
from cli.transforming import MART
from ingestion.quoting import identifier

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    from cli.workbench import Workbench

FIRST_ROWS: Final = 5
NAMES_SHOWN: Final = 8
HIDDEN: Final = "INFORMATION_SCHEMA"
IN_DATABASE: Final = ("SCHEMAS", "TABLES", "VIEWS", "STAGES", "FILE FORMATS", "PIPES")
MART_COLUMNS: Final = (
    "CENSUS_BLOCK_GROUP",
    "STATE",
    "COUNTY",
    "NEAREST_GYM_DISTANCE_MILES",
    "GYMS_WITHIN_1_MILE",
    "GYMS_WITHIN_5_MILES",
    "GYMS_WITHIN_10_MILES",
    "OPPORTUNITY_SCORE",
    "OPPORTUNITY_TIER",
)
MART_ORDER: Final = "OPPORTUNITY_SCORE"


@dataclass(frozen=True, slots=True)
class Standing:
    """Objects by kind, rows by table, and the first rows of the mart."""

    target: str
    stack: str
    objects: dict[str, list[str]]
    tables: list[dict[str, Any]]
    mart: list[dict[str, Any]]

    def as_facts(self) -> dict[str, Any]:
        """One JSON value."""
        return asdict(self)


def look(bench: Workbench, outputs: Mapping[str, Any]) -> Standing:
    """Ask the account what it has of this stack."""
    database = str(outputs["database"])
    with connected(bench.login()) as connection:
        found = objects(connection, outputs)
        shown = ask(connection, f"SHOW TABLES IN DATABASE {identifier(database)}").dicts()
        mart = _first_rows(connection, outputs, database)
    tables = [
        {"table": _full_name(row), "rows": row["rows"]}
        for row in sorted(shown, key=_full_name)
        if _schema_of(row) != HIDDEN
    ]
    return Standing(bench.target, bench.stack, found, tables, mart)


def objects(connection: SnowflakeConnection, outputs: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names by kind of what the account has of a stack, whoever made it."""
    found = _account_objects(connection, outputs)
    for kind in IN_DATABASE if found["databases"] else ():
        place = identifier(str(outputs["database"]))
        rows = ask(connection, f"SHOW {kind} IN DATABASE {place}").dicts()
        found[kind.lower()] = sorted(_full_name(row) for row in rows if _schema_of(row) != HIDDEN)
    return found


def show(standing: Standing) -> None:
    """Print it, saying where it comes from."""
    say_table(
        ("kind", "count", "names"),
        [(kind, len(names), _some(names)) for kind, names in standing.objects.items()],
        title=f"Objects of {standing.stack} ({standing.target})",
    )
    say_table(
        ("table", "rows"),
        [(t["table"], f"{int(t['rows'] or 0):,}") for t in standing.tables],
        title=f"Rows by table ({standing.target})",
    )
    if standing.mart:
        columns = list(standing.mart[0])
        say_table(
            [name.replace("_", " ") for name in columns],
            [[row[name] for name in columns] for row in standing.mart],
            title=f"First rows of {MART} by opportunity ({standing.target})",
        )
    if standing.target == "sandbox":
        say("Everything above is in the sandbox on this machine; no cloud account was touched.")


def _account_objects(
    connection: SnowflakeConnection, outputs: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Objects beside the database; of the account's, those that this stack named."""
    warehouses = set((outputs.get("warehouses") or {}).values())
    ours = [row for row in ask(connection, "SHOW WAREHOUSES").dicts() if row["name"] in warehouses]
    used = {str(row["resource_monitor"]) for row in ours}
    wanted = {
        "RESOURCE MONITORS": used,
        "ROLES": set((outputs.get("roles") or {}).values()),
        "INTEGRATIONS": {outputs["storage_integration"]},
        "DATABASES": {outputs["database"]},
    }
    found = {"warehouses": sorted(str(row["name"]) for row in ours)}
    for kind, names in wanted.items():
        rows = ask(connection, f"SHOW {kind}").dicts()
        found[kind.lower()] = sorted(str(row["name"]) for row in rows if row["name"] in names)
    return found


def _first_rows(
    connection: SnowflakeConnection, outputs: Mapping[str, Any], database: str
) -> list[dict[str, Any]]:
    schema = identifier(database, "MARTS")
    if not ask(connection, f"SHOW TABLES LIKE '{MART}' IN SCHEMA {schema}").rows:
        return []
    warehouse = outputs["dbt"]["warehouse"]
    ask(connection, f"USE WAREHOUSE {identifier(str(warehouse))}")
    table = identifier(database, "MARTS", MART)
    columns = ", ".join(map(identifier, MART_COLUMNS))
    order = f"ORDER BY {identifier(MART_ORDER)} DESC LIMIT {FIRST_ROWS}"
    return ask(connection, " ".join(("SELECT", columns, "FROM", table, order))).dicts()


def _schema_of(row: Mapping[str, Any]) -> str:
    return str(row.get("schema_name") or row["name"])


def _full_name(row: Mapping[str, Any]) -> str:
    schema = row.get("schema_name")
    return f"{schema}.{row['name']}" if schema else str(row["name"])


def _some(names: Sequence[str]) -> str:
    more = f" … and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more
