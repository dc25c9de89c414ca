"""A commit that spoils the mart, reverted, and the mart built anew in full.

All of it happens in a clone of the drill's own: neither the working tree nor a branch of the
repository is touched, and nothing is pushed. The mart is built from the last commit first, so that
what is compared at the end was made of the same raw data.

https://docs.getdbt.com/reference/resource-configs/full_refresh
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from ops.drill import mart, table
from ops.drill.journal import Facts
from ops.drill.step import Drill, DrillFailedError, Phase, Problem, Scene, Step
from ops.drill.tools import Builds

MODEL: Final = "mart_gym_accessibility"
FILE: Final = f"dbt/models/marts/{MODEL}.sql"
LAST_LINE: Final = "select * from final"
SPOILED: Final = "select * from final where opportunity_tier <> 'high'"
MESSAGE: Final = "feat(dbt): rank block groups anew"
IDENTITY: Final = (
    *("-c", "user.name=leap drill", "-c", "user.email=drill@leap.invalid"),
    *("-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"),
)
SELECT: Final = ("--select", MODEL)


def _steps(scene: Scene) -> tuple[Step, ...]:
    path = scene.place.path
    name = ".".join(path)
    return (
        Step(
            "clone",
            "clone the last commit to a place of the drill's own",
            Phase.PREPARE,
            _clone,
            _cloned,
            _remove,
        ),
        Step("build", f"build {name} from it", Phase.PREPARE, _build),
        Step("note", "note rows, grants and what a dashboard sees", Phase.PREPARE, _note),
        Step(
            "commit",
            "commit a change that loses rows, in the clone",
            Phase.PREPARE,
            _commit,
            _committed,
        ),
        Step(
            "bad run",
            f"run dbt with it: {name} loses rows",
            Phase.HARM,
            _run,
            _spoiled,
            _mend,
            outage=True,
        ),
        mart.noticing(path),
        Step("revert", "git revert the commit", Phase.RECOVER, _revert, _reverted),
        Step(
            "rebuild", f"dbt run --full-refresh --select {MODEL}", Phase.RECOVER, _rebuild, _rebuilt
        ),
        mart.smoked(path),
        Step("prove", "compare rows and grants, and run the mart's own tests", Phase.PROVE, _prove),
        Step("tidy", "remove the clone", Phase.TIDY, _remove),
    )


def _tree(scene: Scene) -> Path:
    return scene.folder / "tree"


def _builds(scene: Scene) -> Builds:
    assert scene.tools.builds is not None
    return scene.tools.builds


def _git(scene: Scene, *arguments: str) -> str:
    return _builds(scene).git(_tree(scene), *arguments).strip()


def _clone(scene: Scene) -> Facts:
    draft = scene.folder / "tree.new"
    shutil.rmtree(draft, ignore_errors=True)
    commit = _builds(scene).checkout(draft)
    draft.rename(_tree(scene))
    return {"commit": commit, "said": f"commit {commit[:12]}"}


def _cloned(scene: Scene) -> Facts | None:
    if not _tree(scene).is_dir():
        return None
    known = scene.notes.get("commit") or _git(scene, "rev-list", "--max-parents=0", "HEAD")
    return {"commit": known}


def _build(scene: Scene) -> Facts:
    return {"said": _builds(scene).dbt(_tree(scene), "run", *SELECT)}


def _note(scene: Scene) -> Facts:
    return mart.note(scene, scene.place.path)


def _commit(scene: Scene) -> Facts:
    model = _tree(scene) / FILE
    text = model.read_text(encoding="utf-8").rstrip()
    if text.endswith(LAST_LINE):
        model.write_text(f"{text.removesuffix(LAST_LINE)}{SPOILED}\n", encoding="utf-8")
    _git(scene, *IDENTITY, "commit", "--quiet", "--all", "--message", MESSAGE)
    return {"said": f'"{MESSAGE}"'}


def _subject(scene: Scene) -> str:
    return _git(scene, "log", "-1", "--format=%s")


def _committed(scene: Scene) -> Facts | None:
    return {} if _subject(scene) == MESSAGE else None


def _run(scene: Scene) -> Facts:
    return {"said": _builds(scene).dbt(_tree(scene), "run", *SELECT)}


def _fingerprint(scene: Scene) -> Facts:
    ask = scene.login(role=scene.notes["owner"], warehouse=scene.place.warehouse)
    return table.fingerprint(ask, scene.place.path)


def _spoiled(scene: Scene) -> Facts | None:
    return {} if _fingerprint(scene) != scene.notes["fingerprint"] else None


def _revert(scene: Scene) -> Facts:
    _git(scene, "reset", "--quiet", "--hard", "HEAD")  # what a killed revert left half done
    _git(scene, *IDENTITY, "revert", "--no-edit", "HEAD")
    return {"said": _subject(scene)}


def _reverted(scene: Scene) -> Facts | None:
    """The tree is that of the good commit again."""
    return {} if not _git(scene, "diff", "--stat", scene.notes["commit"], "HEAD") else None


def _rebuild(scene: Scene) -> Facts:
    return {"said": _builds(scene).dbt(_tree(scene), "run", "--full-refresh", *SELECT)}


def _rebuilt(scene: Scene) -> Facts | None:
    return {"said": "as before"} if _spoiled(scene) is None else None


def _prove(scene: Scene) -> Facts:
    if found := mart.differences(scene, scene.place.path):
        raise DrillFailedError("not as it was before: " + "; ".join(found))
    tested = _builds(scene).dbt(_tree(scene), "test", *SELECT)
    return {
        "rpo_seconds": 0.0,
        "rpo_basis": "the mart is made of RAW alone: rows and a sum over all values are as before",
        "said": f"{scene.notes['fingerprint']['rows']:,} rows as before; tests: {tested}",
    }


def _remove(scene: Scene) -> Facts:
    for name in ("tree.new", "tree", "dbt"):
        shutil.rmtree(scene.folder / name, ignore_errors=True)
    return {}


def _mend(scene: Scene) -> Facts:
    """The way back from the bad run: the good commit, built in full."""
    if _rebuilt(scene) is not None:
        return {"said": "the mart is as it was"}
    if not _tree(scene).is_dir():
        raise DrillFailedError(f"{_tree(scene)} is gone; build the mart: leap dbt build")
    if _reverted(scene) is None:
        _revert(scene)
    return _rebuild(scene)


def _differences(scene: Scene) -> list[str]:
    if "fingerprint" not in scene.notes:
        return []  # the mart was only built from the last commit
    return mart.differences(scene, scene.place.path)


def _problems(scene: Scene) -> list[Problem]:
    return mart.problems(scene)


DRILL: Final = Drill(
    name="rebuild-mart",
    title="a commit spoils the mart; it is reverted, and the mart built anew in full",
    needs=("the mart with rows, dbt and the stack's outputs", "a git clone with a commit"),
    touches=("the mart, for the time of two runs of dbt; the working tree and branches are not",),
    steps=_steps,
    problems=_problems,
    differences=_differences,
    stops_production=True,
)
