"""The project's compiled SQL, and an account in memory to run it on.

`dbt compile` needs no account. The models then run on fakesnow, which is neither our sandbox nor
the account, so that a mistake in the SQL and one in the sandbox cannot hide each other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from fakesnow.instance import FakeSnow

from ingestion.feed import load_feeds

PROJECT: Final = Path(__file__).resolve().parents[2] / "dbt"
DATABASE: Final = "LEAP_ANALYTICS"

Manifest = dict[str, Any]
Rows = Sequence[Sequence[object]]


class Account(NamedTuple):
    """A cursor, and the names of the models in the order of their building."""

    cursor: Any
    models: tuple[str, ...]

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows that a statement answers."""
        return run_sql(self.cursor, sql)


def run_sql(cursor: Any, sql: str) -> list[tuple[Any, ...]]:
    """The rows that a statement answers, without fakesnow's own warning about a copy it makes."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Arrow output on a DB-API result")
        rows: list[tuple[Any, ...]] = cursor.execute(sql).fetchall()
    return rows


def run_dbt(folder: Path, command: str, **variables: str) -> Manifest:
    """What dbt makes of the project, without any account."""
    arguments = {
        "compile": ["compile", "--no-introspect", "--no-populate-cache"],
        "parse": ["parse"],
    }[command]
    environment = {
        "LEAP_DBT_ACCOUNT": "LEAP-TEST",
        "LEAP_DBT_USER": "NOBODY",
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        **variables,
    }
    subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--warn-error"),
            *(*arguments, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        ],
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    content: Manifest = json.loads((folder / "target" / "manifest.json").read_text("utf-8"))
    return content


@pytest.fixture(scope="session")
def manifest() -> Callable[..., Manifest]:
    """Runs `dbt parse` or `dbt compile` with variables of one's own."""
    return run_dbt


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """The manifest with the compiled SQL of target `prod`."""
    return run_dbt(tmp_path_factory.mktemp("dbt"), "compile")


@pytest.fixture(scope="session")
def build(compiled: Manifest) -> Callable[[dict[str, Rows]], Account]:
    """Runs every model over raw rows: feed name to rows, in the order of the feed's columns."""

    def run(raw: dict[str, Rows]) -> Account:
        connection = FakeSnow().connect(DATABASE, "RAW")
        cursor = connection.cursor()
        for schema in ("RAW", "STAGING", "INTERMEDIATE", "MARTS"):
            run_sql(cursor, f"create schema if not exists {schema}")
        for feed in load_feeds():
            _load(cursor, feed.name, raw.get(feed.name, ()))
        models = _in_order(compiled)
        for model in models:
            kind = "view" if model["config"]["materialized"] == "view" else "table"
            name, code = model["relation_name"], model["compiled_code"]
            run_sql(cursor, f"create {kind} {name} as {code}")
        return Account(cursor, tuple(model["name"] for model in models))

    return run


def _load(cursor: Any, name: str, rows: Rows) -> None:
    (feed,) = (feed for feed in load_feeds() if feed.name == name)
    columns = ", ".join(f"{column.name} {column.type}" for column in feed.table_columns)
    run_sql(cursor, f"create table RAW.{feed.table} ({columns})")
    if rows:
        positions = ", ".join(
            f"parse_json(column{number})" if column.type == "VARIANT" else f"column{number}"
            for number, column in enumerate(feed.columns, start=1)
        )
        values = ", ".join(_values(row) for row in rows)
        run_sql(
            cursor,
            f"insert into RAW.{feed.table} select {positions}, 'f.csv',"
            " row_number() over (order by 1), current_timestamp()::timestamp_ntz"
            f" from values {values}",
        )


def _values(row: Sequence[object]) -> str:
    return "(" + ", ".join(_value(item) for item in row) + ")"


def _value(item: object) -> str:
    return "null" if item in (None, "") else "'" + str(item).replace("'", "''") + "'"


def _in_order(compiled: Manifest) -> list[dict[str, Any]]:
    """The models, each after those that it reads."""
    left = {key: n for key, n in compiled["nodes"].items() if n["resource_type"] == "model"}
    done: dict[str, dict[str, Any]] = {}
    while left:
        ready = [
            key
            for key, node in left.items()
            if not any(parent in left for parent in node["depends_on"]["nodes"])
        ]
        for key in ready:
            done[key] = left.pop(key)
    return list(done.values())
