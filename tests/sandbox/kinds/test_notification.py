"""Messages reach the outbox as Snowflake would send them, and no secret is anywhere on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.snowflake.errors import DoesNotExistError, SnowflakeError
from sandbox.snowflake.notification.outbox import Delivery, Outbox, read_messages

_SECRET = "T000/B000/very-secret-value"
_CALL = "CALL SYSTEM$SEND_SNOWFLAKE_NOTIFICATION"
_NOTIFICATION = "SNOWFLAKE.NOTIFICATION"


@pytest.fixture
def mail(lake: Any) -> Any:
    """DB.RAW with an e-mail integration, a Slack webhook and the table T (A TEXT)."""
    lake(
        "USE SCHEMA DB.RAW",
        "CREATE TABLE T (A TEXT)",
        "INSERT INTO T VALUES ('one'), ('two')",
        "CREATE NOTIFICATION INTEGRATION LEAP_EMAIL TYPE = EMAIL ENABLED = TRUE "
        "ALLOWED_RECIPIENTS = ('ops@leap.example', 'lead@leap.example') "
        "DEFAULT_RECIPIENTS = ('ops@leap.example') DEFAULT_SUBJECT = 'LEAP'",
        f"CREATE SECRET SLACK_KEY TYPE = GENERIC_STRING SECRET_STRING = '{_SECRET}'",
        "CREATE NOTIFICATION INTEGRATION LEAP_SLACK TYPE = WEBHOOK ENABLED = TRUE "
        "WEBHOOK_URL = 'https://hooks.slack.com/services/SNOWFLAKE_WEBHOOK_SECRET' "
        "WEBHOOK_SECRET = SLACK_KEY "
        """WEBHOOK_BODY_TEMPLATE = '{"text": "SNOWFLAKE_WEBHOOK_MESSAGE"}' """
        "WEBHOOK_HEADERS = ('Content-Type' = 'application/json', "
        "'X-Key' = 'SNOWFLAKE_WEBHOOK_SECRET')",
    )
    return lake


def _sent(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.account.outbox.messages()
    return found


def test_a_mail_reaches_the_outbox(mail: Any) -> None:
    row = mail.one(
        "CALL SYSTEM$SEND_EMAIL('leap_email', 'ops@leap.example, lead@leap.example', "
        "'Rows: ' || (SELECT COUNT(*) FROM T), (SELECT LISTAGG(A, ',') "
        "WITHIN GROUP (ORDER BY A) FROM T), 'text/html')"
    )
    assert row == {"SYSTEM$SEND_EMAIL": True}
    (message,) = _sent(mail)
    assert (message["channel"], message["integration"]) == ("email", "LEAP_EMAIL")
    assert message["to"] == ["ops@leap.example", "lead@leap.example"]
    assert (message["subject"], message["body"]) == ("Rows: 2", "one,two")
    assert message["content_type"] == "text/html"
    assert message["sender_query_id"] == mail.session.last_query_id


def test_one_call_reaches_several_integrations_each_with_what_it_can_carry(mail: Any) -> None:
    mail(
        f"{_CALL}(ARRAY_CONSTRUCT({_NOTIFICATION}.TEXT_PLAIN('plain'), "
        f"{_NOTIFICATION}.TEXT_HTML('<p>rich</p>')), "
        f"ARRAY_CONSTRUCT({_NOTIFICATION}.INTEGRATION('leap_slack'), "
        f"{_NOTIFICATION}.EMAIL_INTEGRATION_CONFIG('leap_email', 'Now', "
        "ARRAY_CONSTRUCT('lead@leap.example'), ARRAY_CONSTRUCT('ops@leap.example'))))"
    )
    posted, mailed = _sent(mail)
    assert posted["url"] == "https://hooks.slack.com/services/***"
    assert posted["headers"] == {"Content-Type": "application/json", "X-Key": "***"}
    assert json.loads(posted["body"]) == {"text": "plain"}
    assert (mailed["to"], mailed["cc"]) == (["lead@leap.example"], ["ops@leap.example"])
    assert (mailed["subject"], mailed["body"]) == ("Now", "<p>rich</p>")


def test_messages_and_integrations_may_be_lists_and_hand_written_json(mail: Any) -> None:
    rows = mail(f"""{_CALL}(('{{"text/plain": "hello"}}'), ('{{"LEAP_EMAIL": {{}}}}'))""")
    assert rows == [{"SYSTEM$SEND_SNOWFLAKE_NOTIFICATION": "Enqueued notifications."}]
    (message,) = _sent(mail)
    assert (message["to"], message["subject"]) == (["ops@leap.example"], "LEAP")


def test_the_functions_write_the_json_that_snowflake_documents(sql: Any) -> None:
    row = sql.one(
        f"""SELECT {_NOTIFICATION}.APPLICATION_JSON('{{"data": "hello world"}}') A, """
        f"{_NOTIFICATION}.INTEGRATION('my_int') B, "
        f"{_NOTIFICATION}.SANITIZE_WEBHOOK_CONTENT('a SNOWFLAKE_WEBHOOK_SECRET') C"
    )
    assert row["A"] == r'{"application/json":"{\"data\": \"hello world\"}"}'
    assert (row["B"], row["C"]) == ('{"my_int":{}}', "a REDACTED")


def test_a_message_that_breaks_the_template_is_not_delivered_and_told_as_failed(mail: Any) -> None:
    mail(f"{_CALL}({_NOTIFICATION}.TEXT_PLAIN('two\\nlines'), '{{\"leap_slack\": {{}}}}')")
    assert _sent(mail) == []
    history = "SELECT STATUS, ERROR_MESSAGE FROM TABLE(INFORMATION_SCHEMA.NOTIFICATION_HISTORY())"
    ((status, error),) = mail.query(history)
    assert status == "FAILURE"
    assert "no JSON" in error


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("SYSTEM$SEND_EMAIL('nope', 'ops@leap.example', 's', 'b')", "does not exist"),
        ("SYSTEM$SEND_EMAIL('leap_slack', 'ops@leap.example', 's', 'b')", "not an email"),
        ("SYSTEM$SEND_EMAIL('leap_email', 'x@leap.example', 's', 'b')", r"indexes \[1\]"),
        ("SYSTEM$SEND_EMAIL('leap_email', 'ops@leap.example')", "Invalid argument"),
        ("SYSTEM$SEND_SNOWFLAKE_NOTIFICATION('no json', '{\"LEAP_EMAIL\": {}}')", "Invalid JSON"),
        ("SYSTEM$SEND_NOTHING('x')", "Unknown function"),
    ],
)
def test_what_cannot_be_sent_is_refused(mail: Any, call: str, said: str) -> None:
    with pytest.raises(SnowflakeError, match=said):
        mail(f"CALL {call}")
    assert _sent(mail) == []


def test_a_disabled_integration_sends_nothing(mail: Any) -> None:
    mail("ALTER NOTIFICATION INTEGRATION LEAP_EMAIL SET ENABLED = FALSE")
    with pytest.raises(SnowflakeError, match="not enabled"):
        mail("CALL SYSTEM$SEND_EMAIL('leap_email', 'ops@leap.example', 's', 'b')")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/services/x",
        "https://example.com/hook",
        "https://hooks.slack.com.evil.example/services/x",
        "https://events.pagerduty.com/v2/other",
    ],
)
def test_a_webhook_goes_to_the_hosts_that_snowflake_allows(sql: Any, url: str) -> None:
    with pytest.raises(SnowflakeError, match="not allowed"):
        sql(
            f"CREATE NOTIFICATION INTEGRATION W TYPE = WEBHOOK ENABLED = TRUE WEBHOOK_URL = '{url}'"
        )


def test_a_webhook_needs_the_secret_that_it_names(lake: Any) -> None:
    url = "WEBHOOK_URL = 'https://hooks.slack.com/services/SNOWFLAKE_WEBHOOK_SECRET'"
    create = f"CREATE NOTIFICATION INTEGRATION W TYPE = WEBHOOK ENABLED = TRUE {url}"
    with pytest.raises(SnowflakeError, match="WEBHOOK_SECRET is not set"):
        lake(create)
    with pytest.raises(DoesNotExistError):
        lake(f"{create} WEBHOOK_SECRET = DB.RAW.NOPE")


def test_no_secret_is_shown_or_on_disk(
    mail: Any, tmp_path: Path, restarted: Callable[[], Any]
) -> None:
    mail(f"ALTER SECRET SLACK_KEY SET SECRET_STRING = '{_SECRET}-2' COMMENT = 'rotated'")
    mail("CREATE SECRET LOGIN TYPE = PASSWORD USERNAME = 'me' PASSWORD = 'very-secret-value'")
    mail(f"{_CALL}({_NOTIFICATION}.TEXT_PLAIN('hi'), {_NOTIFICATION}.INTEGRATION('leap_slack'))")
    described = mail.one("DESCRIBE SECRET LOGIN")
    assert (described["secret_type"], described["username"]) == ("PASSWORD", "me")
    shown = mail("SHOW SECRETS IN SCHEMA DB.RAW")
    assert [row["name"] for row in shown] == ["LOGIN", "SLACK_KEY"]
    assert shown[1]["comment"] == "rotated"
    history = "SELECT LISTAGG(QUERY_TEXT) FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY"
    assert "very-secret" not in str([described, shown, mail(history)])
    restarted()
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"very-secret" not in file.read_bytes(), file


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("SECRET_STRING = 'x'", "TYPE"),
        ("TYPE = GENERIC_STRING", "SECRET_STRING"),
        ("TYPE = PASSWORD USERNAME = 'x'", "PASSWORD"),
        ("TYPE = GENERIC_STRING SECRET_STRING = 'x' USERNAME = 'y'", "USERNAME"),
        ("TYPE = OAUTH2 API_AUTHENTICATION = NOPE", "does not exist"),
    ],
)
def test_a_secret_must_be_whole(lake: Any, rest: str, said: str) -> None:
    with pytest.raises(SnowflakeError, match=said):
        lake(f"CREATE SECRET DB.RAW.S {rest}")


def test_half_a_line_is_passed_over(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    file = tmp_path / "outbox" / "notifications.jsonl"
    outbox = Outbox(file)
    message = Delivery("email", "E", ("a@b.example",), "body\nof two lines")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    outbox.deliver(message, at=at, query_id="1")
    file.write_bytes(file.read_bytes() + b'{"at": "20')
    outbox.deliver(message, at=at, query_id="2")
    assert [kept["sender_query_id"] for kept in read_messages(file)] == ["1", "2"]
