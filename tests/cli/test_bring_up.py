"""When the engine need not run: only when nothing it depends on has changed and nothing is gone."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cli import hub, memory, second_account
from cli.deployment import bring_up, engine_run, last_good, narrow, repair
from cli.deployment import stack as stacks
from cli.deployment.events import Tally
from cli.deployment.repair import Sound
from cli.paths import ROOT
from cli.second_account import FailedOverError
from cli.workbench import Workbench
from infra import settings
from infra.model.environment import Environment
from ops.drift.finding import Finding, Form, Subject
from ops.github.names import Thing

FACTS = settings.load(ROOT, "local").environment
URN = "urn:pulumi:local::leap::pulumi:pulumi:Stack::leap-local"


class World:
    """A clone, an account and an engine; `runs` holds the options of each run."""

    def __init__(self) -> None:
        self.time = 0
        self.objects = ["warehouses BI_WH", "pipes RAW.GYMS_PIPE"]
        self.runs: list[list[str]] = []

    def deployment(self) -> dict[str, Any]:
        """The state: every run of the engine writes it."""
        stack = {"type": stacks.STACK_TYPE, "urn": URN, "outputs": {"database": "D"}}
        return {"manifest": {"time": self.time}, "resources": [stack] if self.time else []}

    def run(self, command: str, stack: str, variables: object, **more: Any) -> engine_run.Run:
        """The engine: it makes what is missing."""
        self.time += 1
        self.runs.append([command, *more.get("options", ())])
        if command == "up":
            self.objects = ["warehouses BI_WH", "pipes RAW.GYMS_PIPE"]
        return engine_run.Run(command, stack, 0, Tally(summary={"create": 1}), Path("log"))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world in which nothing was deployed yet."""
    made = World()
    monkeypatch.setattr(last_good, "ROOT", tmp_path)
    monkeypatch.setattr(memory, "FOLDER", tmp_path / "memory")
    monkeypatch.setattr(repair, "make_sound", lambda _: Sound(made.deployment()))
    monkeypatch.setattr(stacks, "exported", lambda *_: made.deployment())
    monkeypatch.setattr(engine_run, "run", made.run)
    monkeypatch.setattr(bring_up, "_objects", lambda *_: made.objects)
    return made


def bench(environment: Environment = FACTS) -> Workbench:
    """A workbench for `local` with these facts."""
    made = SimpleNamespace(
        stack="local",
        settings=SimpleNamespace(environment=environment),
        target="sandbox",
        on_sandbox=True,
        variables={"PULUMI_HOME": "x"},
        login=lambda: {"port": 1},
    )
    return cast(Workbench, made)


def deploy(environment: Environment = FACTS) -> str:
    """Bring `local` up; the words for it."""
    outputs, words = bring_up.deploy(bench(environment), lambda _: None)
    assert outputs == {"database": "D"}
    return words


def test_the_second_time_the_engine_rests(world: World) -> None:
    assert deploy() == "1 created"
    assert deploy() == "nothing changed since the last deployment"
    assert len(world.runs) == 1


def test_it_is_refused_while_the_second_account_leads_also_where_nothing_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy()

    def refuse(*_: object) -> None:
        raise FailedOverError("only read")

    monkeypatch.setattr(second_account, "refuse_while_failed_over", refuse)
    with pytest.raises(FailedOverError):
        deploy()


def test_changed_facts_make_it_run(world: World) -> None:
    deploy()
    deploy(FACTS.model_copy(update={"prefix": "X__"}))
    assert world.runs == [["up", "--yes", "--skip-preview"]] * 2


def test_a_state_that_somebody_else_wrote_makes_it_run(world: World) -> None:
    deploy()
    world.time += 1
    deploy()
    assert len(world.runs) == 2


def test_an_object_that_is_gone_makes_it_ask_the_account(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy()
    world.objects = ["pipes RAW.GYMS_PIPE"]
    deploy()
    assert [run[0] for run in world.runs] == ["up", "refresh", "up"]
    assert "gone from the account: warehouses BI_WH" in capsys.readouterr().err


def test_a_guard_that_was_changed_on_github_makes_it_ask(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy()
    rule = Thing("BRANCH PROTECTION", ("leap", "main"))
    by_hand = Thing("LABEL", ("leap", "x"))
    found = [
        Finding(Form.DIFFERENT, Subject.PROPERTY, rule, setting="enforce_admins"),
        Finding(Form.UNKNOWN, Subject.OBJECT, by_hand),
    ]
    monkeypatch.setattr(hub, "differences", lambda *_: found)
    deploy()
    assert [run[0] for run in world.runs] == ["up", "refresh", "up"]
    told = capsys.readouterr().err
    assert "changed on GitHub: enforce_admins of branch protection main of repository leap;" in told
    monkeypatch.setattr(hub, "differences", lambda *_: found[1:])
    assert deploy() == "nothing changed since the last deployment"


def test_a_state_that_was_dropped_is_no_reason_to_miss_anything(world: World) -> None:
    deploy()
    world.time, world.objects = 0, []
    deploy()
    assert [run[0] for run in world.runs] == ["up", "up"]


def test_a_damaged_memory_only_costs_a_run(world: World, tmp_path: Path) -> None:
    deploy()
    (tmp_path / "memory" / "local.json").write_text(json.dumps({"objects": "{"}))
    deploy()
    assert len(world.runs) == 2


def test_a_preview_of_what_was_deployed_needs_no_engine(world: World) -> None:
    deploy()
    run = narrow.preview(bench(), world.deployment(), [], lambda _: None)
    assert (run.exit_code, run.tally.summary, run.tally.changed) == (0, {"same": 1}, {})
    assert [ran[0] for ran in world.runs] == ["up"]


def test_a_preview_asks_the_engine_once_an_object_is_gone(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy()
    world.objects = ["pipes RAW.GYMS_PIPE"]
    narrow.preview(bench(), world.deployment(), [], lambda _: None)
    assert [ran[0] for ran in world.runs] == ["up", "preview"]
    assert "gone from the account: warehouses BI_WH" in capsys.readouterr().err


def test_a_preview_asks_the_engine_once_the_facts_differ(world: World) -> None:
    deploy()
    other = bench(FACTS.model_copy(update={"prefix": "X__"}))
    narrow.preview(other, world.deployment(), [], lambda _: None)
    assert [ran[0] for ran in world.runs] == ["up", "preview"]
