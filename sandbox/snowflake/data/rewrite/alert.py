"""The functions of SNOWFLAKE.ALERT: what a running alert knows of itself.

https://docs.snowflake.com/en/sql-reference/functions/last_successful_scheduled_time
https://docs.snowflake.com/en/sql-reference/functions/scheduled_time
https://docs.snowflake.com/en/sql-reference/functions/get_condition_query_uuid
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from sandbox.snowflake.data.rewrite.context import session_field
from sandbox.snowflake.data.rewrite.notification import system_function

_MOMENTS: Final = {
    "SCHEDULED_TIME": "alert_scheduled",
    "LAST_SUCCESSFUL_SCHEDULED_TIME": "alert_last",
}


def alert_function(node: exp.Expr) -> exp.Expr:
    """`SNOWFLAKE.ALERT.SCHEDULED_TIME()` and its like become fields of the session's variable."""
    call = system_function(node, "ALERT")
    if call is None:
        return node
    name = call.name.upper()
    if name == "GET_CONDITION_QUERY_UUID":
        return session_field("alert_condition")
    if name not in _MOMENTS:
        return node
    moment = exp.DataType.build("timestamptz", dialect="duckdb")
    return exp.Cast(this=session_field(_MOMENTS[name]), to=moment)
