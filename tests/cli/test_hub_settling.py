"""What a killed run made on GitHub goes, and what others made or work in stays."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from cli import hub
from cli.deployment import hub_settling
from infra.model.repository import Repository
from ops.github.transport import RefusedError

BEGAN = datetime(2026, 5, 4, 12, tzinfo=UTC)
BEFORE, AFTER = "2026-05-04T11:59:59Z", "2026-05-04T12:00:01Z"
FACTS = Repository.model_validate(
    {"description": "", "teams": {"builders": {"permission": "push", "description": "Build"}}}
)
REPOSITORY, TEAM, PULLS = (
    "/repos/acme/leap",
    "/orgs/acme/teams/builders",
    "/repos/acme/leap/pulls?state=all",
)


class Api:
    """A GitHub that answers these paths and keeps what it was asked to delete."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.deleted: list[str] = []

    def get(self, path: str) -> Any:
        """What stands there."""
        if path not in self.answers:
            raise RefusedError(404, "Not Found")
        return self.answers[path]

    def send(self, method: str, path: str, _body: Any) -> None:
        """Only removals come."""
        assert method == "DELETE"
        self.deleted.append(path)


def deleted(
    monkeypatch: pytest.MonkeyPatch,
    created: str,
    pulls: tuple[str, ...] = (),
    state: tuple[dict[str, Any], ...] = (),
    began: datetime | None = BEGAN,
) -> list[str]:
    """What goes of a repository and a team of that age."""
    api = Api(
        {REPOSITORY: {"created_at": created}, TEAM: {"created_at": created}, PULLS: list(pulls)}
    )
    monkeypatch.setattr(hub, "api_of", lambda _settings: api)
    monkeypatch.setattr(hub, "owner_of", lambda _settings: "acme")
    environment = SimpleNamespace(repositories={"leap": FACTS})
    bench: Any = SimpleNamespace(settings=SimpleNamespace(environment=environment))
    hub_settling.take_away(bench, {"resources": list(state)}, {}, began)
    return api.deleted


def test_what_came_after_the_killed_run_began_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert deleted(monkeypatch, AFTER) == [REPOSITORY, TEAM]


def test_what_was_there_before_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert deleted(monkeypatch, BEFORE) == []


def test_nothing_goes_where_nobody_knows_when_the_run_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert deleted(monkeypatch, AFTER, began=None) == []


def test_a_repository_that_somebody_works_in_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert deleted(monkeypatch, AFTER, pulls=("one",)) == [TEAM]


def test_a_team_that_the_state_knows_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        "urn": "urn:pulumi:local::leap::github:index/team:Team::builders",
        "type": hub_settling.TEAM,
        "inputs": {"name": "builders"},
        "outputs": {},
    }
    assert deleted(monkeypatch, AFTER, state=(known,)) == [REPOSITORY]
