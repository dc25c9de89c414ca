"""The mart spoiled by a commit: a repository of the test's own, and a dbt that speaks SQL."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.drill_hands import Checkouts, Deployments
from ops.drill import evidence, run
from ops.drill.rebuild_mart import DRILL, FILE, LAST_LINE, SPOILED
from ops.drill.step import Drill
from ops.drill.tools import Tools
from tests.ops.drill.conftest import Lab

pytestmark = pytest.mark.sandbox
ROWS = "SELECT * FROM D.MARTS.MART ORDER BY STATE, OPPORTUNITY_SCORE"
WHO = ("-c", "user.name=t", "-c", "user.email=t@t.invalid", "-c", "commit.gpgsign=false")


@dataclass
class Builder:
    """Git for true; dbt builds the mart from what stands in the model's last line."""

    lab: Lab
    repository: Path

    def checkout(self, folder: Path) -> str:
        """A clone of the test's repository."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        line = ["git", "clone", "--quiet", f"file://{self.repository}", str(folder)]
        subprocess.run(line, check=True)
        return self.git(folder, "rev-parse", "HEAD").strip()

    def git(self, folder: Path, *arguments: str) -> str:
        """As the command line lends it."""
        return Checkouts(Deployments.__new__(Deployments)).git(folder, *arguments)

    def dbt(self, folder: Path, *arguments: str) -> str:
        """`run` makes the table anew, as dbt does."""
        if arguments[0] == "run":
            spoiled = (folder / FILE).read_text().rstrip().endswith(SPOILED)
            where = " WHERE OPPORTUNITY_TIER <> 'high'" if spoiled else ""
            self.lab.ask(
                f"CREATE OR REPLACE TABLE D.MARTS.MART AS SELECT * FROM D.MARTS.RAW{where}",
                "TRANSFORMER",
                "TRANSFORMING_WH",
            )
        return "PASS=1"


@pytest.fixture
def builder(lab: Lab, tmp_path: Path) -> Builder:
    """A repository with one model, and the table that it is built from."""
    repository = tmp_path / "repository"
    model = repository / FILE
    model.parent.mkdir(parents=True)
    model.write_text(f"with final as (select 1) {LAST_LINE}\n")
    for line in (("init", "--quiet"), ("add", "."), (*WHO, "commit", "--quiet", "-m", "feat: one")):
        subprocess.run(["git", *line], cwd=repository, check=True)
    lab.ask("CREATE TABLE D.MARTS.RAW CLONE D.MARTS.MART", "TRANSFORMER", "TRANSFORMING_WH")
    made = Builder(lab, repository)
    lab.tools = Tools(builds=made)
    return made


def test_it_passes_and_the_repository_is_as_it_was(lab: Lab, builder: Builder) -> None:
    rows = lab.ask(ROWS)
    scene = lab.run(DRILL)
    found = evidence.of(lab.kept(), DRILL.steps(scene))
    assert found["outcome"] == run.PASSED
    assert found["rto_seconds"] > 0
    assert lab.ask(ROWS) == rows
    log = builder.git(builder.repository, "log", "--all", "--format=%s")
    assert log.split("\n") == ["feat: one", ""]
    assert builder.git(builder.repository, "status", "--short") == ""
    assert {path.name for path in lab.folder.iterdir()} == {"journal.jsonl"}


@pytest.mark.parametrize("seed", range(3))
def test_killed_anywhere_the_mart_comes_back(
    lab: Lab, builder: Builder, kill_somewhere: Callable[[Drill, int], None], seed: int
) -> None:
    rows = lab.ask(ROWS)
    kill_somewhere(DRILL, seed)
    assert lab.ask(ROWS) == rows
    assert not (lab.folder / "tree").exists()
