"""The check of a schedule that a statement gives to a task or an alert."""

from __future__ import annotations

from sandbox.snowflake import cron


def check(text: str | None) -> None:
    """InvalidValueError for a schedule that Snowflake would not take."""
    if text is not None:
        cron.parse(text)
