"""A file that is put into S3 becomes rows, once, whatever arrives twice, fails or dies."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox import process
from sandbox.aws.clients import Clients
from sandbox.connection import Connection
from sandbox.identity import birth_of

pytestmark = pytest.mark.sandbox

BUCKET = "lake"
ROLE = "arn:aws:iam::123456789012:role/reader"
PATIENCE = 30.0


@dataclass
class Lake:
    """A running sandbox with a bucket, an integration whose role is trusted, and one clean pipe."""

    root: Any
    reached: Connection
    clients: Clients = field(init=False)
    _client: Any = None

    def __post_init__(self) -> None:
        self.clients = Clients(self.reached.aws)

    def ask(self, statement: str) -> list[dict[str, Any]]:
        import snowflake.connector

        if self._client is None:
            facts = self.reached.snowflake
            self._client = snowflake.connector.connect(
                account=facts.account,
                user=facts.admin.user,
                password=facts.admin.password,
                host=facts.host,
                port=facts.port,
                protocol=facts.protocol,
            )
            self._client.cursor().execute("CREATE WAREHOUSE IF NOT EXISTS LAKE_WH")
            self._client.cursor().execute("USE WAREHOUSE LAKE_WH")
        return list(
            self._client.cursor(snowflake.connector.DictCursor).execute(statement).fetchall()
        )

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def put(self, key: str, body: str) -> None:
        self.clients.s3.put_object(Bucket=BUCKET, Key=key, Body=body.encode())

    def rows(self, table: str) -> int:
        return int(self.ask(f"SELECT COUNT(*) AS N FROM DB.RAW.{table}")[0]["N"])

    def wait_for(self, table: str, rows: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.rows(table) < rows and time.monotonic() < deadline:
            time.sleep(0.05)
        assert self.rows(table) == rows

    def status(self, pipe: str) -> dict[str, Any]:
        answer = self.ask(f"SELECT SYSTEM$PIPE_STATUS('DB.RAW.{pipe}') AS S")
        status: dict[str, Any] = json.loads(answer[0]["S"])
        return status

    def wait_for_state(self, pipe: str, **wanted: Any) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            status = self.status(pipe)
            if all(status.get(name) == value for name, value in wanted.items()):
                return
            time.sleep(0.05)
        assert self.status(pipe) == wanted

    def make_pipe(self, name: str, options: str = "") -> None:
        """Table, stage `s3://lake/<name>/` and pipe of that name."""
        self.ask(f"CREATE TABLE DB.RAW.{name} (ID TEXT, N NUMBER)")
        self.ask(
            f"CREATE STAGE DB.RAW.{name}_STAGE URL = 's3://{BUCKET}/{name.lower()}/' "
            "STORAGE_INTEGRATION = LAKE"
        )
        self.ask(
            f"CREATE PIPE DB.RAW.{name} AUTO_INGEST = TRUE AS COPY INTO DB.RAW.{name} "
            f"FROM @DB.RAW.{name}_STAGE FILE_FORMAT = (TYPE = CSV SKIP_HEADER = 1) {options}"
        )

    def history(self, table: str) -> dict[str, dict[str, Any]]:
        rows = self.ask(
            "SELECT * FROM TABLE(DB.INFORMATION_SCHEMA.COPY_HISTORY("
            f"TABLE_NAME => 'DB.RAW.{table}', "
            "START_TIME => DATEADD(hour, -1, CURRENT_TIMESTAMP())))"
        )
        return {str(row["FILE_NAME"]): row for row in rows}

    def queue_url(self) -> str:
        channel = self.ask("SHOW PIPES IN SCHEMA DB.RAW")[0]["notification_channel"]
        name = str(channel).rpartition(":")[2]
        return self.clients.sqs.get_queue_url(QueueName=name)["QueueUrl"]


def trust(facts: dict[str, str]) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"AWS": facts["STORAGE_AWS_IAM_USER_ARN"]},
                    "Condition": {
                        "StringEquals": {"sts:ExternalId": facts["STORAGE_AWS_EXTERNAL_ID"]}
                    },
                }
            ],
        }
    )


def reading(*actions: str) -> str:
    resources = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resources}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


READ = reading("s3:GetObject", "s3:ListBucket")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    root = tmp_path_factory.mktemp("lake")
    lake = Lake(root, process.start(root, port=0, aws_port=0))
    try:
        lake.ask("CREATE DATABASE DB")
        lake.ask("CREATE SCHEMA DB.RAW")
        lake.ask(
            "CREATE STORAGE INTEGRATION LAKE TYPE = EXTERNAL_STAGE ENABLED = TRUE "
            f"STORAGE_PROVIDER = 'S3' STORAGE_AWS_ROLE_ARN = '{ROLE}' "
            f"STORAGE_ALLOWED_LOCATIONS = ('s3://{BUCKET}/')"
        )
        facts = {
            row["property"]: row["property_value"] for row in lake.ask("DESC INTEGRATION LAKE")
        }
        lake.clients.iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust(facts))
        lake.clients.iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=READ)
        lake.clients.s3.create_bucket(Bucket=BUCKET)
        lake.make_pipe("FIRST")
        channel = lake.ask("SHOW PIPES IN SCHEMA DB.RAW")[0]["notification_channel"]
        lake.clients.s3.put_bucket_notification_configuration(
            Bucket=BUCKET,
            NotificationConfiguration={
                "QueueConfigurations": [{"QueueArn": channel, "Events": ["s3:ObjectCreated:*"]}]
            },
        )
        yield lake
        lake.close()
    finally:
        process.stop(root)


def test_a_file_becomes_rows(lake: Lake) -> None:
    lake.put("first/a.csv", "id,n\na,1\nb,2\n")
    lake.wait_for("FIRST", 2)
    assert lake.history("FIRST")["first/a.csv"]["STATUS"] == "Loaded"
    status = lake.status("FIRST")
    assert (status["executionState"], status["pendingFileCount"]) == ("RUNNING", 0)
    assert status["lastIngestedFilePath"] == "first/a.csv"


def test_a_file_whose_event_arrives_twice_is_loaded_once(lake: Lake) -> None:
    lake.make_pipe("TWICE")
    lake.put("twice/a.csv", "id,n\na,1\n")
    lake.wait_for("TWICE", 1)
    record = {
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": BUCKET}, "object": {"key": "twice/a.csv", "size": 9}},
    }
    lake.clients.sqs.send_message(
        QueueUrl=lake.queue_url(), MessageBody=json.dumps({"Records": [record, record]})
    )
    # a later file shows that the repeated event was worked on
    lake.put("twice/b.csv", "id,n\nb,1\n")
    lake.wait_for("TWICE", 2)


def test_a_bad_file_is_reported_with_line_and_reason_and_the_rest_loads(lake: Lake) -> None:
    lake.make_pipe("BAD")
    lake.put("bad/1.csv", "id,n\na,1\nb,nothing\n")
    lake.put("bad/2.csv", "id,n\nc,3\n")
    lake.wait_for("BAD", 1)
    lake.wait_for_state("BAD", pendingFileCount=0, executionState="RUNNING")
    failed = lake.history("BAD")["bad/1.csv"]
    assert failed["STATUS"] == "Load failed"
    assert "Numeric value 'nothing' is not recognized" in failed["FIRST_ERROR_MESSAGE"]
    assert failed["FIRST_ERROR_LINE_NUMBER"] == 3
    lake.put("bad/1.csv", "id,n\na,1\nb,2\n")
    lake.wait_for("BAD", 3)


def test_a_pipe_takes_what_its_pattern_and_place_say(lake: Lake) -> None:
    lake.make_pipe("CHOOSY", "PATTERN = '.*[.]csv'")
    lake.put("choosy/readme.txt", "id,n\nno,1\n")
    lake.put("choosy_not/a.csv", "id,n\nno,1\n")
    lake.put("choosy/a.csv", "id,n\nyes,1\n")
    lake.wait_for("CHOOSY", 1)
    assert lake.ask("SELECT ID FROM DB.RAW.CHOOSY") == [{"ID": "yes"}]


def test_a_paused_pipe_keeps_its_files(lake: Lake) -> None:
    lake.make_pipe("PAUSED")
    lake.ask("ALTER PIPE DB.RAW.PAUSED SET PIPE_EXECUTION_PAUSED = TRUE")
    lake.put("paused/a.csv", "id,n\na,1\n")
    lake.wait_for_state("PAUSED", pendingFileCount=1, executionState="PAUSED")
    assert lake.rows("PAUSED") == 0
    lake.ask("ALTER PIPE DB.RAW.PAUSED SET PIPE_EXECUTION_PAUSED = FALSE")
    lake.wait_for("PAUSED", 1)


def test_refresh_loads_what_was_there_before_the_pipe(lake: Lake) -> None:
    lake.put("late/a.csv", "id,n\na,1\n")
    lake.put("late/sub/b.csv", "id,n\nb,1\n")
    lake.make_pipe("LATE")
    sent = lake.ask("ALTER PIPE DB.RAW.LATE REFRESH PREFIX = 'sub/'")
    assert [(row["File"], row["Status"]) for row in sent] == [("sub/b.csv", "SENT")]
    lake.wait_for("LATE", 1)
    assert len(lake.ask("ALTER PIPE DB.RAW.LATE REFRESH")) == 1
    lake.wait_for("LATE", 2)
    assert lake.ask("ALTER PIPE DB.RAW.LATE REFRESH") == []


def test_a_pipe_without_auto_ingest_loads_by_refresh_only(lake: Lake) -> None:
    lake.make_pipe("MANUAL")
    lake.ask(
        "CREATE OR REPLACE PIPE DB.RAW.MANUAL AS COPY INTO DB.RAW.MANUAL "
        "FROM @DB.RAW.MANUAL_STAGE FILE_FORMAT = (TYPE = CSV SKIP_HEADER = 1)"
    )
    lake.put("manual/a.csv", "id,n\na,1\n")
    # a later file of another pipe shows that the event was worked on
    lake.put("first/after_manual.csv", "id,n\nz,1\n")
    lake.wait_for("FIRST", 3)
    assert lake.rows("MANUAL") == 0
    lake.ask("ALTER PIPE DB.RAW.MANUAL REFRESH")
    lake.wait_for("MANUAL", 1)


def test_a_role_that_does_not_trust_stalls_the_pipe_until_it_does(lake: Lake) -> None:
    lake.make_pipe("TRUSTED")
    iam = lake.clients.iam
    clean = iam.get_role(RoleName="reader")["Role"]["AssumeRolePolicyDocument"]
    facts = {"STORAGE_AWS_IAM_USER_ARN": "*", "STORAGE_AWS_EXTERNAL_ID": "another one"}
    iam.update_assume_role_policy(RoleName="reader", PolicyDocument=trust(facts))
    try:
        lake.put("trusted/a.csv", "id,n\na,1\n")
        lake.wait_for_state("TRUSTED", executionState="STALLED_STAGE_PERMISSION_ERROR")
        with pytest.raises(Exception, match="Error assuming AWS_ROLE"):
            lake.ask("LIST @DB.RAW.TRUSTED_STAGE")
    finally:
        iam.update_assume_role_policy(RoleName="reader", PolicyDocument=json.dumps(clean))
    lake.wait_for("TRUSTED", 1)
    assert len(lake.ask("LIST @DB.RAW.TRUSTED_STAGE")) == 1


def test_a_role_that_may_not_read_stalls_the_pipe_until_it_may(lake: Lake) -> None:
    lake.make_pipe("READABLE")
    iam = lake.clients.iam
    only_list = reading("s3:ListBucket")
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=only_list)
    try:
        lake.put("readable/a.csv", "id,n\na,1\n")
        lake.wait_for_state("READABLE", executionState="STALLED_STAGE_PERMISSION_ERROR")
        with pytest.raises(Exception, match="Access Denied"):
            lake.ask("SELECT $1 FROM @DB.RAW.READABLE_STAGE")
    finally:
        iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=READ)
    lake.wait_for("READABLE", 1)


def test_a_bucket_that_is_not_there_is_told(lake: Lake) -> None:
    lake.ask("CREATE STAGE DB.RAW.NOWHERE URL = 's3://nowhere/'")
    with pytest.raises(Exception, match="NoSuchBucket"):
        lake.ask("LIST @DB.RAW.NOWHERE")


def test_a_file_that_is_gone_before_its_load_is_reported(lake: Lake) -> None:
    lake.make_pipe("GONE")
    lake.ask("ALTER PIPE DB.RAW.GONE SET PIPE_EXECUTION_PAUSED = TRUE")
    lake.put("gone/a.csv", "id,n\na,1\n")
    lake.wait_for_state("GONE", pendingFileCount=1)
    lake.clients.s3.delete_object(Bucket=BUCKET, Key="gone/a.csv")
    lake.put("gone/b.csv", "id,n\nb,1\n")
    lake.ask("ALTER PIPE DB.RAW.GONE SET PIPE_EXECUTION_PAUSED = FALSE")
    lake.wait_for("GONE", 1)
    lake.wait_for_state("GONE", pendingFileCount=0, executionState="RUNNING")


def test_files_are_loaded_once_though_the_process_is_killed(lake: Lake) -> None:
    lake.make_pipe("KILLED")
    for number in range(60):
        lake.put(f"killed/{number}.csv", f"id,n\n{number},1\n")
    os.kill(lake.reached.pid, signal.SIGKILL)
    while birth_of(lake.reached.pid) is not None:
        time.sleep(0.01)
    lake.close()
    lake.reached = process.start(lake.root)
    lake.wait_for("KILLED", 60)
    lake.wait_for_state("KILLED", pendingFileCount=0)
    names = lake.ask("SELECT COUNT(DISTINCT ID) AS N FROM DB.RAW.KILLED")
    assert names == [{"N": 60}]
    assert lake.rows("KILLED") == 60
