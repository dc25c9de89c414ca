"""The history keeps statements, and keeps secrets out."""

from __future__ import annotations

import pytest

from sandbox.snowflake.history import masked


@pytest.mark.parametrize(
    "text",
    [
        "CREATE USER U PASSWORD = 'hunter2'",
        "ALTER USER U SET password='hunter2' COMMENT = 'x'",
        "CREATE STAGE S CREDENTIALS = (AWS_KEY_ID = 'id' AWS_SECRET_KEY = 'hunter2')",
    ],
)
def test_a_secret_in_a_statement_is_starred_out(text: str) -> None:
    assert "hunter2" not in masked(text)


def test_other_text_is_kept() -> None:
    text = "CREATE USER U COMMENT = 'no password here'"
    assert masked(text) == text
