"""The real engine and provider plugin, one of each kind, through a whole life.

The tests share one account and one stack and run in this order. A plan that is not quiet means that
the sandbox answers otherwise than it was told.
"""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.sandbox]

PROGRAM = "program.py"
SHOWN = (
    *("WAREHOUSES", "RESOURCE MONITORS", "DATABASES", "INTEGRATIONS"),
    *("STAGES IN ACCOUNT", "FILE FORMATS IN ACCOUNT", "PIPES IN ACCOUNT"),
    *("TABLES IN ACCOUNT", "VIEWS IN ACCOUNT"),
)

DROPPED = {
    "events": "DROP PIPE FACTS.RAW.EVENTS",
    "keyed": "DROP STAGE FACTS.RAW.KEYED",
    "orc": "DROP FILE FORMAT FACTS.RAW.ORC_FORMAT",
    "google": "DROP INTEGRATION GOOGLE",
    "bare": "DROP WAREHOUSE RENAMED_WH",
    "passing": "DROP DATABASE PASSED",
    "small": "DROP TABLE FACTS.RAW.SMALLER",
}
CHANGED = {
    "whole": "ALTER WAREHOUSE WHOLE_WH SET AUTO_SUSPEND = 999",
    "limit": "ALTER RESOURCE MONITOR DEV_LIMIT SET CREDIT_QUOTA = 5",
    "facts": "ALTER DATABASE FACTS SET DATA_RETENTION_TIME_IN_DAYS = 2",
    "raw": "ALTER SCHEMA FACTS.RAW ENABLE MANAGED ACCESS",
    "lake": "ALTER STORAGE INTEGRATION LAKE SET STORAGE_ALLOWED_LOCATIONS = ('s3://lake/')",
    "topic": "ALTER NOTIFICATION INTEGRATION TOPIC SET ENABLED = FALSE",
    "mail": "ALTER INTEGRATION MAIL UNSET ALLOWED_RECIPIENTS",
    "csv": "ALTER FILE FORMAT FACTS.RAW.CSV_FORMAT SET SKIP_HEADER = 9",
    "inside": "ALTER STAGE FACTS.RAW.INSIDE SET COMMENT = 'by hand'",
    "called": "ALTER PIPE FACTS.RAW.CALLED SET COMMENT = 'by hand'",
    "rows": "ALTER TABLE FACTS.RAW.ROWS ADD COLUMN BY_HAND INT",
    "seen": "ALTER VIEW FACTS.RAW.SEEN_AGAIN SET COMMENT = 'by hand'",
}
"""What somebody does by hand, by the name of the resource in the program."""


def test_one_of_each_kind_is_made_and_the_plan_is_quiet(chain: Any) -> None:
    chain.pulumi("up", "--yes", "--skip-preview", step=1)
    assert chain.plan("--refresh", step=1) == {}
    assert {"DEV_LIMIT", "WHOLE_WH", "FACTS", "LAKE", "OUTSIDE", "ROWS", "SEEN", "EVENTS"} <= (
        chain.standing()
    )


def test_a_change_of_each_kind_is_made_in_place_and_the_plan_is_quiet(chain: Any) -> None:
    planned = chain.plan()
    assert set(planned) == {"update"}
    assert len(planned["update"]) > 25
    chain.pulumi("up", "--yes", "--skip-preview")
    assert chain.plan("--refresh") == {}
    assert {"RENAMED_WH", "PASSED", "SMALLER", "SEEN_AGAIN"} <= chain.standing()


def test_what_was_dropped_or_changed_by_hand_is_found_and_mended(chain: Any) -> None:
    for name, statement in (DROPPED | CHANGED).items():
        assert chain.sql(statement), name
    assert chain.plan("--refresh") == {"create": set(DROPPED), "update": set(CHANGED)}
    chain.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert chain.plan("--refresh") == {}
    assert [row["name"] for row in chain.sql("DESCRIBE TABLE FACTS.RAW.ROWS")][-1] == "NEW"


def test_no_statement_of_the_provider_failed(chain: Any) -> None:
    failed = [query for query in chain.account.history.latest() if query.status == "FAIL"]
    assert [(query.text, query.error) for query in failed] == []


def test_destroy_leaves_nothing(chain: Any) -> None:
    chain.pulumi("destroy", "--yes", "--skip-preview")
    assert chain.standing() == set()
