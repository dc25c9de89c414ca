"""What users of dbt-snowflake meet first, by the real dbt as TRANSFORMER with only its own grants.

Seeds, snapshots, incremental strategies, kept failures, documentation, grants, contracts, unit
tests; the project is in `dbt_shop/`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
import snowflake.connector

from sandbox import process

pytestmark = pytest.mark.sandbox
PROJECT: Final = Path(__file__).with_name("dbt_shop")
PASSWORD: Final = "Only-for-this-test-1"
SET_UP: Final = (
    "CREATE WAREHOUSE DBT_WH",
    "CREATE ROLE TRANSFORMER",
    "CREATE ROLE REPORTER",
    "CREATE DATABASE SHOP",
    "CREATE SCHEMA SHOP.MARTS",
    "GRANT USAGE ON WAREHOUSE DBT_WH TO ROLE TRANSFORMER",
    "GRANT USAGE, CREATE SCHEMA ON DATABASE SHOP TO ROLE TRANSFORMER",
    "GRANT OWNERSHIP ON SCHEMA SHOP.MARTS TO ROLE TRANSFORMER",
    "GRANT ROLE TRANSFORMER TO ROLE SYSADMIN",
    f"CREATE USER DBT PASSWORD = '{PASSWORD}' DEFAULT_ROLE = TRANSFORMER",
    "GRANT ROLE TRANSFORMER TO USER DBT",
    "USE WAREHOUSE DBT_WH",
)
LATER: Final = """id,customer,amount,ordered_at
1,anna,10.5,2026-01-01 10:00:00
2,ben,21.25,2026-01-02 11:00:00
4,dora,5,2026-01-04 12:00:00
"""


class Shop:
    """The project in a folder of its own, and a session of the administrator."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder = folder
        facts = process.start(root, port=0, aws_port=0).snowflake
        self._environment = {
            "SHOP_ACCOUNT": facts.account,
            "SHOP_HOST": facts.host,
            "SHOP_PORT": str(facts.port),
            "SHOP_USER": "DBT",
            "SHOP_PASSWORD": PASSWORD,
        }
        self.session: Any = snowflake.connector.connect(
            account=facts.account,
            user=facts.admin.user,
            password=facts.admin.password,
            host=facts.host,
            port=facts.port,
            protocol=facts.protocol,
        )

    def ask(self, *statements: str) -> list[Any]:
        rows: list[Any] = []
        for text in statements:
            rows = self.session.cursor().execute(text).fetchall()
        return rows

    def dbt(self, *arguments: str) -> dict[str, str]:
        """Run dbt; the status of each node by its name."""
        run = subprocess.run(
            [
                *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", *arguments),
                *("--project-dir", str(self.folder), "--profiles-dir", str(self.folder)),
            ],
            env={**os.environ, **self._environment},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout[-3000:]
        told = json.loads((self.folder / "target" / "run_results.json").read_text("utf-8"))
        return {item["unique_id"].split(".")[2]: item["status"] for item in told["results"]}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    root = tmp_path_factory.mktemp("sandbox")
    folder = tmp_path_factory.mktemp("project") / "shop"
    shutil.copytree(PROJECT, folder)
    try:
        opened = Shop(folder, root)
        opened.ask(*SET_UP)
        yield opened
        opened.session.close()
    finally:
        process.stop(root)


def test_a_project_is_built_twice_and_documented(shop: Shop) -> None:
    first = shop.dbt("build")
    assert {name for name, status in first.items() if status in ("warn", "fail", "error")} == {
        "accepted_values_contract_customer__anna__ben",
        "not_null_raw_orders_amount",
    }
    assert len(shop.ask("SELECT * FROM SHOP.MARTS_AUDIT.NOT_NULL_RAW_ORDERS_AMOUNT")) == 1
    (shop.folder / "seeds" / "raw_orders.csv").write_text(LATER)
    again = shop.dbt("build", "--vars", "{more: true}")
    assert "error" not in again.values()
    _incremental_models_have_what_their_strategy_says(shop)
    _snapshots_tell_what_changed_and_what_went(shop)
    _grants_and_comments_are_on_the_objects(shop)
    shop.dbt("docs", "generate")
    catalog = json.loads((shop.folder / "target" / "catalog.json").read_text("utf-8"))
    merged = catalog["nodes"]["model.shop.inc_merge"]
    assert (catalog["errors"], merged["metadata"]["owner"]) == (None, "TRANSFORMER")
    assert merged["stats"]["row_count"]["value"] == 4
    assert set(shop.dbt("build", "--full-refresh").values()) <= {"success", "pass", "warn"}


def _incremental_models_have_what_their_strategy_says(shop: Shop) -> None:
    read = "SELECT ID, AMOUNT, EXTRA FROM SHOP.MARTS.{} ORDER BY ID, 2"
    one, two, three = (1, Decimal("10.50"), None), (2, Decimal("20.25"), None), (3, None, None)
    four = (4, Decimal("5.00"), 1)
    for name in ("INC_MERGE", "INC_DELETEINSERT", "INC_APPEND"):
        assert shop.ask(read.format(name)) == [one, two, three, four], name
    assert shop.ask("SELECT COUNT(*) FROM SHOP.MARTS.INC_MICRO") == [(3,)]


def _snapshots_tell_what_changed_and_what_went(shop: Shop) -> None:
    gone = "DBT_VALID_TO IS NOT NULL"
    assert shop.ask(f"SELECT ID, {gone} FROM SHOP.MARTS.ORDERS_TS ORDER BY 1") == [
        (1, False),
        (2, False),
        (3, True),
        (4, False),
    ]
    checked = f"SELECT ID, AMOUNT, {gone}, DBT_IS_DELETED FROM SHOP.MARTS.ORDERS_CHECK"
    assert shop.ask(f"{checked} ORDER BY 1, 3 DESC") == [
        (1, Decimal("10.50"), False, "False"),
        (2, Decimal("20.25"), True, "False"),
        (2, Decimal("21.25"), False, "False"),
        (3, None, True, "False"),
        (3, None, False, "True"),
        (4, Decimal("5.00"), False, "False"),
    ]


def _grants_and_comments_are_on_the_objects(shop: Shop) -> None:
    for name in ("INC_MERGE", "CONTRACT", "STG", "SECURE_V"):
        rows = shop.ask(f"SHOW GRANTS ON SHOP.MARTS.{name}")
        assert ("SELECT", "REPORTER") in [(row[1], row[5]) for row in rows], name
    comments = "SELECT TABLE_NAME, COMMENT FROM SHOP.INFORMATION_SCHEMA.TABLES"
    told = dict(shop.ask(f"{comments} WHERE TABLE_SCHEMA = 'MARTS'"))
    assert told["STG"] == "The staging's view"
    assert told["CONTRACT"] == 'a "contract"'
    assert told["RAW_ORDERS"] == "Orders, it's raw"
    (row,) = shop.ask("SHOW VIEWS LIKE 'SECURE_V' IN SCHEMA SHOP.MARTS")
    assert "true" in row
