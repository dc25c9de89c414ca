"""The action of every alert: one message that counts its items, lists the first, and says where.

A webhook's message goes into the JSON of its body as it is, so whatever would end the text there
(quotes, backslashes, line ends) is replaced, and lines are parted by the two characters that JSON
reads as a line end.

https://docs.snowflake.com/en/sql-reference/stored-procedures/system_send_snowflake_notification
https://docs.snowflake.com/en/user-guide/alerts#label-alerts-condition-results
"""

from collections.abc import Mapping, Sequence
from typing import Final

from infra.model.alert import Alert, Severity, Watch
from infra.model.notification import Channel
from infra.model.sql import Sql, sql

LISTED: Final = 5
"""Items that a message names; the others are counted."""
LISTED_IN_A_REPORT: Final = 40
_WHAT: Final[Mapping[Watch, str]] = {
    Watch.FAILED_JOBS: "production job failed",
    Watch.FAILED_TESTS: "data test failed",
    Watch.SPENDING: "spending is too high",
    Watch.LONG_QUERIES: "long-running query",
    Watch.FAILED_LOADS: "load failed",
    Watch.STALE_FEEDS: "feed is stale",
    Watch.SCHEMA_CHANGES: "schema change",
    Watch.JOB_SUMMARY: "weekly summary of dbt runs",
    Watch.COST_REPORT: "cost of the last 7 days",
    Watch.LINEAGE_CHANGES: "data lineage changed",
}
_WHERE: Final[Mapping[Watch, str]] = {
    Watch.FAILED_JOBS: "OPERATIONS.JOB_RUNS, ./leap dbt --stack {stack} build",
    Watch.FAILED_TESTS: "OPERATIONS.TEST_RESULTS, ./leap dbt --stack {stack} test",
    Watch.SPENDING: "SNOWFLAKE.ACCOUNT_USAGE.METERING_HISTORY",
    Watch.LONG_QUERIES: "the query history, by query id",
    Watch.FAILED_LOADS: "./leap ingest status --stack {stack}",
    Watch.STALE_FEEDS: "./leap ingest status --stack {stack}",
    Watch.SCHEMA_CHANGES: "OPERATIONS.RAW_COLUMNS and OPERATIONS.MARKETPLACE_COLUMNS",
    Watch.JOB_SUMMARY: "OPERATIONS.JOB_RUNS",
    Watch.COST_REPORT: "SNOWFLAKE.ACCOUNT_USAGE.METERING_HISTORY",
    Watch.LINEAGE_CHANGES: "OPERATIONS.LINEAGE",
}
_LINE_END: Final = {True: sql("CHR(10)"), False: sql("{two}", two="\\n")}
"""In a mail, and in the JSON of a webhook."""


def action(
    alert: Alert, environment: str, integration: str, channel: Channel, recipients: Sequence[str]
) -> Sql:
    """The statement that sends the message of an alert."""
    mail = channel is Channel.EMAIL
    text = _text(alert, environment, mail)
    if mail:
        return sql(
            "CALL SYSTEM$SEND_EMAIL({integration}, {to}, {subject}, {text})",
            integration=integration,
            to=", ".join(recipients),
            subject=_title(alert, environment),
            text=text,
        )
    return sql(
        "CALL SYSTEM$SEND_SNOWFLAKE_NOTIFICATION(SNOWFLAKE.NOTIFICATION.TEXT_PLAIN("
        "SNOWFLAKE.NOTIFICATION.SANITIZE_WEBHOOK_CONTENT({text})), "
        "SNOWFLAKE.NOTIFICATION.INTEGRATION({integration}))",
        text=text,
        integration=integration,
    )


def _title(alert: Alert, environment: str) -> str:
    return f"LEAP {environment} [{alert.severity}] {_WHAT[alert.watch]}"


def _text(alert: Alert, environment: str, mail: bool) -> Sql:
    listed = LISTED_IN_A_REPORT if alert.severity is Severity.INFO else LISTED
    items = sql(
        "SELECT TRANSLATE(ITEM, {ending} || CHR(10) || CHR(13) || CHR(9), {instead}) AS ITEM, "
        "ROW_NUMBER() OVER (ORDER BY ITEM) AS N "
        "FROM TABLE(RESULT_SCAN(SNOWFLAKE.ALERT.GET_CONDITION_QUERY_UUID()))",
        ending='"\\',
        instead="'/   ",
    )
    return sql(
        "(SELECT {title} || ' (' || COUNT(*) || ')' || {end} || LISTAGG(IFF(N <= {listed}, ITEM, "
        "NULL), {end}) WITHIN GROUP (ORDER BY N) || IFF(COUNT(*) > {listed}, {end} || 'and ' || "
        "(COUNT(*) - {listed}) || ' more', '') || {end} || {look} FROM ({items}))",
        title=_title(alert, environment),
        end=_LINE_END[mail],
        listed=listed,
        look=f"Look at: {_WHERE[alert.watch].format(stack=environment)}",
        items=items,
    )
