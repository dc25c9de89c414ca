"""The first region fails with its buckets and queues: the second lands files as well.

It is the failover, and from its promotion on the stages, pipes and events of the second region's
landing zone take over: a file that is put there becomes a row in the promoted account. On the way
home all of that is moved back first, so that the first account gets its own stages again.
"""

from __future__ import annotations

from typing import Final

from ops.drill import failover, second, second_landing
from ops.drill.journal import Facts
from ops.drill.step import Drill, DrillFailedError, Phase, Problem, Scene, Step

LAND_THERE: Final = "Give replication a landing zone (landing: true) and deploy: docs/continuity.md"


def _steps(scene: Scene) -> tuple[Step, ...]:
    taken = failover.take_over(scene)
    at = next(n for n, step in enumerate(taken) if step.name == "smoke") + 1
    zone = "note the events of the second region's bucket"
    return (
        *failover.prepare(scene)[:1],
        Step("note the zone", zone, Phase.PREPARE, _note),
        *failover.prepare(scene)[1:],
        *taken[:at],
        *_land(scene),
        *taken[at:],
        Step(
            "leave the zone",
            "move stages and pipes back to the first region's bucket",
            Phase.TIDY,
            _leave,
            _left,
        ),
        *failover.give_back(scene),
    )


def _land(scene: Scene) -> tuple[Step, ...]:
    _, zone = second_landing.zones(scene)
    phase = Phase.RECOVER
    return (
        Step("stages", f"point the stages to {zone.bucket}", phase, _stages, _moved, _leave),
        Step("pipes", "make the pipes anew, with queues of that account", phase, _pipes),
        Step(
            "events",
            f"lead the events of {zone.bucket} to the pipes",
            phase,
            _events,
            back=_events_back,
        ),
        Step(
            "land",
            "put a file into that bucket, and wait for its row",
            phase,
            _put,
            _landed,
            _take_out,
            restores=True,
        ),
    )


def _stages(scene: Scene) -> Facts:
    _, zone = second_landing.zones(scene)
    count = second_landing.move_stages(scene, second.there(scene), zone)
    second_landing.look_into(scene, second.there(scene))
    return {"said": f"{count} stages, which can be listed"}


def _moved(scene: Scene) -> Facts | None:
    _, zone = second_landing.zones(scene)
    return {} if second_landing.are_in(scene, second.there(scene), zone) else None


def _pipes(scene: Scene) -> Facts:
    return {"said": f"{second_landing.renew_pipes(scene, second.there(scene))} pipes"}


def _events(scene: Scene) -> Facts:
    _, zone = second_landing.zones(scene)
    there = second_landing.buckets(scene)
    before = scene.notes["events"]
    wanted = second_landing.events_for(scene, second.there(scene), before)
    there.set_events(zone.bucket, wanted)
    return {"said": f"{len(wanted['QueueConfigurations'])} destinations"}


def _events_back(scene: Scene) -> Facts:
    _, zone = second_landing.zones(scene)
    second_landing.buckets(scene).set_events(zone.bucket, scene.notes["events"])
    return {}


def _note(scene: Scene) -> Facts:
    _, zone = second_landing.zones(scene)
    return {"events": second_landing.buckets(scene).events(zone.bucket)}


def _put(scene: Scene) -> Facts:
    _, zone = second_landing.zones(scene)
    body = f'{{"leap_drill": "{scene.stamp}"}}\n'.encode()
    second_landing.buckets(scene).put(zone.bucket, second_landing.key(scene), body)
    second_landing.wait_for_row(scene, second.there(scene))
    return {"said": f"s3://{zone.bucket}/{second_landing.key(scene)} is a row"}


def _landed(scene: Scene) -> Facts | None:
    return {} if second_landing.rows(scene, second.there(scene)) else None


def _take_out(scene: Scene) -> Facts:
    """The drill's own file and its row."""
    _, zone = second_landing.zones(scene)
    second_landing.buckets(scene).remove(zone.bucket, second_landing.key(scene))
    if second.leads(scene, second.there(scene), scene.place.second):
        second_landing.delete_row(scene, second.there(scene))
    return {}


def _leave(scene: Scene) -> Facts:
    """Everything of the landing zone as it was; in an account that follows nothing is changed."""
    _events_back(scene)
    _take_out(scene)
    ask, (first, _) = second.there(scene), second_landing.zones(scene)
    if not second.leads(scene, ask, scene.place.second):
        return {"said": "the second account follows already"}
    second_landing.move_stages(scene, ask, first)
    return {"said": f"{second_landing.renew_pipes(scene, ask)} pipes of the first zone again"}


def _left(scene: Scene) -> Facts | None:
    """Only when the account follows again is it certain that the pipes were made anew."""
    return {} if not second.leads(scene, second.there(scene), scene.place.second) else None


def _differences(scene: Scene) -> list[str]:
    first, zone = second_landing.zones(scene)
    found = failover.differences(scene)
    home = second.home(scene)
    if not second_landing.are_in(scene, home, first):
        found.append(f"stages are not in {first.bucket}")
    if second_landing.rows(scene, home):
        found.append("the drill's own row is still in RAW")
    if second_landing.buckets(scene).events(zone.bucket) != scene.notes["events"]:
        found.append(f"the events of {zone.bucket}")
    return found


def _problems(scene: Scene) -> list[Problem]:
    found = failover.DRILL.problems(scene)
    if any(problem.bad_input for problem in found):
        return found
    if len(scene.place.landing) != 4:
        return [
            *found,
            Problem("there is no landing zone in the second region", LAND_THERE, bad_input=True),
        ]
    _, zone = second_landing.zones(scene)
    try:
        second_landing.buckets(scene).events(zone.bucket)
    except DrillFailedError as error:
        found.append(Problem(str(error), LAND_THERE))
    return found


DRILL: Final = Drill(
    name="lost-region",
    title="the first region is lost with its buckets and queues; the second lands files too",
    needs=(*failover.DRILL.needs, "a landing zone in the second region, and rights to its bucket"),
    touches=(
        *failover.DRILL.touches,
        "the events of the second region's bucket; stages and pipes, made anew",
    ),
    steps=_steps,
    problems=_problems,
    differences=_differences,
    stops_production=True,
)
