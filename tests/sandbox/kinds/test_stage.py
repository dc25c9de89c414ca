"""Stages: where they may be, what they show, and that secrets are never kept."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.account import Account
from sandbox.snowflake.cloud_access import LocationNotAllowedError
from sandbox.snowflake.errors import CompilationError, DoesNotExistError, InvalidPropertyError

EXTERNAL = "CREATE STAGE DB.RAW.GYMS URL = 's3://lake/in/gyms/' STORAGE_INTEGRATION = LAKE"


def groups(client: Any, name: str) -> dict[tuple[str, str], tuple[str, str]]:
    rows = client(f"DESCRIBE STAGE DB.RAW.{name}")
    return {
        (row["parent_property"], row["property"]): (row["property_value"], row["property_default"])
        for row in rows
    }


def test_an_external_stage_shows_where_it_is(lake: Any) -> None:
    lake(f"{EXTERNAL} COMMENT = 'Gyms'")
    row = lake.one("SHOW STAGES LIKE 'gyms' IN SCHEMA DB.RAW")
    assert row.pop("created_on").tzinfo is not None
    assert row == {
        "name": "GYMS",
        "database_name": "DB",
        "schema_name": "RAW",
        "url": "s3://lake/in/gyms/",
        "has_credentials": "N",
        "has_encryption_key": "N",
        "owner": "ACCOUNTADMIN",
        "comment": "Gyms",
        "region": "us-east-1",
        "type": "EXTERNAL",
        "cloud": "AWS",
        "notification_channel": None,
        "storage_integration": "LAKE",
        "endpoint": None,
        "owner_role_type": "ROLE",
        "directory_enabled": "N",
    }
    described = groups(lake, "GYMS")
    assert described["STAGE_LOCATION", "URL"] == ('["s3://lake/in/gyms/"]', "")
    assert described["STAGE_INTEGRATION", "STORAGE_INTEGRATION"] == ("LAKE", "")
    assert ("STAGE_CREDENTIALS", "AWS_KEY_ID") not in described


def test_an_internal_stage_has_no_location(lake: Any) -> None:
    lake("CREATE STAGE DB.RAW.INTERNAL ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE')")
    row = lake.one("SHOW STAGES IN SCHEMA DB.RAW")
    assert (row["type"], row["url"], row["cloud"], row["region"]) == (
        "INTERNAL NO CSE",
        "",
        None,
        None,
    )


@pytest.mark.parametrize("url", ["s3://lake/out/", "s3://lake/in/secret/x/", "s3://lake2/in/"])
def test_a_stage_outside_of_its_integration_is_refused(lake: Any, url: str) -> None:
    with pytest.raises(LocationNotAllowedError, match="not allowed by integration LAKE"):
        lake(f"CREATE STAGE DB.RAW.S URL = '{url}' STORAGE_INTEGRATION = LAKE")


def test_a_stage_cannot_move_outside_of_its_integration(lake: Any) -> None:
    lake(EXTERNAL)
    with pytest.raises(LocationNotAllowedError):
        lake("ALTER STAGE DB.RAW.GYMS SET URL = 's3://elsewhere/'")
    assert lake.one("SHOW STAGES IN SCHEMA DB.RAW")["url"] == "s3://lake/in/gyms/"


def test_a_refused_replacement_leaves_the_old_stage(lake: Any) -> None:
    lake(EXTERNAL)
    with pytest.raises(LocationNotAllowedError):
        lake(
            "CREATE OR REPLACE STAGE DB.RAW.GYMS URL = 's3://elsewhere/' STORAGE_INTEGRATION = LAKE"
        )
    assert lake.one("SHOW STAGES IN SCHEMA DB.RAW")["url"] == "s3://lake/in/gyms/"


def test_integration_and_format_must_stand(lake: Any) -> None:
    with pytest.raises(DoesNotExistError, match="Integration 'NONE'"):
        lake("CREATE STAGE DB.RAW.S URL = 's3://lake/in/' STORAGE_INTEGRATION = \"NONE\"")
    with pytest.raises(DoesNotExistError, match="File format"):
        lake("CREATE STAGE DB.RAW.S FILE_FORMAT = (FORMAT_NAME = 'MISSING')")


def test_an_unknown_scheme_is_refused(lake: Any) -> None:
    with pytest.raises(CompilationError, match="ftp://"):
        lake("CREATE STAGE DB.RAW.S URL = 'ftp://lake/in/'")


def test_secrets_are_not_kept(lake: Any, account: Account) -> None:
    lake(
        "CREATE STAGE DB.RAW.S URL = 's3://b/' CREDENTIALS = (AWS_KEY_ID = 'AKIA' "
        "AWS_SECRET_KEY = 'hunter2') ENCRYPTION = (TYPE = 'AWS_CSE' MASTER_KEY = 'hunter3')"
    )
    record = account.store.find("STAGE", ("DB", "RAW", "S"))
    assert record is not None
    assert "hunter" not in repr(record)
    assert not any("hunter" in query.text for query in account.history.latest())
    row = lake.one("SHOW STAGES IN SCHEMA DB.RAW")
    assert (row["has_credentials"], row["has_encryption_key"]) == ("Y", "Y")
    assert groups(lake, "S")["STAGE_CREDENTIALS", "AWS_KEY_ID"] == ("AKIA", "")


def test_an_inline_format_is_described_with_its_defaults(lake: Any) -> None:
    lake("CREATE STAGE DB.RAW.S FILE_FORMAT = (TYPE = JSON NULL_IF = ())")
    changed = {
        name: value
        for (group, name), (value, default) in groups(lake, "S").items()
        if group == "STAGE_FILE_FORMAT" and value != default
    }
    assert changed == {"TYPE": "JSON", "NULL_IF": "[]"}


def test_a_named_format_is_described_as_it_was_written(lake: Any) -> None:
    lake(
        "CREATE FILE FORMAT DB.RAW.F TYPE = CSV",
        "CREATE STAGE DB.RAW.BARE FILE_FORMAT = (FORMAT_NAME = DB.RAW.F)",
        'CREATE STAGE DB.RAW.QUOTED FILE_FORMAT = (FORMAT_NAME = "DB"."RAW"."F")',
    )
    assert groups(lake, "BARE")["STAGE_FILE_FORMAT", "FORMAT_NAME"][0] == "DB.RAW.F"
    quoted = groups(lake, "QUOTED")["STAGE_FILE_FORMAT", "FORMAT_NAME"][0]
    assert quoted == r"\"DB\".\"RAW\".\"F\""


def test_options_of_a_group_are_checked(lake: Any) -> None:
    with pytest.raises(InvalidPropertyError, match="SPEED"):
        lake("CREATE STAGE DB.RAW.S COPY_OPTIONS = (SPEED = 1)")
    with pytest.raises(InvalidPropertyError, match="SKIP_HEADER"):
        lake("CREATE STAGE DB.RAW.S FILE_FORMAT = (TYPE = JSON SKIP_HEADER = 1)")


def test_copy_options_and_directory_are_described(lake: Any) -> None:
    lake(
        f"{EXTERNAL} COPY_OPTIONS = (ON_ERROR = 'CONTINUE' SIZE_LIMIT = 10) "
        "DIRECTORY = (ENABLE = TRUE)"
    )
    described = groups(lake, "GYMS")
    assert described["STAGE_COPY_OPTIONS", "ON_ERROR"] == ("CONTINUE", "ABORT_STATEMENT")
    assert described["STAGE_COPY_OPTIONS", "SIZE_LIMIT"] == ("10", "")
    assert described["DIRECTORY", "ENABLE"] == ("true", "false")
    assert lake("ALTER STAGE DB.RAW.GYMS REFRESH SUBPATH = 'new'") == []


def test_a_stage_is_renamed_and_dropped(lake: Any) -> None:
    lake(EXTERNAL, "ALTER STAGE DB.RAW.GYMS RENAME TO DB.RAW.PLACES")
    assert [row["name"] for row in lake("SHOW STAGES IN ACCOUNT")] == ["PLACES"]
    lake("DROP STAGE IF EXISTS DB.RAW.PLACES", "DROP STAGE IF EXISTS DB.RAW.PLACES")
    assert lake("SHOW STAGES IN ACCOUNT") == []


def test_a_temporary_stage_ends_with_its_session(lake: Any, account: Account) -> None:
    login = {"LOGIN_NAME": "LEAP_ADMIN", "PASSWORD": "secret"}
    session = account.log_in(login, {"database": "DB", "schema": "RAW"})
    account.execute(session, "CREATE TEMPORARY STAGE SHORT")
    assert len(lake("SHOW STAGES IN SCHEMA DB.RAW")) == 1
    account.log_out(session.token)
    assert lake("SHOW STAGES IN SCHEMA DB.RAW") == []
