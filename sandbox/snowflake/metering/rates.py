"""What compute costs, in credits an hour.

https://docs.snowflake.com/en/user-guide/warehouses-overview#warehouse-size
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

_SIZES: Final = (
    *("XSMALL", "SMALL", "MEDIUM", "LARGE", "XLARGE", "XXLARGE", "XXXLARGE"),
    *("X4LARGE", "X5LARGE", "X6LARGE"),
)
CREDITS_AN_HOUR: Final = {size: float(2**place) for place, size in enumerate(_SIZES)}
LEAST: Final = timedelta(seconds=60)
"""What each start of a warehouse costs at least."""
SERVERLESS: Final = 1.0
"""Serverless tasks and alerts, as if on the smallest warehouse; Snowflake sizes them by itself."""
PIPE_FILE: Final = 0.06 / 1000
"""Snowpipe, for each file."""
