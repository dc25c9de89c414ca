"""The conditions of alerts: one query each, whose rows are the items to tell, in a column ITEM.

An alert looks at the span between its last successful run and this one, so an item is told once,
and what piled up in between comes in one message. Two watches look at a state, not at events:
`stale_feeds` tells a feed at the run in whose span it became stale, and `spending` looks back over
24 hours and stays silent where it spoke within them, because the metering views are hours late.

https://docs.snowflake.com/en/user-guide/alerts#label-alerts-specify-condition-time
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from infra.model.alert import Alert, Watch
from infra.model.operations import (
    JOB_RUNS,
    LINEAGE,
    MARKETPLACE_COLUMNS,
    RAW_COLUMNS,
    TEST_RESULTS,
    OperationsTable,
)
from infra.model.sql import Name, Sql, joined, name, sql

SINCE: Final = sql("SNOWFLAKE.ALERT.LAST_SUCCESSFUL_SCHEDULED_TIME()")
UNTIL: Final = sql("SNOWFLAKE.ALERT.SCHEDULED_TIME()")
_NOTHING: Final = sql("SELECT '' AS ITEM WHERE FALSE")
_CENTS: Final = sql("NUMBER(18, 2)")
"""Two digits behind the point, also where they are noughts."""
_WEEK: Final = sql("DATEADD(day, -7, {until})", until=UNTIL)


class Estate(NamedTuple):
    """Where things are, by their names in the account."""

    database: str
    operations: str
    landing: str
    warehouses: tuple[str, ...]
    tables: Mapping[str, str]
    """The table of each feed."""
    credit_price: float
    alert: str
    """The alert's own name."""

    def table(self, table: OperationsTable) -> Name:
        """One of the tables that jobs write."""
        return name(self.database, self.operations, table.name)

    def function(self, function: str) -> Sql:
        """A table function of the database's INFORMATION_SCHEMA."""
        return sql(
            "{database}.INFORMATION_SCHEMA.{function}",
            database=name(self.database),
            function=Sql(function),
        )


def condition(estate: Estate, alert: Alert) -> Sql:
    """The query of an alert."""
    return _CONDITIONS[alert.watch](estate, alert)


def _in_span(column: str, since: Sql = SINCE) -> Sql:
    """Whether a time in UTC lies in the span."""
    return sql(
        "{column} > {since} AND {column} <= {until}",
        column=Sql(column),
        since=_utc(since),
        until=_utc(UNTIL),
    )


def _utc(moment: Sql) -> Sql:
    return sql("CONVERT_TIMEZONE('UTC', {moment})::TIMESTAMP_NTZ", moment=moment)


def _failed_jobs(estate: Estate, _alert: Alert) -> Sql:
    return sql(
        "SELECT JOB || ': ' || COALESCE(MESSAGE, STATUS) AS ITEM FROM {runs} "
        "WHERE STATUS <> 'success' AND {span}",
        runs=estate.table(JOB_RUNS),
        span=_in_span("FINISHED_AT"),
    )


def _failed_tests(estate: Estate, alert: Alert) -> Sql:
    return sql(
        "SELECT TEST || ': ' || COALESCE(MAX(MESSAGE), MAX(STATUS)) AS ITEM FROM {results} "
        "WHERE SEVERITY = {tag} AND STATUS IN ('fail', 'error', 'warn') AND {span} GROUP BY TEST",
        results=estate.table(TEST_RESULTS),
        tag=str(alert.tag),
        span=_in_span("RUN_AT"),
    )


def _spending(estate: Estate, alert: Alert) -> Sql:
    return sql(
        "SELECT TO_VARCHAR((SUM(CREDITS_USED) * {price})::{cents}) || ' dollars in 24 hours, more "
        "than ' || {limit} AS ITEM FROM SNOWFLAKE.ACCOUNT_USAGE.METERING_HISTORY "
        "WHERE START_TIME >= DATEADD(hour, -24, (SELECT MAX(END_TIME) "
        "FROM SNOWFLAKE.ACCOUNT_USAGE.METERING_HISTORY)) "
        "AND END_TIME > DATEADD(hour, -48, {until}) "
        "HAVING SUM(CREDITS_USED) * {price} > {limit} AND NOT EXISTS (SELECT 1 "
        "FROM TABLE({history}()) WHERE NAME = {alert} AND STATE = 'TRIGGERED' "
        "AND SCHEDULED_TIME > DATEADD(hour, -24, {until}))",
        price=estate.credit_price,
        cents=_CENTS,
        limit=alert.limit or 0,
        until=UNTIL,
        history=estate.function("ALERT_HISTORY"),
        alert=estate.alert,
    )


def _long_queries(estate: Estate, alert: Alert) -> Sql:
    return sql(
        "SELECT QUERY_ID || ' by ' || USER_NAME || ' on ' || WAREHOUSE_NAME || ': ' || "
        "TO_VARCHAR(ROUND(TOTAL_ELAPSED_TIME / 60000, 1)) || ' minutes' AS ITEM "
        "FROM TABLE({history}(RESULT_LIMIT => 10000)) WHERE WAREHOUSE_NAME IN {warehouses} "
        "AND TOTAL_ELAPSED_TIME > {milliseconds} AND END_TIME > {since} AND END_TIME <= {until}",
        history=estate.function("QUERY_HISTORY"),
        warehouses=estate.warehouses,
        milliseconds=(alert.limit or 0) * 60_000,
        since=SINCE,
        until=UNTIL,
    )


def _failed_loads(estate: Estate, _alert: Alert) -> Sql:
    each = [
        sql(
            "SELECT {table} || ' ' || FILE_NAME || "
            "COALESCE(', line ' || FIRST_ERROR_LINE_NUMBER, '') || ': ' || "
            "COALESCE(FIRST_ERROR_MESSAGE, STATUS) AS ITEM FROM TABLE({history}("
            "TABLE_NAME => {path}, START_TIME => DATEADD(day, -7, CURRENT_TIMESTAMP()))) "
            "WHERE STATUS <> 'Loaded' AND LAST_LOAD_TIME > {since} AND LAST_LOAD_TIME <= {until}",
            table=table,
            history=estate.function("COPY_HISTORY"),
            path=str(name(estate.database, estate.landing, table)),
            since=SINCE,
            until=UNTIL,
        )
        for table in estate.tables.values()
    ]
    return joined(each or [_NOTHING], " UNION ALL ")


def _stale_feeds(estate: Estate, alert: Alert) -> Sql:
    """Stale since the last row's age, or the table's where no row ever came, passed the limit."""
    each = [
        sql(
            "SELECT {table} || ': nothing new since ' || TO_VARCHAR(LATEST, 'YYYY-MM-DD HH24:MI') "
            "|| ' UTC, allowed are ' || {hours} || ' hours' AS ITEM FROM (SELECT COALESCE("
            "(SELECT MAX(_LOADED_AT) FROM {path}), (SELECT MAX(CONVERT_TIMEZONE('UTC', CREATED)"
            "::TIMESTAMP_NTZ) FROM {tables} WHERE TABLE_SCHEMA = {schema} "
            "AND TABLE_NAME = {table})) AS LATEST) WHERE {span}",
            table=estate.tables[feed],
            path=name(estate.database, estate.landing, estate.tables[feed]),
            tables=estate.function("TABLES"),
            schema=estate.landing,
            hours=hours,
            span=_in_span(f"DATEADD(hour, {int(hours)}, LATEST)"),
        )
        for feed, hours in alert.fresh_hours.items()
        if feed in estate.tables
    ]
    return joined(each or [_NOTHING], " UNION ALL ")


def _schema_changes(estate: Estate, _alert: Alert) -> Sql:
    """The last snapshot against the one before it."""
    each = [
        sql(
            "SELECT COALESCE(NEW.TABLE_NAME, OLD.TABLE_NAME) || '.' || "
            "COALESCE(NEW.COLUMN_NAME, OLD.COLUMN_NAME) || CASE "
            "WHEN OLD.COLUMN_NAME IS NULL THEN ' is new' WHEN NEW.COLUMN_NAME IS NULL "
            "THEN ' is gone' ELSE ' was ' || OLD.DATA_TYPE || ', is ' || NEW.DATA_TYPE END AS ITEM "
            "FROM (SELECT * FROM {kept} WHERE SNAPSHOT_AT = {last}) AS NEW FULL OUTER JOIN "
            "(SELECT * FROM {kept} WHERE SNAPSHOT_AT = {before}) AS OLD "
            "ON NEW.TABLE_NAME = OLD.TABLE_NAME AND NEW.COLUMN_NAME = OLD.COLUMN_NAME "
            "WHERE (NEW.DATA_TYPE IS NULL OR OLD.DATA_TYPE IS NULL "
            "OR NEW.DATA_TYPE <> OLD.DATA_TYPE) AND {before} IS NOT NULL AND {span}",
            kept=estate.table(table),
            last=_snapshot(estate, table, sql("TRUE")),
            before=_before(estate, table),
            span=_in_span(_snapshot(estate, table, sql("TRUE"))),
        )
        for table in (RAW_COLUMNS, MARKETPLACE_COLUMNS)
    ]
    return joined(each, " UNION ALL ")


def _snapshot(estate: Estate, table: OperationsTable, where: Sql) -> Sql:
    return sql(
        "(SELECT MAX(SNAPSHOT_AT) FROM {kept} WHERE {where})", kept=estate.table(table), where=where
    )


def _before(estate: Estate, table: OperationsTable) -> Sql:
    last = _snapshot(estate, table, sql("TRUE"))
    return _snapshot(estate, table, sql("SNAPSHOT_AT < {last}", last=last))


def _job_summary(estate: Estate, _alert: Alert) -> Sql:
    return sql(
        "SELECT JOB || ': ' || COUNT(*) || IFF(COUNT(*) = 1, ' run, ', ' runs, ') || "
        "SUM(IFF(STATUS = 'success', 0, 1)) || ' failed' AS ITEM FROM {runs} "
        "WHERE {run_span} GROUP BY JOB UNION ALL "
        "SELECT 'tests: ' || COUNT(*) || ' results, ' || COALESCE(SUM(IFF(STATUS = 'pass', 0, 1)), "
        "0) || ' not passed' FROM {results} WHERE {test_span}",
        runs=estate.table(JOB_RUNS),
        run_span=_in_span("FINISHED_AT", _WEEK),
        results=estate.table(TEST_RESULTS),
        test_span=_in_span("RUN_AT", _WEEK),
    )


def _cost_report(estate: Estate, _alert: Alert) -> Sql:
    return sql(
        "SELECT NAME || ': ' || TO_VARCHAR(SUM(CREDITS_USED)::{cents}) || ' credits, ' || "
        "TO_VARCHAR((SUM(CREDITS_USED) * {price})::{cents}) || ' dollars' AS ITEM "
        "FROM SNOWFLAKE.ACCOUNT_USAGE.METERING_HISTORY WHERE START_TIME > {week} "
        "AND NAME IN {names} GROUP BY NAME UNION ALL "
        "SELECT 'the account: ' || TO_VARCHAR(COALESCE(SUM(CREDITS_USED), 0)::{cents}) || "
        "' credits, ' || TO_VARCHAR((COALESCE(SUM(CREDITS_USED), 0) * {price})::{cents}) || "
        "' dollars' FROM SNOWFLAKE.ACCOUNT_USAGE.METERING_HISTORY WHERE START_TIME > {week}",
        price=estate.credit_price,
        cents=_CENTS,
        week=_WEEK,
        names=(*estate.warehouses, *(f"{table}_PIPE" for table in estate.tables.values())),
    )


def _lineage_changes(estate: Estate, _alert: Alert) -> Sql:
    """The edges of the last run of this week against those of the last run before it."""
    newest = sql(
        "(SELECT MAX(RUN_AT) FROM {edges} WHERE {span})",
        edges=estate.table(LINEAGE),
        span=_in_span("RUN_AT", _WEEK),
    )
    older = sql(
        "(SELECT MAX(RUN_AT) FROM {edges} WHERE RUN_AT <= {week})",
        edges=estate.table(LINEAGE),
        week=_utc(_WEEK),
    )
    return sql(
        "SELECT COALESCE(NEW.MODEL, OLD.MODEL) || IFF(OLD.MODEL IS NULL, ' now reads ', "
        "' no longer reads ') || COALESCE(NEW.DEPENDS_ON, OLD.DEPENDS_ON) AS ITEM "
        "FROM (SELECT * FROM {edges} WHERE RUN_AT = {newest}) AS NEW FULL OUTER JOIN "
        "(SELECT * FROM {edges} WHERE RUN_AT = {older}) AS OLD "
        "ON NEW.MODEL = OLD.MODEL AND NEW.DEPENDS_ON = OLD.DEPENDS_ON "
        "WHERE (NEW.MODEL IS NULL OR OLD.MODEL IS NULL) "
        "AND {newest} IS NOT NULL AND {older} IS NOT NULL",
        edges=estate.table(LINEAGE),
        newest=newest,
        older=older,
    )


_CONDITIONS: Final[Mapping[Watch, Callable[[Estate, Alert], Sql]]] = {
    Watch.FAILED_JOBS: _failed_jobs,
    Watch.FAILED_TESTS: _failed_tests,
    Watch.SPENDING: _spending,
    Watch.LONG_QUERIES: _long_queries,
    Watch.FAILED_LOADS: _failed_loads,
    Watch.STALE_FEEDS: _stale_feeds,
    Watch.SCHEMA_CHANGES: _schema_changes,
    Watch.JOB_SUMMARY: _job_summary,
    Watch.COST_REPORT: _cost_report,
    Watch.LINEAGE_CHANGES: _lineage_changes,
}


def snapshot(estate: Estate, table: OperationsTable, databases: Sequence[str], schema: str) -> Sql:
    """Keeps what columns stand now: of one schema, or of every schema where none is named."""
    found = [
        sql(
            "SELECT TABLE_SCHEMA || '.' || TABLE_NAME, COLUMN_NAME, DATA_TYPE, "
            "CONVERT_TIMEZONE('UTC', CURRENT_TIMESTAMP())::TIMESTAMP_NTZ "
            "FROM {columns} WHERE TABLE_SCHEMA <> 'INFORMATION_SCHEMA' AND {which}",
            columns=name(database, "INFORMATION_SCHEMA", "COLUMNS"),
            which=sql("TABLE_SCHEMA = {schema}", schema=schema) if schema else sql("TRUE"),
        )
        for database in databases
    ]
    return sql(
        "INSERT INTO {kept} (TABLE_NAME, COLUMN_NAME, DATA_TYPE, SNAPSHOT_AT) {found}",
        kept=estate.table(table),
        found=joined(found, " UNION ALL "),
    )
