"""What the sandbox as a program can fail at: one error, with what to do next.

Errors of statements are Snowflake's own and live in `sandbox.snowflake.errors`; errors of AWS calls
are moto's.
"""

from __future__ import annotations


class SandboxError(Exception):
    """The sandbox cannot start, stop or be read; `way_on` tells the next step."""

    def __init__(self, message: str, way_on: str) -> None:
        super().__init__(f"{message}\n{way_on}")
        self.message = message
        self.way_on = way_on
