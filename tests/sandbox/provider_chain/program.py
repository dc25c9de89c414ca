"""One of each kind, for the real engine; `STEP` 2 changes at least one property of each.

Copied into a scratch project by the test. What a type cannot change in place stays as it is.
"""

from __future__ import annotations

import os
from typing import Any, TypeVar

import pulumi
import pulumi_snowflake as snowflake

T = TypeVar("T")
SECOND = os.environ["STEP"] == "2"
PREVIEW_FEATURES = (
    *("storage_integration", "notification_integration", "email_notification_integration"),
    *("stage", "file_format", "pipe", "table"),
)


def step(first: T, second: T) -> T:
    """The value of the step that is run."""
    return second if SECOND else first


provider = snowflake.Provider(
    "account",
    organization_name="LEAP",
    account_name="SANDBOX",
    user="LEAP_ADMIN",
    password=os.environ["SANDBOX_PASSWORD"],
    role="ACCOUNTADMIN",
    protocol="http",
    host="127.0.0.1",
    port=int(os.environ["SANDBOX_PORT"]),
    request_timeout=30,
    max_retry_count=1,
    disable_telemetry=True,
    preview_features_enabled=[f"snowflake_{name}_resource" for name in PREVIEW_FEATURES],
)


def after(*needs: pulumi.Resource) -> pulumi.ResourceOptions:
    """With our provider, and after what the names in it mean."""
    return pulumi.ResourceOptions(provider=provider, depends_on=list(needs))


# warehouses and monitors

limit = snowflake.ResourceMonitor(
    "limit",
    name="DEV_LIMIT",
    credit_quota=step(100, 200),
    notify_triggers=[75],
    suspend_trigger=100,
    opts=after(),
)
snowflake.ResourceMonitor(
    "dated",
    name="DATED",
    credit_quota=10,
    frequency="WEEKLY",
    start_timestamp="2049-01-01 00:00",
    suspend_trigger=step(90, 95),
    suspend_immediate_trigger=100,
    opts=after(),
)
snowflake.Warehouse(
    "whole",
    name="WHOLE_WH",
    warehouse_size=step("XSMALL", "MEDIUM"),
    auto_suspend=step(60, 120),
    auto_resume="true",
    initially_suspended=True,
    min_cluster_count=1,
    max_cluster_count=step(1, 2),
    statement_timeout_in_seconds=step(3600, 7200),
    resource_monitor=limit.name,
    comment=step("one", "two"),
    opts=after(),
)
snowflake.Warehouse("bare", name=step("BARE_WH", "RENAMED_WH"), opts=after())

# databases and schemas

database = snowflake.Database(
    "facts",
    name="FACTS",
    comment=step("one", "two"),
    data_retention_time_in_days=step(1, 7),
    opts=after(),
)
snowflake.Database(
    "passing",
    name=step("PASSING", "PASSED"),
    is_transient=True,
    drop_public_schema_on_creation=True,
    opts=after(),
)
raw = snowflake.Schema(
    "raw",
    name="RAW",
    database=database.name,
    with_managed_access=step("true", "false"),
    comment=step("one", "two"),
    opts=after(),
)
snowflake.Schema(
    "plain",
    name=step("PLAIN", "PLAINER"),
    database=database.name,
    data_retention_time_in_days=step(None, 3),
    opts=after(),
)
home: dict[str, Any] = {"database": database.name, "schema": raw.name}

# integrations

lake = snowflake.StorageIntegration(
    "lake",
    name="LAKE",
    storage_provider="S3",
    storage_aws_role_arn=f"arn:aws:iam::123456789012:role/{step('one', 'two')}",
    storage_allowed_locations=step(["s3://lake/"], ["s3://lake/", "s3://pond/"]),
    storage_blocked_locations=step(["s3://lake/secret/"], None),
    comment=step("one", None),
    opts=after(),
)
snowflake.StorageIntegration(
    "google",
    name="GOOGLE",
    storage_provider="GCS",
    storage_allowed_locations=["gcs://lake/"],
    enabled=step(True, False),
    opts=after(),
)
snowflake.StorageIntegration(
    "azure",
    name="AZURE",
    storage_provider="AZURE",
    azure_tenant_id="tenant",
    storage_allowed_locations=["azure://a.blob.core.windows.net/c/"],
    comment=step("one", "two"),
    opts=after(),
)
topic = snowflake.NotificationIntegration(
    "topic",
    name="TOPIC",
    notification_provider="AWS_SNS",
    aws_sns_topic_arn=f"arn:aws:sns:us-east-1:123456789012:{step('one', 'two')}",
    aws_sns_role_arn="arn:aws:iam::123456789012:role/topic",
    opts=after(),
)
snowflake.NotificationIntegration(
    "subscription",
    name="SUBSCRIPTION",
    notification_provider="GCP_PUBSUB",
    gcp_pubsub_subscription_name="projects/p/subscriptions/s",
    enabled=step(True, False),
    opts=after(),
)
snowflake.NotificationIntegration(
    "azure-queue",
    name="AZURE_QUEUE",
    notification_provider="AZURE_STORAGE_QUEUE",
    azure_storage_queue_primary_uri="https://x.queue.core.windows.net/q",
    azure_tenant_id="tenant",
    comment=step("one", "two"),
    opts=after(),
)
snowflake.EmailNotificationIntegration(
    "mail",
    name="MAIL",
    enabled=True,
    allowed_recipients=step(["a@example.com", "b@example.com"], ["a@example.com"]),
    comment=step("one", None),
    opts=after(),
)

# file formats

OPTIONS: dict[str, dict[str, Any]] = {
    "CSV": {
        "skip_header": step(1, 2),
        "field_optionally_enclosed_by": '"',
        "null_ifs": ["", "NULL"],
        "empty_field_as_null": True,
        "error_on_column_count_mismatch": True,
        "skip_byte_order_mark": True,
    },
    "JSON": {"strip_outer_array": step(True, False), "compression": "GZIP"},
    "AVRO": {"trim_space": step(True, False)},
    "ORC": {"trim_space": step(False, True)},
    "PARQUET": {"binary_as_text": step(True, False), "compression": "SNAPPY"},
    "XML": {"strip_outer_element": step(True, False)},
}
formats = [
    snowflake.FileFormat(
        type_.lower(),
        name=f"{type_}_FORMAT",
        format_type=type_,
        comment=step("one", "two"),
        opts=after(),
        **home,
        **options,
    )
    for type_, options in OPTIONS.items()
]

# stages

outside = snowflake.Stage(
    "outside",
    name="OUTSIDE",
    url=step("s3://lake/in/", "s3://lake/new/"),
    storage_integration=lake.name,
    file_format=step("FORMAT_NAME = FACTS.RAW.CSV_FORMAT", "TYPE = JSON NULL_IF = []"),
    copy_options=step("ON_ERROR = 'CONTINUE'", "ON_ERROR = SKIP_FILE PURGE = true"),
    directory="ENABLE = true",
    comment=step("one", "two"),
    opts=after(*formats),
    **home,
)
inside = snowflake.Stage("inside", name="INSIDE", comment=step("one", None), opts=after(), **home)
snowflake.Stage(
    "keyed",
    name="KEYED",
    url="s3://elsewhere/x/",
    credentials="AWS_KEY_ID = 'id' AWS_SECRET_KEY = 'secret'",
    encryption="TYPE = 'AWS_SSE_S3'",
    file_format=step("FIELD_DELIMITER = '|' PARSE_HEADER = true", "SKIP_HEADER = 1"),
    opts=after(),
    **home,
)

# tables and views

Column, Default = snowflake.TableColumnArgs, snowflake.TableColumnDefaultArgs
rows = snowflake.Table(
    "rows",
    name="ROWS",
    comment=step("one", "two"),
    cluster_bies=step(["ID"], ["ID", "NAME"]),
    change_tracking=step(True, False),
    data_retention_time_in_days=step(1, 2),
    columns=[
        Column(name="ID", type="NUMBER(38,0)", nullable=False),
        Column(name="NAME", type=step("VARCHAR(10)", "VARCHAR(20)"), comment=step("one", "two")),
        Column(name="PRICE", type="NUMBER(10,2)", default=Default(constant="1")),
        Column(
            name="MADE", type="TIMESTAMP_LTZ(9)", default=Default(expression="CURRENT_TIMESTAMP()")
        ),
        Column(name="mixed", type="VARIANT", nullable=True),
        step(Column(name="GONE", type="DATE"), Column(name="NEW", type="FLOAT")),
    ],
    opts=after(),
    **home,
)
snowflake.Table(
    "small",
    name=step("SMALL", "SMALLER"),
    columns=[Column(name="A", type="BOOLEAN", nullable=step(False, True))],
    opts=after(),
    **home,
)
snowflake.View(
    "seen",
    name=step("SEEN", "SEEN_AGAIN"),
    statement='SELECT ID, NAME FROM "FACTS"."RAW"."ROWS"',
    comment=step("one", "two"),
    is_secure=step("false", "true"),
    opts=after(rows),
    **home,
)

# pipes

snowflake.Pipe(
    "events",
    name="EVENTS",
    copy_statement='COPY INTO "FACTS"."RAW"."ROWS" (ID) '
    'FROM (SELECT $1 FROM @"FACTS"."RAW"."OUTSIDE")',
    auto_ingest=True,
    error_integration=step(None, "TOPIC"),
    comment=step("one", "two"),
    opts=after(rows, outside, topic),
    **home,
)
snowflake.Pipe(
    "called",
    name="CALLED",
    copy_statement='COPY INTO "FACTS"."RAW"."ROWS" FROM @"FACTS"."RAW"."INSIDE";',
    comment=step("one", None),
    opts=after(rows, inside),
    **home,
)
