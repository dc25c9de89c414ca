"""Rows of the mart deleted and changed by accident, and Time Travel.

The table as it was before the first of the culprit's statements is cloned and swapped in, by the
role that owns it: a clone has the stored rows, where a SELECT would store what masks leave of them.
The damaged table stands aside until the proof is done.

https://docs.snowflake.com/en/sql-reference/constructs/at-before
"""

from __future__ import annotations

from typing import Any, Final

from ingestion.quoting import identifier, literal
from ops.drill import mart, table
from ops.drill.journal import Facts
from ops.drill.step import Ask, Drill, DrillFailedError, Phase, Scene, Step
from ops.restore.account import Path, find

HARM: Final = "leap drill restore-table"
"""In the harm's own text, so that the query history tells it from everybody else's."""
SEARCHED: Final = 10_000


def _steps(scene: Scene) -> tuple[Step, ...]:
    path = scene.place.subject
    name = ".".join(path)
    copy = Step(
        "copy", f"clone the mart to practise on, as {name}", Phase.PREPARE, _copy, back=_drop_copy
    )
    note = Step("note", "note rows, grants and what a dashboard sees", Phase.PREPARE, _note)
    return (
        *((copy,) if scene.place.practice else ()),
        note,
        Step(
            "delete",
            f"delete the rows of the largest state from {name}",
            Phase.HARM,
            _delete,
            _deleted,
            _mend,
        ),
        Step(
            "update",
            f"set all scores in {name} to 0",
            Phase.HARM,
            _update,
            _updated,
            _mend,
            outage=True,
        ),
        mart.noticing(path),
        Step("find", "find the statements in the query history", Phase.NOTICE, _find),
        Step(
            "restore",
            "clone the table from before them, and swap it in",
            Phase.RECOVER,
            _restore,
            _restored,
        ),
        mart.smoked(path),
        Step(
            "prove", "compare row by row with the table before, and the grants", Phase.PROVE, _prove
        ),
        Step("tidy", "drop the damaged table", Phase.TIDY, _tidy),
        *(
            (Step("put away", "drop the copy", Phase.TIDY, _drop_copy),)
            if scene.place.practice
            else ()
        ),
    )


def _role(scene: Scene) -> Ask:
    """As the table's owner."""
    return scene.login(role=scene.notes["owner"], warehouse=scene.place.warehouse)


def _copy(scene: Scene) -> Facts:
    place = scene.place
    owner = table.owner(scene.ask, "TABLE", place.path)
    scene.login(role=owner, warehouse=place.warehouse)(
        f"CREATE TABLE IF NOT EXISTS {identifier(*place.subject)} "
        f"CLONE {identifier(*place.path)} COPY GRANTS"
    )
    return {}


def _drop_copy(scene: Scene) -> Facts:
    if scene.place.practice:
        scene.ask(f"DROP TABLE IF EXISTS {identifier(*scene.place.subject)}")
    return {}


def _note(scene: Scene) -> Facts:
    found = mart.note(scene, scene.place.subject)
    rows = scene.ask(
        table.statement(
            *("SELECT STATE, COUNT(*) AS N FROM", identifier(*scene.place.subject)),
            "WHERE STATE IS NOT NULL GROUP BY STATE ORDER BY N DESC, STATE LIMIT 1",
        )
    )
    return {**found, "state": str(rows[0]["state"])}


def _delete(scene: Scene) -> Facts:
    _harm(
        scene, "DELETE", "FROM", identifier(*scene.place.subject), f"WHERE STATE = {_state(scene)}"
    )
    return {"said": f"no row of {scene.notes['state']} is left"}


def _harm(scene: Scene, verb: str, *words: str) -> None:
    _role(scene)(table.statement(verb, f"/* {HARM} {scene.stamp} */", *words))


def _deleted(scene: Scene) -> Facts | None:
    return {} if _count(scene, f"STATE = {_state(scene)}") == 0 else None


def _state(scene: Scene) -> str:
    return literal(str(scene.notes["state"]))


def _update(scene: Scene) -> Facts:
    _harm(scene, "UPDATE", identifier(*scene.place.subject), "SET OPPORTUNITY_SCORE = 0")
    return {}


def _updated(scene: Scene) -> Facts | None:
    return {} if _count(scene, "OPPORTUNITY_SCORE <> 0") == 0 else None


def _count(scene: Scene, where: str) -> int:
    table_name = identifier(*scene.place.subject)
    rows = _role(scene)(table.statement("SELECT COUNT(*) AS N FROM", table_name, "WHERE", where))
    return int(rows[0]["n"])


def _culprits(scene: Scene) -> list[dict[str, Any]]:
    """The harm's statements that succeeded, the first first."""
    history = identifier(scene.place.database, "INFORMATION_SCHEMA") + ".QUERY_HISTORY"
    text = literal(f"%* {HARM} {scene.stamp} *%")
    rows = scene.ask(
        table.statement(
            "SELECT QUERY_ID, START_TIME, USER_NAME, ROLE_NAME, QUERY_TYPE FROM",
            f"TABLE({history}(RESULT_LIMIT => {SEARCHED})) WHERE QUERY_TEXT LIKE {text}",
            "AND EXECUTION_STATUS = 'SUCCESS' AND QUERY_TYPE IN ('DELETE', 'UPDATE')",
            "ORDER BY START_TIME",
        )
    )
    return table.plain(rows)


def _find(scene: Scene) -> Facts:
    found = _culprits(scene)
    if not found:
        raise DrillFailedError("the query history does not tell who changed the table")
    first = found[0]
    said = f"{len(found)} statements, the first a {first['query_type']} by {first['user_name']}"
    return {"culprits": found, "said": said}


def _aside(scene: Scene) -> Path:
    *schema, name = scene.place.subject
    return (*schema, f"{name}__DAMAGED_{scene.stamp}")


def _restored(scene: Scene) -> Facts | None:
    now = table.fingerprint(_role(scene), scene.place.subject)
    return {"said": "the rows are as they were"} if now == scene.notes["fingerprint"] else None


def _restore(scene: Scene) -> Facts | None:
    """Nothing is done where the rows are as they were."""
    if (found := _restored(scene)) is not None:
        return found
    culprits = _culprits(scene)
    if not culprits:
        raise DrillFailedError("the rows changed, and by no statement of this drill")
    ask, aside, path = _role(scene), _aside(scene), scene.place.subject
    ask(
        f"CREATE OR REPLACE TABLE {identifier(*aside)} CLONE {identifier(*path)} "
        f"BEFORE (STATEMENT => {literal(str(culprits[0]['query_id']))}) COPY GRANTS"
    )
    ask(f"ALTER TABLE {identifier(*path)} SWAP WITH {identifier(*aside)}")
    return {"said": "swapped in; the damaged table stands aside"}


def _mend(scene: Scene) -> Facts | None:
    """The way back from the harm."""
    if scene.place.practice and find(scene.ask, "TABLE", scene.place.subject) is None:
        return {"said": "the copy is gone already"}
    return {**(_restore(scene) or {}), **_tidy(scene)}


def _prove(scene: Scene) -> Facts:
    ask, now = _role(scene), identifier(*scene.place.subject)
    first = literal(str(_culprits(scene)[0]["query_id"]))
    then = f"{identifier(*_aside(scene))} BEFORE (STATEMENT => {first})"
    lost, more = table.missing(ask, then, now), table.missing(ask, now, then)
    found = [f"{lost} rows are missing and {more} too many"] if lost or more else []
    if found := [*found, *_differences(scene)]:
        raise DrillFailedError("; ".join(found))
    return {
        "rpo_seconds": 0.0,
        "rpo_basis": "compared row by row with the table before the first harmful statement",
        "said": f"{scene.notes['fingerprint']['rows']:,} rows equal, none lost; grants as before",
    }


def _tidy(scene: Scene) -> Facts:
    scene.ask(f"DROP TABLE IF EXISTS {identifier(*_aside(scene))}")
    return {}


def _differences(scene: Scene) -> list[str]:
    return mart.differences(scene, scene.place.subject)


def _after_back(scene: Scene) -> list[str]:
    """The copy is gone by then; the mart itself was never touched."""
    return [] if scene.place.practice else _differences(scene)


DRILL: Final = Drill(
    name="restore-table",
    title="rows of the mart are deleted and changed by accident; Time Travel brings them back",
    needs=("the mart with rows and Time Travel of a day or more",),
    touches=("the rows of the mart, for seconds (on a real account those of a copy)",),
    steps=_steps,
    problems=mart.problems,
    differences=_after_back,
    practises=True,
)
