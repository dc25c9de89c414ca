"""Which GitHub a stack is held against, as whom, and what is said where nobody answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from cli import drift_words, hub
from cli.drifting import Drift
from cli.errors import NotUsableError
from cli.paths import ROOT
from infra import settings as reading
from infra.model.target import Target
from infra.settings import Settings
from ops.drift.accepted import split
from ops.drift.finding import Origin
from ops.github.compare import compare
from tests.ops.github.conftest import MAIN, Lake
from tests.sandbox.github.conftest import Serving

pytestmark = pytest.mark.sandbox


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """A repository that is what its state says."""
    with Serving(tmp_path) as github:
        yield Lake(github)


@pytest.fixture
def local(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The stack of a sandbox whose GitHub that is."""
    found = SimpleNamespace(token="owner", base_url=lake.github.url, owner="acme")
    monkeypatch.setattr(hub, "running_sandbox", lambda: SimpleNamespace(github=found))
    return reading.load(ROOT, "local")


def test_a_state_without_a_repository_asks_nobody(local: Settings) -> None:
    code, found = hub.of_state(local, {"resources": []})
    assert (code.repositories, found.standing.requests, found.unread) == ((), 0, [])


def test_a_fresh_deployment_is_quiet_and_a_weakened_rule_is_not(
    lake: Lake, local: Settings
) -> None:
    assert hub.differences(local, lake.state()) == []
    lake.github.ask("DELETE", MAIN)
    (found,) = hub.differences(local, lake.state())
    assert found.what == "branch protection main of repository lake"


def test_a_github_that_does_not_answer_is_named_and_nothing_is_missing(
    lake: Lake, local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = SimpleNamespace(token="owner", base_url="http://127.0.0.1:1", owner="acme")
    monkeypatch.setattr(hub, "running_sandbox", lambda: SimpleNamespace(github=away))
    monkeypatch.setattr("ops.github.transport.ATTEMPTS", 1)
    code, found = hub.of_state(local, lake.state())
    assert compare(code, found.standing) == []
    assert [one.what for one in found.unread] == ["GitHub: acme/lake"]
    assert "does not answer" in found.unread[0].why


def test_the_audit_asks_of_the_branches_that_the_facts_name(local: Settings) -> None:
    found = hub.of_facts(local)
    assert found is not None
    assert [one.what for one in found.unread] == []
    assert found.standing.gone == {"leap"}


def _real() -> Settings:
    prod = reading.load(ROOT, "prod")
    config = prod.config.model_copy(update={"target": Target.SNOWFLAKE})
    return prod._replace(config=config)


def test_a_real_stack_takes_the_token_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "of-the-shell")
    api = hub.api_of(_real())
    assert (api.token, api.base_url) == ("of-the-shell", None)


def test_a_real_stack_without_a_token_says_how_to_give_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in hub.TOKENS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(hub, "_configured", lambda _: "")
    with pytest.raises(NotUsableError, match="set GITHUB_TOKEN"):
        hub.api_of(_real())


def test_drift_says_who_could_pass_where_a_guard_differs(lake: Lake, local: Settings) -> None:
    lake.github.ask("DELETE", f"{MAIN}/enforce_admins")
    code, found = hub.of_state(local, lake.state())
    findings = compare(code, found.standing)
    drift = Drift(
        local,
        split(findings, (), date(2026, 3, 1)),
        dict.fromkeys(findings, Origin("", "", None, "", "GitHub")),
        dict.fromkeys(findings, ()),
        found.unread,
        1,
        ("local",),
        found,
    )
    lines = list(drift_words.lines(drift))
    assert "as it stands, main of lake: administrators of the repository" in "\n".join(lines)
    assert lines[-2] == (
        "as it stands, who may write to lake: team owners (maintain), owners of the organization"
    )
    (branch,) = drift_words.as_json(drift)["github"]["branches"]
    assert branch["push"] == ["administrators of the repository", "owners of the organization"]
