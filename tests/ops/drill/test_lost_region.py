"""The second region's landing zone takes over; S3 is the test's own, and loads by a statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ops.drill import run, second, second_landing
from ops.drill.lost_region import DRILL
from ops.drill.step import Drill
from tests.ops.drill.conftest import Killed, Lab, Life
from tests.ops.drill.test_failover import DR, pair

__all__ = ["pair"]
pytestmark = pytest.mark.sandbox
ZONES = ("s3://first-zone/", "FIRST", "s3://second-zone/", "SECOND")
BEFORE = {
    "QueueConfigurations": [
        {"Id": "arrived", "QueueArn": "arn:own", "Events": ["s3:ObjectCreated:*"]},
        {"Id": "removed", "QueueArn": "arn:own", "Events": ["s3:ObjectRemoved:*"]},
    ]
}
INTEGRATION = (
    "CREATE STORAGE INTEGRATION IF NOT EXISTS {name} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' "
    "ENABLED = TRUE STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/r' "
    "STORAGE_ALLOWED_LOCATIONS = ('*')"
)
LANDING = (
    INTEGRATION.format(name="FIRST"),
    INTEGRATION.format(name="SECOND"),
    "CREATE SCHEMA D.RAW",
    'CREATE TABLE D.RAW.GYM_EVENTS (EVENT VARIANT, "_FILE_NAME" VARCHAR)',
    "CREATE STAGE D.RAW.S URL = 's3://first-zone/gym_events/' STORAGE_INTEGRATION = FIRST",
    "CREATE PIPE D.RAW.P AUTO_INGEST = TRUE COMMENT = 'it''s ours' AS "
    'COPY INTO "D"."RAW"."GYM_EVENTS" (EVENT) FROM (SELECT $1 FROM @"D"."RAW"."S") '
    "FILE_FORMAT = (TYPE = JSON)",
    "GRANT MONITOR ON PIPE D.RAW.P TO ROLE TRANSFORMER",
    "ALTER FAILOVER GROUP G SET OBJECT_TYPES = DATABASES, ROLES, WAREHOUSES, INTEGRATIONS "
    "ALLOWED_INTEGRATION_TYPES = STORAGE INTEGRATIONS",
)


@dataclass
class S3:
    """Buckets by what was asked of them; a file is loaded where its events lead to a pipe."""

    lab: Lab
    configuration: Mapping[str, Any] = field(default_factory=lambda: BEFORE)

    def events(self, bucket: str) -> dict[str, Any]:
        """What was set."""
        assert bucket == "second-zone"
        return dict(self.configuration)

    def set_events(self, bucket: str, configuration: Mapping[str, Any]) -> None:
        """Replace it."""
        self.configuration = configuration

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """A row, if a pipe of the second account hears of it and reads there."""
        stage = self.lab.ask("SHOW STAGES IN SCHEMA D.RAW", account=DR)[0]
        heard = [q for q in self.configuration["QueueConfigurations"] if q["Id"] == "P"]
        assert stage["url"] == "s3://second-zone/gym_events/"
        assert stage["storage_integration"] == "SECOND"
        assert heard[0]["Filter"]["Key"]["FilterRules"][0]["Value"] == "gym_events/"
        row = f"""INSERT INTO D.RAW.GYM_EVENTS ("_FILE_NAME") SELECT '{key}'"""
        self.lab.ask(row, "ACCOUNTADMIN", "TRANSFORMING_WH", DR)

    def remove(self, bucket: str, key: str) -> None:
        """Nothing is kept here."""


@pytest.fixture
def readable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second bucket can be read, although there is none."""
    monkeypatch.setattr(second_landing, "look_into", lambda scene, ask: None)


@pytest.fixture
def landing(pair: Lab) -> S3:
    """A feed that lands in the first zone, replicated."""
    for statement in LANDING:
        pair.ask(statement)
    second.patiently(lambda text: pair.ask(text, account=DR), "ALTER FAILOVER GROUP G REFRESH")
    made = S3(pair)
    pair.place = pair.place._replace(landing=ZONES)
    pair.tools = replace(pair.tools, buckets=made)
    return made


def assert_as_before(lab: Lab, landing: S3) -> None:
    """The feed lands in the first zone again, in the first account."""
    stage = lab.ask("SHOW STAGES IN SCHEMA D.RAW")[0]
    assert (stage["url"], stage["storage_integration"]) == ("s3://first-zone/gym_events/", "FIRST")
    pipe = lab.ask("SHOW PIPES IN SCHEMA D.RAW")[0]
    assert pipe["comment"] == "it's ours"
    grants = lab.ask("SHOW GRANTS ON PIPE D.RAW.P")
    assert ("MONITOR", "TRANSFORMER") in {(g["privilege"], g["grantee_name"]) for g in grants}
    assert lab.ask("SELECT * FROM D.RAW.GYM_EVENTS", "ACCOUNTADMIN", "BI_WH") == []
    assert landing.configuration == BEFORE
    assert second.leads(lab.scene(), second.home(lab.scene()), "LEAP-SANDBOX")


@pytest.mark.usefixtures("readable")
def test_files_land_in_the_second_region_and_then_in_the_first_again(
    pair: Lab, landing: S3
) -> None:
    pair.run(DRILL)
    assert pair.kept().outcome == run.PASSED
    assert_as_before(pair, landing)


@pytest.mark.usefixtures("readable")
@pytest.mark.parametrize("seed", range(2))
def test_killed_anywhere_it_is_finished_or_taken_back(
    pair: Lab, landing: S3, kill_somewhere: Callable[[Drill, int], None], seed: int
) -> None:
    kill_somewhere(DRILL, seed)
    assert_as_before(pair, landing)


@pytest.mark.usefixtures("readable")
def test_taken_back_with_the_pipes_half_moved(pair: Lab, landing: S3) -> None:
    with pytest.raises(Killed):
        pair.run(DRILL, Life(dies_in="events"))
    pair.back(DRILL)
    assert_as_before(pair, landing)


def test_a_bucket_that_the_second_account_may_not_read_is_said_at_once(
    pair: Lab, landing: S3
) -> None:
    with pytest.raises(run.StepFailedError, match="LEAP-SANDBOX_DR cannot read s3://second-zone"):
        pair.run(DRILL)
    pair.back(DRILL)
    assert_as_before(pair, landing)


def test_without_a_second_zone_it_says_what_to_declare(pair: Lab) -> None:
    found = DRILL.problems(pair.scene())
    assert "landing: true" in found[0].remedy
    assert found[0].bad_input
