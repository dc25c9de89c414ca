"""The schema of the marts dropped by accident, its name taken since, and UNDROP.

The next run of dbt makes a schema that it misses, so the name is taken when somebody notices: what
has taken it is renamed aside first. Grants, owners and future grants come back with the schema.

https://docs.snowflake.com/en/sql-reference/sql/undrop-schema
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from ingestion.quoting import identifier
from ops.drill import mart, table
from ops.drill.journal import Facts
from ops.drill.step import Drill, DrillFailedError, Phase, Scene, Step
from ops.restore.account import Path, find, inside
from ops.restore.inventory import grants_on
from ops.restore.undo import same_moment


def _steps(scene: Scene) -> tuple[Step, ...]:
    path, name = _table(scene), ".".join(scene.place.subject_schema)
    copy = Step(
        "copy", f"clone the schema to practise on, as {name}", Phase.PREPARE, _copy, back=_drop_copy
    )
    return (
        *((copy,) if scene.place.practice else ()),
        Step("note", "note tables, rows, grants and what a dashboard sees", Phase.PREPARE, _note),
        Step("drop", f"drop the schema {name}", Phase.HARM, _drop, _dropped, _mend, outage=True),
        Step(
            "take the name",
            "make an empty schema of its name, as the next dbt run would",
            Phase.HARM,
            _take_name,
            _name_taken,
            _mend,
        ),
        mart.noticing(path),
        Step(
            "undrop",
            "rename aside what has the name, and undrop the schema",
            Phase.RECOVER,
            _undrop,
            _undropped,
        ),
        mart.smoked(path),
        Step("prove", "compare every table, grant and future grant", Phase.PROVE, _prove),
        Step("tidy", "drop the empty schema that stood in its place", Phase.TIDY, _tidy),
        *(
            (Step("put away", "drop the copy", Phase.TIDY, _drop_copy),)
            if scene.place.practice
            else ()
        ),
    )


def _table(scene: Scene) -> Path:
    return (*scene.place.subject_schema, scene.place.table)


def _copy(scene: Scene) -> Facts:
    place = scene.place
    source, target = (place.database, place.schema), place.subject_schema
    if find(scene.ask, "SCHEMA", target) is None:
        scene.ask(f"CREATE SCHEMA {identifier(*target)} CLONE {identifier(*source)}")
    # A clone of a schema has its objects' grants and none of its own.
    for one in grants_on(scene.ask, "SCHEMA", source):
        if one.privilege == "USAGE" and one.to == "ROLE":
            role = identifier(one.holder)
            scene.ask(f"GRANT USAGE ON SCHEMA {identifier(*target)} TO ROLE {role}")
    return {}


def _drop_copy(scene: Scene) -> Facts:
    if scene.place.practice:
        scene.ask(f"DROP SCHEMA IF EXISTS {identifier(*scene.place.subject_schema)}")
    return {}


def _note(scene: Scene) -> Facts:
    schema = scene.place.subject_schema
    row = find(scene.ask, "SCHEMA", schema)
    if row is None:
        raise DrillFailedError(f"{'.'.join(schema)} is not there")
    return {
        **mart.note(scene, _table(scene)),
        "schema_created": _moment(row),
        "schema": _contents(scene),
    }


def _contents(scene: Scene) -> dict[str, Any]:
    schema = scene.place.subject_schema
    tables = {}
    for path, row in inside(scene.ask, "TABLE", schema):
        found: dict[str, Any] = {"grants": table.grants(scene.ask, "TABLE", path)}
        if row.get("kind") in ("TABLE", "TRANSIENT", None):
            ask = scene.login(role=str(row["owner"]), warehouse=scene.place.warehouse)
            found |= table.fingerprint(ask, path)
        tables[path[-1]] = found
    future = scene.ask(f"SHOW FUTURE GRANTS IN SCHEMA {identifier(*schema)}")
    return {
        "grants": table.grants(scene.ask, "SCHEMA", schema),
        "future grants": sorted(
            f"{row['privilege']} on {row['grant_on']} to {row['grantee_name']}" for row in future
        ),
        "tables": tables,
    }


def _moment(row: Any) -> str:
    created = row["created_on"]
    return created.isoformat() if isinstance(created, datetime) else str(created)


def _drop(scene: Scene) -> Facts:
    scene.ask(f"DROP SCHEMA {identifier(*scene.place.subject_schema)}")
    return {}


def _stands(scene: Scene) -> bool:
    """Whether what has the name is the schema that was noted."""
    row = find(scene.ask, "SCHEMA", scene.place.subject_schema)
    return row is not None and same_moment(_moment(row), scene.notes["schema_created"])


def _dropped(scene: Scene) -> Facts | None:
    return None if _stands(scene) else {}


def _take_name(scene: Scene) -> Facts:
    scene.ask(f"CREATE SCHEMA {identifier(*scene.place.subject_schema)}")
    return {}


def _name_taken(scene: Scene) -> Facts | None:
    row = find(scene.ask, "SCHEMA", scene.place.subject_schema)
    return {} if row is not None and not _stands(scene) else None


def _undropped(scene: Scene) -> Facts | None:
    return {"said": "it stands"} if _stands(scene) else None


def _undrop(scene: Scene) -> Facts | None:
    """Nothing is done where it stands."""
    if (found := _undropped(scene)) is not None:
        return found
    schema = scene.place.subject_schema
    if find(scene.ask, "SCHEMA", schema) is not None:
        aside = identifier(*_aside(scene))
        scene.ask(f"ALTER SCHEMA {identifier(*schema)} RENAME TO {aside}")
    scene.ask(f"UNDROP SCHEMA {identifier(*schema)}")
    if not _stands(scene):
        raise DrillFailedError("UNDROP brought back another schema of that name")
    return {"said": "undropped; what had taken the name stands aside"}


def _mend(scene: Scene) -> Facts:
    """The way back from the harm."""
    return {**(_undrop(scene) or {}), **_tidy(scene)}


def _aside(scene: Scene) -> Path:
    database, schema = scene.place.subject_schema
    return database, f"{schema}__DAMAGED_{scene.stamp}"


def _prove(scene: Scene) -> Facts:
    if found := _differences(scene):
        raise DrillFailedError("not as it was before: " + "; ".join(found))
    tables = scene.notes["schema"]["tables"]
    return {
        "rpo_seconds": 0.0,
        "rpo_basis": "each table's rows and a sum over its values are those of before the drop",
        "said": f"{len(tables)} tables, none lost; grants and future grants as before",
    }


def _differences(scene: Scene) -> list[str]:
    if not _stands(scene):
        return [f"{'.'.join(scene.place.subject_schema)} is not the one of before"]
    now, then = _contents(scene), scene.notes["schema"]
    found = [
        f"the schema's {word}" for word in ("grants", "future grants") if now[word] != then[word]
    ]
    names = sorted({*now["tables"], *then["tables"]})
    return found + [
        f"table {name}" for name in names if now["tables"].get(name) != then["tables"].get(name)
    ]


def _after_back(scene: Scene) -> list[str]:
    return [] if scene.place.practice else _differences(scene)


def _tidy(scene: Scene) -> Facts:
    scene.ask(f"DROP SCHEMA IF EXISTS {identifier(*_aside(scene))}")
    return {}


DRILL: Final = Drill(
    name="undrop-schema",
    title="the schema of the marts is dropped by accident; UNDROP brings it back",
    needs=("the mart with rows, its schema with Time Travel of a day or more",),
    touches=("the schema of the marts, for seconds (on a real account a copy)",),
    steps=_steps,
    problems=mart.problems,
    differences=_after_back,
    practises=True,
)
