"""A key leaks: the real exchange of files and logins, deployed by statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import keypairs, rotation
from cli.drill_hands import KeyFiles
from infra import keys, settings
from infra.model.public_key import SLOTS, file_name, parse
from infra.settings import Settings
from ops.drill import evidence, run
from ops.drill.leaked_key import DRILL, USER
from ops.drill.step import Drill
from ops.drill.tools import Tools
from sandbox import process
from tests.ops.drill.conftest import Killed, Lab, Life

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class BySql:
    """What a deployment does to the user's keys."""

    lab: Lab
    settings: Settings
    changes: str = ""

    def pending(self) -> str:
        """Nothing, unless the test says so."""
        return self.changes

    def deploy(self) -> str:
        """Declared keys into their slots."""
        for slot in SLOTS:
            name = "RSA_PUBLIC_KEY" if slot == 1 else "RSA_PUBLIC_KEY_2"
            file = keys.folder(self.settings) / file_name(USER, slot)
            if file.exists():
                body = parse(file.read_text()).body
                self.lab.ask(f"ALTER USER {USER} SET {name} = '{body}'")
            else:
                self.lab.ask(f"ALTER USER {USER} UNSET {name}")
        return "deployed"


@pytest.fixture
def engine(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BySql:
    """The user with one key, deployed."""
    monkeypatch.delenv("LEAP_TARGET", raising=False)
    loaded = settings.load(ROOT, "local")._replace(root=tmp_path)
    keypairs.ensure(loaded)
    here = process.status(lab.root).connection
    assert here is not None
    monkeypatch.setattr(keypairs, "running_sandbox", lambda: here)
    lab.ask(f"CREATE OR REPLACE USER {USER} TYPE = SERVICE DEFAULT_ROLE = REPORTER")
    lab.ask(f"ALTER USER {USER} SET DEFAULT_WAREHOUSE = BI_WH")
    lab.ask(f"GRANT ROLE REPORTER TO USER {USER}")
    made = BySql(lab, loaded)
    made.deploy()
    lab.tools = Tools(keys=KeyFiles(loaded), engine=made)
    return made


def slots(engine: BySql) -> list[str]:
    """The user's declared fingerprints."""
    found = [slot for slot in rotation.slots(engine.settings) if slot.user == USER]
    return [slot.fingerprint for slot in found if slot.fingerprint is not None]


def test_the_leaked_key_is_refused_and_what_it_read_is_found(lab: Lab, engine: BySql) -> None:
    before = slots(engine)
    scene = lab.run(DRILL)
    found = evidence.of(lab.kept(), DRILL.steps(scene))
    assert found["outcome"] == run.PASSED
    assert found["rto_seconds"] > 0
    assert slots(engine) != before
    assert len(slots(engine)) == 1
    assert "JWT" in str(lab.kept().notes["refusal"])
    kinds = {row["kind"] for row in found["found"]}
    assert {"login", "select"} <= kinds
    assert any("the thief of" in row["what"] for row in found["found"])
    assert not (lab.folder / "leaked.p8").exists()


@pytest.mark.parametrize("seed", range(3))
def test_killed_anywhere_there_is_one_key_that_works(
    lab: Lab, engine: BySql, kill_somewhere: Callable[[Drill, int], None], seed: int
) -> None:
    kill_somewhere(DRILL, seed)
    assert DRILL.differences(lab.scene()) == []
    assert not (lab.folder / "leaked.p8").exists()


def test_taken_back_before_the_switch_the_old_key_is_the_only_one(lab: Lab, engine: BySql) -> None:
    before = slots(engine)
    with pytest.raises(Killed):
        lab.run(DRILL, Life(dies_in="deploy both"))
    lab.back(DRILL)
    assert slots(engine) == before
    assert DRILL.differences(lab.scene()) == []


def test_changes_that_wait_and_an_exchange_under_way_are_told_together(
    lab: Lab, engine: BySql
) -> None:
    engine.changes = "1 updated"
    rotation.rotate(engine.settings, USER)
    said = [problem.what for problem in DRILL.problems(lab.scene())]
    assert any("under way" in words for words in said)
    assert any("1 updated" in words for words in said)
