"""Storage and notification integrations: one namespace, DESCRIBE in Snowflake's form."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import (
    AlreadyExistsError,
    CompilationError,
    DoesNotExistError,
    InvalidPropertyError,
    StatementSyntaxError,
)

SNS = (
    "CREATE NOTIFICATION INTEGRATION SNS ENABLED = TRUE DIRECTION = OUTBOUND TYPE = QUEUE "
    "NOTIFICATION_PROVIDER = AWS_SNS AWS_SNS_TOPIC_ARN = 'arn:aws:sns:us-east-1:1:t' "
    "AWS_SNS_ROLE_ARN = 'arn:aws:iam::1:role/r'"
)


def test_a_storage_integration_describes_itself_in_order(lake: Any) -> None:
    rows = lake("DESCRIBE STORAGE INTEGRATION LAKE")
    assert [row["property"] for row in rows] == [
        "ENABLED",
        "STORAGE_PROVIDER",
        "STORAGE_ALLOWED_LOCATIONS",
        "STORAGE_BLOCKED_LOCATIONS",
        "STORAGE_AWS_IAM_USER_ARN",
        "STORAGE_AWS_ROLE_ARN",
        "STORAGE_AWS_EXTERNAL_ID",
        "USE_PRIVATELINK_ENDPOINT",
        "COMMENT",
    ]
    assert rows[0] == {
        "property": "ENABLED",
        "property_type": "Boolean",
        "property_value": "true",
        "property_default": "false",
    }
    assert None not in {value for row in rows for value in row.values()}


def test_the_external_id_stays_until_the_integration_is_made_anew(lake: Any) -> None:
    first = lake.properties("DESC INTEGRATION LAKE")
    lake("ALTER STORAGE INTEGRATION LAKE SET COMMENT = 'new'")
    assert (
        lake.properties("DESC INTEGRATION LAKE")["STORAGE_AWS_EXTERNAL_ID"]
        == (first["STORAGE_AWS_EXTERNAL_ID"])
    )
    lake(
        "CREATE OR REPLACE STORAGE INTEGRATION LAKE TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' "
        "ENABLED = TRUE STORAGE_AWS_ROLE_ARN = 'arn:r' STORAGE_ALLOWED_LOCATIONS = ('s3://lake/')"
    )
    second = lake.properties("DESC INTEGRATION LAKE")
    assert second["STORAGE_AWS_EXTERNAL_ID"] != first["STORAGE_AWS_EXTERNAL_ID"]
    assert second["STORAGE_AWS_IAM_USER_ARN"] == first["STORAGE_AWS_IAM_USER_ARN"]


def test_blocked_locations_are_unset(lake: Any) -> None:
    lake("ALTER STORAGE INTEGRATION LAKE UNSET STORAGE_BLOCKED_LOCATIONS, ENABLED")
    described = lake.properties("DESC INTEGRATION LAKE")
    assert described["STORAGE_BLOCKED_LOCATIONS"] == ""


def test_an_s3_integration_needs_its_role(sql: Any) -> None:
    with pytest.raises(CompilationError, match="STORAGE_AWS_ROLE_ARN"):
        sql(
            "CREATE STORAGE INTEGRATION I TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' "
            "ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = ('s3://b/')"
        )
    assert sql("SHOW INTEGRATIONS") == []


@pytest.mark.parametrize(
    ("provider", "location", "generated"),
    [
        ("'GCS'", "gcs://b/", "STORAGE_GCP_SERVICE_ACCOUNT"),
        (
            "'AZURE' AZURE_TENANT_ID = 't'",
            "azure://a.blob.core.windows.net/c/",
            "AZURE_CONSENT_URL",
        ),
    ],
)
def test_other_clouds_have_their_own_rows(
    sql: Any, provider: str, location: str, generated: str
) -> None:
    sql(
        f"CREATE STORAGE INTEGRATION I TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = {provider} "
        f"ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = ('{location}')"
    )
    described = sql.properties("DESCRIBE STORAGE INTEGRATION I")
    assert described[generated]
    assert "STORAGE_AWS_ROLE_ARN" not in described


def test_a_location_of_another_cloud_is_refused(sql: Any) -> None:
    with pytest.raises(CompilationError, match="s3://b/"):
        sql(
            "CREATE STORAGE INTEGRATION I TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'GCS' "
            "ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = ('s3://b/')"
        )


def test_integrations_of_all_types_share_their_names(lake: Any) -> None:
    with pytest.raises(AlreadyExistsError, match="LAKE"):
        lake(SNS.replace(" SNS ", " LAKE ", 1))


def test_the_type_word_may_be_left_out(lake: Any) -> None:
    lake(SNS)
    assert [row["name"] for row in lake("SHOW INTEGRATIONS")] == ["LAKE", "SNS"]
    assert [row["name"] for row in lake("SHOW NOTIFICATION INTEGRATIONS")] == ["SNS"]
    lake("ALTER INTEGRATION SNS SET ENABLED = FALSE", "DROP INTEGRATION LAKE")
    (left,) = lake("SHOW INTEGRATIONS")
    assert (left["type"], left["category"], left["enabled"]) == (
        "QUEUE - AWS_SNS",
        "NOTIFICATION",
        "false",
    )


def test_create_needs_the_type_word(sql: Any) -> None:
    with pytest.raises(StatementSyntaxError, match="type of the integration"):
        sql("CREATE INTEGRATION I ENABLED = TRUE")


def test_a_storage_integration_is_no_notification_integration(lake: Any) -> None:
    with pytest.raises(DoesNotExistError):
        lake("DESCRIBE NOTIFICATION INTEGRATION LAKE")
    lake("DROP NOTIFICATION INTEGRATION IF EXISTS LAKE")
    assert lake("SHOW STORAGE INTEGRATIONS LIKE 'lake'")


def test_sns_gets_the_user_that_will_publish(sql: Any) -> None:
    sql(SNS)
    described = sql.properties("DESCRIBE NOTIFICATION INTEGRATION SNS")
    assert described["DIRECTION"] == "OUTBOUND"
    assert described["NOTIFICATION_PROVIDER"] == "AWS_SNS"
    assert described["SF_AWS_IAM_USER_ARN"].startswith("arn:aws:iam::")
    assert described["SF_AWS_EXTERNAL_ID"]


@pytest.mark.parametrize(
    ("rest", "type_", "described"),
    [
        (
            "TYPE = QUEUE NOTIFICATION_PROVIDER = GCP_PUBSUB "
            "GCP_PUBSUB_SUBSCRIPTION_NAME = 'projects/p/subscriptions/s'",
            "QUEUE - GCP_PUBSUB",
            {"DIRECTION": "INBOUND"},
        ),
        (
            "TYPE = QUEUE NOTIFICATION_PROVIDER = AZURE_STORAGE_QUEUE AZURE_TENANT_ID = 't' "
            "AZURE_STORAGE_QUEUE_PRIMARY_URI = 'https://x.queue.core.windows.net/q'",
            "QUEUE - AZURE_STORAGE_QUEUE",
            {"AZURE_TENANT_ID": "t"},
        ),
        (
            "TYPE = EMAIL ALLOWED_RECIPIENTS = ('a@b.c', 'd@e.f')",
            "EMAIL",
            {"ALLOWED_RECIPIENTS": "a@b.c,d@e.f"},
        ),
        (
            "TYPE = WEBHOOK WEBHOOK_URL = 'https://hooks.slack.com/services/x' "
            'WEBHOOK_BODY_TEMPLATE = \'{"text": "SNOWFLAKE_WEBHOOK_MESSAGE"}\' '
            "WEBHOOK_HEADERS = ('Content-Type' = 'application/json')",
            "WEBHOOK",
            {"WEBHOOK_HEADERS": '{"Content-Type": "application/json"}'},
        ),
    ],
)
def test_each_form_of_notification(
    sql: Any, rest: str, type_: str, described: dict[str, str]
) -> None:
    sql(f"CREATE NOTIFICATION INTEGRATION N ENABLED = TRUE {rest}")
    assert sql.one("SHOW NOTIFICATION INTEGRATIONS")["type"] == type_
    assert described.items() <= sql.properties("DESC INTEGRATION N").items()


def test_a_form_refuses_the_properties_of_another(sql: Any) -> None:
    with pytest.raises(InvalidPropertyError, match="WEBHOOK_URL"):
        sql(
            "CREATE NOTIFICATION INTEGRATION N ENABLED = TRUE TYPE = EMAIL "
            "WEBHOOK_URL = 'https://hooks.slack.com/services/x'"
        )


def test_an_unknown_form_names_those_that_are_known(sql: Any) -> None:
    with pytest.raises(CompilationError, match="QUEUE OUTBOUND AWS_SNS"):
        sql(
            "CREATE NOTIFICATION INTEGRATION N ENABLED = TRUE TYPE = QUEUE DIRECTION = INBOUND "
            "NOTIFICATION_PROVIDER = AWS_SNS"
        )


def test_email_recipients_are_unset(sql: Any) -> None:
    sql(
        "CREATE NOTIFICATION INTEGRATION N ENABLED = TRUE TYPE = EMAIL ALLOWED_RECIPIENTS = ('a@b')"
    )
    sql("ALTER NOTIFICATION INTEGRATION N UNSET ALLOWED_RECIPIENTS, COMMENT")
    assert sql.properties("DESC INTEGRATION N")["ALLOWED_RECIPIENTS"] == ""
