"""EXECUTE ALERT: a run at once, whatever the schedule says.

The statement answers when the run is over; Snowflake's answers at once.
https://docs.snowflake.com/en/sql-reference/sql/execute-alert
"""

from __future__ import annotations

from sandbox.snowflake.context import Context
from sandbox.snowflake.result import Result, status
from sandbox.snowflake.sql.reader import Reader


def execute_alert(context: Context, reader: Reader) -> Result | None:
    """EXECUTE ALERT name; None, with nothing read, where something else is executed."""
    if not reader.accept("ALERT"):
        return None
    record = context.get(context.registry["ALERT"], reader.path())
    reader.expect_end()
    context.demand("OWNERSHIP", record)
    context.account.alerts.evaluate(record, context.now)
    return status(f"Alert {record.name} is scheduled to run immediately.")
