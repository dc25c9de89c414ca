"""The first account fails; the second takes over, is proven, and gives back.

Nothing is broken: from the step `lose` on, the first account merely counts as lost, and what it
writes then is what a failure would cost. BI reads all the while through the client connection. On
the way back the first account is refreshed before it is promoted, so what was written meanwhile
is kept.

https://docs.snowflake.com/en/user-guide/account-replication-failover-failback
"""

from __future__ import annotations

from typing import Any, Final

from ingestion.quoting import identifier
from ops.drill import heartbeat, mart, readiness, reading, second, table
from ops.drill.heartbeat import ABROAD, KEPT, LATE
from ops.drill.journal import Facts
from ops.drill.step import (
    Drill,
    DrillFailedError,
    Phase,
    Scene,
    Step,
    refusal,
)
from ops.restore.account import find


def steps(scene: Scene) -> tuple[Step, ...]:
    """In order."""
    return (*prepare(scene), *take_over(scene), *give_back(scene))


def prepare(scene: Scene) -> tuple[Step, ...]:
    """From the first note to the loss."""
    phase, place = Phase.PREPARE, scene.place
    note = "note rows, grants, what a dashboard sees, and what runs by itself"
    beat = f"write a row into {'.'.join(heartbeat.path(scene))}, made for the drill"
    fresh = f"refresh {', '.join(place.groups)} in {place.second}, until that row is there"
    return (
        Step("note", note, phase, _note),
        Step("heartbeat", beat, phase, _write_kept, _kept, _drop_beat),
        Step("refresh", fresh, phase, _refresh, _refreshed),
        Step("suspend", "suspend the scheduled refreshes", phase, _suspend, back=_resume_schedule),
        Step(
            "lose",
            f"from here {place.account} counts as lost: write a row there that no refresh carries",
            Phase.HARM,
            _write_late,
            _late,
            outage=True,
        ),
    )


def take_over(scene: Scene) -> tuple[Step, ...]:
    """From the loss to the proof that the second account serves."""
    phase, place = Phase.RECOVER, scene.place
    return (
        Step(
            "promote",
            f"promote {', '.join(place.groups)} in {place.second}",
            phase,
            _promote,
            _promoted,
            _come_home,
        ),
        Step("move clients", f"have {second.client_name(scene)} lead there", phase, _move, _moved),
        Step("resume", "resume tasks, alerts and pipes that ran", phase, _resume),
        Step(
            "smoke",
            f"ask the smoke query through {second.client_name(scene)}",
            phase,
            _smoke,
            restores=True,
        ),
        Step("write", f"write there; {place.account} must refuse", Phase.PROVE, _write, _written),
        Step("count the loss", "compare rows with those at the last refresh", Phase.PROVE, _loss),
    )


def give_back(scene: Scene) -> tuple[Step, ...]:
    """Home again, proven and tidied."""
    phase, place = Phase.TIDY, scene.place
    return (
        Step(
            "fail back",
            f"refresh {place.account}, promote it, lead the clients home",
            phase,
            _come_home,
            _came_home,
        ),
        Step("resume schedule", "resume the scheduled refreshes", phase, _resume_schedule),
        Step(
            "prove",
            "compare rows, grants and what runs with before; what BI saw",
            Phase.PROVE,
            _prove,
        ),
        Step("tidy", "drop the drill's own table, and refresh once more", phase, _drop_beat),
    )


def _watched(scene: Scene) -> None:
    """Have BI read through the connection from now on."""
    place, poll = scene.place, scene.tools.poll
    assert poll is not None
    ask = table.statement(
        "SELECT CURRENT_ACCOUNT_NAME() AS ACCOUNT, COUNT(*) AS N FROM", identifier(*place.path)
    )

    def once() -> str:
        row = poll(second.client_name(scene), place.reader, place.reading_warehouse, ask)[0]
        if int(row["n"]) != scene.notes["fingerprint"]["rows"]:
            raise DrillFailedError(f"{row['n']} rows from {row['account']}")
        return str(row["account"])

    reading.begin(scene.folder, once)


def _note(scene: Scene) -> Facts:
    return {
        **mart.note(scene, scene.place.path),
        "states": second.states(scene, second.home(scene)),
    }


def _write_kept(scene: Scene) -> Facts:
    ask = second.home(scene)
    heartbeat.make(scene, ask)
    return heartbeat.insert(scene, ask, KEPT)


def _kept(scene: Scene) -> Facts | None:
    found = heartbeat.rows(scene, second.home(scene))
    return {KEPT: found[KEPT]} if KEPT in found else None


def _drop_beat(scene: Scene) -> Facts:
    """Gone in both accounts: dropped in the first, and refreshed away in the second."""
    home, there = second.home(scene), second.there(scene)
    home(f"DROP TABLE IF EXISTS {identifier(*heartbeat.path(scene))}")
    if find(there, "TABLE", heartbeat.path(scene)) is not None:
        second.refresh(scene, there, lambda: find(there, "TABLE", heartbeat.path(scene)) is None)
    reading.end(scene.folder)
    return {}


def _refresh(scene: Scene) -> Facts:
    _watched(scene)
    second.refresh(scene, second.there(scene), lambda: _refreshed(scene) is not None)
    _same_there(scene)
    return {"said": "the mart is the same there"}


def _same_there(scene: Scene) -> None:
    """Raise DrillFailedError where the second account has other rows than were noted."""
    place, then = scene.place, scene.notes["fingerprint"]
    ask = scene.login(role=scene.notes["owner"], warehouse=place.warehouse, account=place.second)
    now = table.fingerprint(ask, place.path)
    if now != then:
        raise DrillFailedError(
            f"{place.second} has other rows of the mart than {place.account} at the last refresh: "
            f"{now['rows']:,} there, {then['rows']:,} here"
        )


def _refreshed(scene: Scene) -> Facts | None:
    return {} if KEPT in heartbeat.rows(scene, second.there(scene)) else None


def _suspend(scene: Scene) -> Facts:
    second.schedule(scene, second.there(scene), "SUSPEND", second.SUSPENDED)
    return {}


def _resume_schedule(scene: Scene) -> Facts:
    second.schedule(scene, second.there(scene), "RESUME", "STARTED")
    return {}


def _write_late(scene: Scene) -> Facts:
    _watched(scene)
    return heartbeat.insert(scene, second.home(scene), LATE)


def _late(scene: Scene) -> Facts | None:
    found = heartbeat.rows(scene, second.home(scene))
    return {LATE: found[LATE]} if LATE in found else None


def _promote(scene: Scene) -> Facts:
    _watched(scene)
    second.promote(scene, second.there(scene), scene.place.second)
    return {}


def _promoted(scene: Scene) -> Facts | None:
    return {} if second.leads(scene, second.there(scene), scene.place.second) else None


def _move(scene: Scene) -> Facts:
    _watched(scene)
    second.move_clients(scene, second.there(scene), scene.place.second)
    return {}


def _moved(scene: Scene) -> Facts | None:
    return {} if second.clients_at(scene, second.there(scene), scene.place.second) else None


def _resume(scene: Scene) -> Facts:
    _watched(scene)
    differing = second.run_again(scene, second.there(scene))
    known = scene.notes.get("lessons") or []
    running = sum(
        state in (second.STARTED, second.RUNNING) for state in scene.notes["states"].values()
    )
    return {
        "lessons": [*known, *(f"over there {words}" for words in differing)],
        "said": f"{running - len(differing)} of {running} run",
    }


def _smoke(scene: Scene) -> Facts:
    place, poll = scene.place, scene.tools.poll
    assert poll is not None
    login = second.client_name(scene), place.reader, place.reading_warehouse
    who = str(poll(*login, "SELECT CURRENT_ACCOUNT_NAME() AS ACCOUNT")[0]["account"])
    if who != second.bare(place.second):
        raise DrillFailedError(f"{second.client_name(scene)} still leads to {who}")
    seen = table.smoke(lambda text: poll(*login, text), place.path)
    if seen != scene.notes["smoke_before"]:
        raise DrillFailedError(f"expected {scene.notes['smoke_before']}, got {seen}")
    return {"smoke_after": seen, "said": f"the rows of before, from {who}"}


def _write(scene: Scene) -> Facts:
    _watched(scene)
    words = refusal(lambda: second.home(scene)(heartbeat.touch(scene)))
    if words is None:
        raise DrillFailedError(f"{scene.place.account} still takes writes")
    return {
        **heartbeat.insert(scene, second.there(scene), ABROAD),
        "refusal": words,
        "said": f"{scene.place.account} refuses: {words[:80]}",
    }


def _written(scene: Scene) -> Facts | None:
    """There, and refused at home: both are asked again by a later process."""
    if ABROAD not in heartbeat.rows(scene, second.there(scene)):
        return None
    words = refusal(lambda: second.home(scene)(heartbeat.touch(scene)))
    return {"refusal": words} if words is not None else None


def _loss(scene: Scene) -> Facts:
    found = heartbeat.rows(scene, second.there(scene))
    if KEPT not in found or LATE in found:
        raise DrillFailedError(f"expected the row {KEPT} and not {LATE}, got {sorted(found)}")
    _same_there(scene)
    return {
        "rpo_seconds": round(heartbeat.between(scene).total_seconds(), 3),
        "rpo_basis": "the newest row that was lost is so much younger than the newest that was "
        "kept; of rows up to the last refresh none is lost",
        "said": "nothing up to the last refresh",
    }


def _come_home(scene: Scene) -> Facts:
    """Also the way back, from wherever the promotion stopped."""
    home, place = second.home(scene), scene.place
    if scene.notes.get("fingerprint") and not second.leads(scene, home, place.account):
        _watched(scene)
    if not second.leads(scene, home, place.account):
        abroad = heartbeat.rows(scene, second.there(scene))
        second.refresh(scene, home, lambda: set(heartbeat.rows(scene, home)) == set(abroad))
        second.promote(scene, home, place.account)
    second.move_clients(scene, home, place.account)
    return {"at_home": second.run_again(scene, home)}


def _came_home(scene: Scene) -> Facts | None:
    ask, place = second.home(scene), scene.place
    there = second.leads(scene, ask, place.account) and second.clients_at(scene, ask, place.account)
    return {"at_home": second.run_again(scene, ask)} if there else None


def _prove(scene: Scene) -> Facts:
    reading.end(scene.folder)
    found = set(heartbeat.rows(scene, second.home(scene)))
    wrong = [] if found == {KEPT, ABROAD} else [f"the drill's rows are {sorted(found)}"]
    if wrong := [*wrong, *differences(scene)]:
        raise DrillFailedError("not as it was before: " + "; ".join(wrong))
    seen = reading.summary(scene.folder)
    if set(seen["answered_by"]) != {
        second.bare(a) for a in (scene.place.account, scene.place.second)
    }:
        raise DrillFailedError(f"BI was not answered by both accounts: {seen['answered_by']}")
    return {
        "measured": _measured(seen),
        "said": f"BI: {seen['answered']} of {seen['asked']} reads answered, longest gap "
        f"{seen['longest_gap_seconds']:.2f} s; what was written there is here",
    }


def _measured(seen: dict[str, Any]) -> dict[str, Any]:
    by = ", ".join(f"{name} {number}" for name, number in seen["answered_by"].items())
    errors = "; ".join(f"{number} x {words}" for words, number in seen["errors"].items())
    return {
        "reads of BI through the connection": f"{seen['answered']} of {seen['asked']} answered",
        "longest time without an answer (seconds)": seen["longest_gap_seconds"],
        "answered by": by,
        "refused reads": errors or "none",
    }


def differences(scene: Scene) -> list[str]:
    """What is not as it was before."""
    ask, place = second.home(scene), scene.place
    found = mart.differences(scene, place.path)
    if not second.leads(scene, ask, place.account):
        found.append(f"{place.account} is not primary")
    if not second.clients_at(scene, ask, place.account):
        found.append(f"{second.client_name(scene)} does not lead to {place.account}")
    now = second.states(scene, ask)
    changed = [name for name, state in scene.notes["states"].items() if now.get(name) != state]
    return found + [f"{name} is {now.get(name, 'missing')}" for name in changed]


DRILL: Final = Drill(
    name="failover",
    title="the first account is lost; the second takes over, is proven, and gives back",
    needs=("a second account with failover groups and a client connection (leap up --with-dr)",),
    touches=(
        "which account is primary, where clients log in, what runs by itself",
        "one table of the drill's own, for minutes",
    ),
    steps=steps,
    problems=readiness.problems,
    differences=differences,
    stops_production=True,
)
