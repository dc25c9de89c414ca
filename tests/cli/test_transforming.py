"""What dbt is told: the stack's outputs first, then what the person's shell says."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cli import keypairs, transforming
from cli.errors import NotUsableError
from cli.workbench import Workbench

SERVICE = {"TRANSFORMER_SVC": None}
FACTS = {
    "account": "LEAP-SANDBOX",
    "host": "127.0.0.1",
    "port": 48080,
    "protocol": "http",
    "user": "TESS_TRANSFORMER",
    "role": "TRANSFORMER",
    "warehouse": "TRANSFORMING_WH",
    "database": "LEAP_ANALYTICS",
}


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox with known passwords, and a shell that says nothing of dbt."""
    snowflake = SimpleNamespace(
        people_password="people", admin=SimpleNamespace(user="LEAP_ADMIN", password="admin")
    )
    monkeypatch.setattr(
        transforming, "running_sandbox", lambda: SimpleNamespace(snowflake=snowflake)
    )
    for name in ("USER", "PASSWORD", "TARGET", "ACCOUNT", "PRIVATE_KEY_PATH", "SCHEMA"):
        monkeypatch.delenv(f"LEAP_DBT_{name}", raising=False)


def bench(*, on_sandbox: bool = True) -> Workbench:
    """A workbench of which only the target is looked at."""
    settings = SimpleNamespace(environment=SimpleNamespace(prefix="", service_users=SERVICE))
    return cast(Workbench, SimpleNamespace(stack="local", on_sandbox=on_sandbox, settings=settings))


def variables(facts: dict[str, Any], *, on_sandbox: bool = True) -> dict[str, str]:
    """What dbt gets for these outputs."""
    return transforming.variables(bench(on_sandbox=on_sandbox), {"dbt": facts})


def test_dbt_logs_in_as_the_stacks_own_person_and_sends_no_statistics() -> None:
    told = variables(FACTS)
    assert told["LEAP_DBT_USER"] == "TESS_TRANSFORMER"
    assert told["LEAP_DBT_PASSWORD"] == "people"
    assert told["LEAP_DBT_PORT"] == "48080"
    assert told["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"


def test_a_service_user_logs_in_with_the_key_that_this_machine_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "TRANSFORMER_SVC.p8").write_text("a key")
    monkeypatch.setattr(keypairs, "private_folder", lambda _: tmp_path)
    monkeypatch.setenv("LEAP_DBT_PASSWORD", "of another stack")
    told = variables({**FACTS, "user": "TRANSFORMER_SVC"})
    assert told["LEAP_DBT_PRIVATE_KEY_PATH"] == str(tmp_path / "TRANSFORMER_SVC.p8")
    assert "LEAP_DBT_PASSWORD" not in told


def test_a_sandbox_stack_without_people_is_built_by_the_administrator() -> None:
    told = variables({**FACTS, "user": ""})
    assert (told["LEAP_DBT_USER"], told["LEAP_DBT_PASSWORD"]) == ("LEAP_ADMIN", "admin")


def test_the_stack_wins_over_a_shell_that_holds_another_stacks_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LEAP_DBT_ACCOUNT", "OTHER")
    monkeypatch.setenv("LEAP_DBT_SCHEMA", "DEV_ME")
    told = variables(FACTS)
    assert told["LEAP_DBT_ACCOUNT"] == "LEAP-SANDBOX"
    assert told["LEAP_DBT_SCHEMA"] == "DEV_ME"


def test_a_real_accounts_user_and_key_come_from_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAP_DBT_USER", "SVC_DBT")
    monkeypatch.setenv("LEAP_DBT_PRIVATE_KEY_PATH", "/keys/dbt.p8")
    told = variables({**FACTS, "user": ""}, on_sandbox=False)
    assert told["LEAP_DBT_USER"] == "SVC_DBT"
    assert told["LEAP_DBT_PRIVATE_KEY_PATH"] == "/keys/dbt.p8"
    assert "LEAP_DBT_PASSWORD" not in told


def test_a_stack_that_is_not_deployed_is_said_with_the_way_on() -> None:
    with pytest.raises(NotUsableError, match="leap up --stack local"):
        transforming.variables(bench(), {})


def test_what_dbt_generates_does_not_make_a_build_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transforming, "DBT", tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mart.sql").touch()
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "manifest.json").touch()
    (tmp_path / ".user.yml").touch()
    assert [path.name for path in transforming._project_files()] == ["mart.sql"]
