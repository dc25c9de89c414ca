"""Who may start a drill where, and what is said of one that is not over."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cli import drilling
from cli.deployment import lock
from cli.main import main
from infra import settings
from infra.model.target import Target
from infra.settings import Settings
from ops.drill import catalogue, run
from ops.drill.journal import Event
from ops.drill.step import Ask, Drill, DrillFailedError, Phase, Problem, Scene, Step

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "MYORG-PROD"


class Stage:
    """A stack of a chosen target, and two drills whose one step does as it is told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.target = Target.SANDBOX
        self.fails = ""
        self.stops: type[BaseException] | None = None
        self.done: list[str] = []
        self.problems: list[Problem] = []
        self.differs: list[str] = []

    def drill(self, name: str, *, stops: bool, practises: bool) -> Drill:
        """One of them."""

        def harm(scene: Scene) -> None:
            self.done.append("the copy" if scene.place.practice else "the mart")
            if self.stops is not None:
                raise self.stops
            if self.fails:
                raise DrillFailedError(self.fails)

        steps = (Step("harm", "break the mart", Phase.HARM, harm, back=lambda scene: None),)
        return Drill(
            name,
            "the mart breaks",
            ("a mart",),
            ("the mart",),
            lambda scene: steps,
            lambda scene: self.problems,
            lambda scene: self.differs,
            stops,
            practises,
        )

    def facts(self, name: str) -> Settings:
        """The facts of a stack, on the target."""
        loaded = settings.load(ROOT, name)
        return loaded._replace(config=loaded.config.model_copy(update={"target": self.target}))

    @contextmanager
    def logins(self, _: Settings) -> Iterator[Any]:
        """An account that knows its own name only."""

        def login(*, role: str, warehouse: str = "", account: str = "") -> Ask:
            def ask(statement: str) -> Sequence[dict[str, Any]]:
                return [{"account": ACCOUNT}]

            return ask

        yield login


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Nothing of this clone is touched."""
    made = Stage(tmp_path / "drills")
    drills = {
        "outage": made.drill("outage", stops=True, practises=False),
        "practice": made.drill("practice", stops=False, practises=True),
    }
    for module in (drilling, catalogue):
        monkeypatch.setattr(module, "DRILLS", drills)
    monkeypatch.setattr(drilling, "FOLDER", made.folder)
    monkeypatch.setattr(drilling, "facts", made.facts)
    monkeypatch.setattr("cli.workbench.facts", made.facts)
    monkeypatch.setattr(drilling, "logins", made.logins)
    monkeypatch.setattr(drilling, "forget_what_is_gone", lambda: None)
    monkeypatch.setattr("cli.paths.ROOT", tmp_path)
    monkeypatch.setattr(lock, "FOLDER", tmp_path / "locks")
    return made


def test_an_unknown_drill_names_those_that_there_are(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["drill", "run", "fire"]) == 2
    assert "got 'fire', allowed: outage, practice" in capsys.readouterr().err


def test_on_the_sandbox_nobody_is_asked(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drill", "run", "outage", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["outcome"] == run.PASSED
    assert {"rto_seconds", "rpo_seconds"} <= set(found)
    assert (stage.folder.parent / found["page"]).read_text().startswith("<!doctype html>")


def test_what_stops_production_wants_the_account_by_name(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.target = Target.SNOWFLAKE
    assert main(["drill", "run", "outage", "--yes"]) == 2
    said = capsys.readouterr().err
    assert "1. break the mart" in said
    assert f"leap drill run outage --stack local --confirm {ACCOUNT}" in said
    assert main(["drill", "run", "outage", "--yes", "--confirm", "MYORG-DEV"]) == 2
    assert f"allowed: {ACCOUNT}" in capsys.readouterr().err
    assert stage.done == []
    assert main(["drill", "run", "outage", "--yes", "--confirm", ACCOUNT]) == 0
    assert stage.done == ["the mart"]


def test_a_real_account_is_practised_on_a_copy_and_only_when_somebody_agrees(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.target = Target.SNOWFLAKE
    assert main(["drill", "run", "practice"]) == 2
    assert "Nobody can be asked here" in capsys.readouterr().err
    assert main(["drill", "run", "practice", "--yes"]) == 0
    assert main(["drill", "run", "practice", "--yes", "--confirm", ACCOUNT]) == 0
    assert stage.done == ["the copy", "the mart"]


def test_all_problems_are_said_at_once_and_nothing_is_done(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.problems = [Problem("the mart is gone", "Build it"), Problem("no role", "Make it")]
    assert main(["drill", "run", "outage"]) == 3
    said = capsys.readouterr().err
    assert "the mart is gone. Build it" in said
    assert "no role. Make it" in said
    stage.problems.append(Problem("no such table", "Name one", bad_input=True))
    assert main(["drill", "run", "outage"]) == 2
    assert stage.done == []
    assert not stage.folder.exists()


def test_one_that_failed_blocks_others_until_it_is_continued(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.fails = "the region is on fire"
    assert main(["drill", "run", "outage"]) == 1
    said = capsys.readouterr().err
    assert "the region is on fire" in said
    assert "leap drill resume outage-" in said
    assert "leap drill back outage-" in said
    assert main(["drill", "run", "practice"]) == 3
    assert "is not over" in capsys.readouterr().err
    stage.fails = ""
    assert main(["drill", "list"]) == 0
    assert "Unfinished: outage-" in capsys.readouterr().out
    assert main(["drill", "resume"]) == 0
    assert main(["drill", "run", "practice"]) == 0


def test_where_the_sandbox_went_too_it_is_started_first(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.fails = "nobody answers"
    for runs, said_first in ((True, "Continue: leap drill"), (False, "Start it: leap sandbox")):
        monkeypatch.setattr(drilling, "sandbox_runs", lambda runs=runs: runs)
        main(["drill", "run" if runs else "resume", *(["outage"] if runs else [])])
        assert f"\n{said_first}" in capsys.readouterr().err


def test_what_is_being_taken_back_does_not_go_on(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.fails = "no"
    assert main(["drill", "run", "outage"]) == 1
    one = drilling.chosen(None)
    one.journal.write(Event.BACK_BEGUN, "harm")
    assert main(["drill", "resume"]) == 2
    assert "is being taken back already" in capsys.readouterr().err
    assert main(["drill", "back", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == run.TOOK_BACK


def test_what_differs_and_was_meant_is_accepted(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.fails, stage.differs = "no", ["the rows of the mart"]
    main(["drill", "run", "outage"])
    drilling.chosen(None).journal.write(Event.DONE, "harm")
    assert main(["drill", "back"]) == 1
    said = capsys.readouterr().err
    assert "not as it was before: the rows of the mart" in said
    assert "--accept" in said
    assert main(["drill", "back", "--accept", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["lessons"] == ["accepted, not as it was before: the rows of the mart"]


def test_a_stopped_one_says_how_to_go_on(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.stops = KeyboardInterrupt
    assert main(["drill", "run", "outage"]) == 130
    assert "leap drill resume outage-" in capsys.readouterr().err
    assert f"process {os.getpid()} of" in drilling.holder(drilling.chosen(None))


def test_nothing_unfinished_is_bad_input(stage: Stage) -> None:
    assert main(["drill", "resume"]) == 2
    assert main(["drill", "back"]) == 2
