"""What drills about the mart have in common: noting it, and seeing that BI notices."""

from __future__ import annotations

from typing import Any

from ops.drill import table
from ops.drill.journal import Facts
from ops.drill.step import DrillFailedError, Phase, Problem, Scene, Step
from ops.restore.account import Path, find

BUILD_IT = "Build it: leap dbt build --stack {stack}"


def problems(scene: Scene) -> list[Problem]:
    """The mart stands, has rows, and Time Travel keeps them; its reader sees it."""
    place = scene.place
    row = find(scene.ask, "TABLE", place.path)
    name, build = ".".join(place.path), BUILD_IT.format(stack=place.stack)
    if row is None:
        return [Problem(f"{name} is not there", build)]
    found = []
    if not int(row["rows"] or 0):
        found.append(Problem(f"{name} has no rows", build))
    if int(row["retention_time"] or 0) < 1:
        found.append(
            Problem(
                f"{name} keeps no Time Travel", "Give it data_retention_time_in_days: 1 or more"
            )
        )
    if "error" in (seen := table.smoke(scene.read, place.path)):
        found.append(
            Problem(
                f"{place.reader} cannot read {name}: {seen['error']}",
                f"Put its grants right: leap apply --stack {place.stack}",
            )
        )
    return found


def note(scene: Scene, path: Path) -> Facts:
    """What must be so again at the end: rows, a sum over all values, grants, owner, the smoke."""
    seen = table.smoke(scene.read, path)
    if "error" in seen:
        raise DrillFailedError(f"{scene.place.reader} cannot read it: {seen['error']}")
    owner = table.owner(scene.ask, "TABLE", path)
    print_ = table.fingerprint(scene.login(role=owner, warehouse=scene.place.warehouse), path)
    return {
        "owner": owner,
        "fingerprint": print_,
        "grants": table.grants(scene.ask, "TABLE", path),
        "smoke_query": table.smoke_query(path),
        "smoke_before": seen,
        "said": f"{print_['rows']:,} rows, owned by {owner}",
    }


def noticing(path: Path) -> Step:
    """The smoke query must tell the difference: a smoke that cannot fail proves nothing."""

    def run(scene: Scene) -> Facts:
        seen = table.smoke(scene.read, path)
        if seen == scene.notes["smoke_before"]:
            raise DrillFailedError("the smoke query does not notice the damage")
        return {"smoke_during": seen, "said": str(seen.get("error") or "other rows than before")}

    return Step("notice", "ask the smoke query, which must notice", Phase.NOTICE, run)


def smoked(path: Path, phase: Phase = Phase.RECOVER, *, restores: bool = True) -> Step:
    """The service is back, or never went, when the smoke query returns what it did."""

    def run(scene: Scene) -> Facts:
        seen = table.smoke(scene.read, path)
        if seen != (expected := scene.notes["smoke_before"]):
            raise DrillFailedError(f"the smoke query returns {seen}, expected {expected}")
        return {"smoke_after": seen, "said": "the rows of before"}

    return Step(
        "smoke",
        "ask the smoke query, which must return the rows of before",
        phase,
        run,
        restores=restores,
    )


def differences(scene: Scene, path: Path) -> list[str]:
    """What of rows, owner and grants is not as noted."""
    name, notes = ".".join(path), scene.notes
    if find(scene.ask, "TABLE", path) is None:
        return [f"{name} is not there"]
    owner = table.owner(scene.ask, "TABLE", path)
    ask = scene.login(role=owner, warehouse=scene.place.warehouse)
    now: dict[str, Any] = {
        "rows": table.fingerprint(ask, path),
        "grants": table.grants(scene.ask, "TABLE", path),
        "owner": owner,
    }
    then = {"rows": notes["fingerprint"], "grants": notes["grants"], "owner": notes["owner"]}
    return [f"the {word} of {name}" for word in now if now[word] != then[word]]
