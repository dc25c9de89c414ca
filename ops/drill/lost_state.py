"""The Pulumi state is gone: rebuilt from program and account, and shown to be the one that was.

Nothing in the account is broken, and BI reads on throughout; what is down is every deployment,
since one would make all of it anew. The state is moved away, with its history, never deleted. On a
real account an empty state beside the stack's own stands for the loss, unless the account is named.

https://www.pulumi.com/docs/iac/concepts/state-and-backends/
"""

from __future__ import annotations

import re
from typing import Final

from ops.drill import mart, second, table, untouched
from ops.drill.journal import Facts
from ops.drill.states import States
from ops.drill.step import Ask, Drill, DrillFailedError, Phase, Problem, Scene, Step

RTO: Final = "from the loss to a preview that is quiet with everything asked of the clouds"
RPO: Final = (
    "no data is in a state; what only the old one knew is the ids that the engine draws for its "
    "plugins, and when each update was: secret values are in the stack's file and on this machine, "
    "and were set again"
)
SHOWN: Final = 120
NOTE: Final = "--terraform_provider_usage_tracking"
"""Begins the plugin's own note behind each of its statements."""
QUOTED: Final = re.compile(r"'(?:[^'\\]|''|\\.)*'")


def _steps(scene: Scene) -> tuple[Step, ...]:
    beside = scene.place.practice
    lose = "move the state away, with its history and what is remembered of it"
    away = "begin an empty state beside the stack's own, which is left alone" if beside else lose
    return (
        Step("note", "copy the state; note when each object was made", Phase.PREPARE, _note),
        Step("lose", away, Phase.HARM, _lose, _lost, _restore, outage=True),
        Step("notice", "plan: everything would be made anew", Phase.NOTICE, _notice),
        *_recovery(beside=beside),
        mart.smoked(scene.place.path, Phase.PROVE, restores=False),
        Step(
            "prove", "compare both states, and ask the account what was done", Phase.PROVE, _prove
        ),
        Step("tidy", "join the histories", Phase.TIDY, _tidy),
    )


def _recovery(*, beside: bool) -> tuple[Step, ...]:
    rebuild = "plan on nothing, tell each id from its inputs, and read each object under it"
    write = "keep it beside the stack's own" if beside else "make it the stack's state"
    settle = "deploy: only what no cloud tells is set again"
    quiet = "preview with everything asked of the clouds: no change"
    phase = Phase.RECOVER
    return (
        Step("rebuild", rebuild, phase, _rebuild, _rebuilt),
        Step("write", write, phase, _write),
        Step("settle", settle, phase, _settle),
        Step("quiet", quiet, phase, _quiet, restores=True),
    )


def _states(scene: Scene) -> States:
    assert scene.tools.states is not None
    return scene.tools.states


def _note(scene: Scene) -> Facts:
    now = str(scene.ask("SELECT CURRENT_TIMESTAMP()::VARCHAR AS NOW")[0]["now"])
    kept = _states(scene).copy(scene.folder, practice=scene.place.practice)
    path = scene.place.path
    return {
        "since": now,
        "smoke_query": table.smoke_query(path),
        "smoke_before": table.smoke(scene.read, path),
        **kept,
    }


def _lose(scene: Scene) -> Facts:
    if scene.place.practice:
        return {"said": "nothing was moved"}
    _states(scene).lose(scene.folder, scene.stamp)
    return {"said": "moved"}


def _lost(scene: Scene) -> Facts | None:
    lost = scene.place.practice or _states(scene).is_lost(scene.folder, scene.stamp)
    return {} if lost else None


def _restore(scene: Scene) -> Facts:
    if scene.place.practice:
        return {"said": "the stack's own state was never touched"}
    return {"said": _states(scene).restore(scene.folder, scene.stamp)}


def _notice(scene: Scene) -> Facts:
    wanted = _states(scene).missing(scene.folder, practice=scene.place.practice)
    if wanted < int(scene.notes["resources"]):
        raise DrillFailedError(
            f"a plan would make {wanted} resources of {scene.notes['resources']}: the state is "
            "not lost"
        )
    seen = table.smoke(scene.read, scene.place.path)
    return {"smoke_during": seen, "said": f"{wanted} to create; BI reads on"}


def _rebuild(scene: Scene) -> Facts:
    return _whole(_states(scene).rebuild(scene.folder))


def _rebuilt(scene: Scene) -> Facts | None:
    found = _states(scene).rebuilt(scene.folder)
    return _whole(found) if found is not None else None


def _whole(found: Facts) -> Facts:
    """A rehearsal knows that everything stands: what was not found is a failure."""
    if lacking := [*found["absent"], *found["waiting"]]:
        raise DrillFailedError(f"not found in any cloud: {', '.join(lacking)}")
    return found


def _write(scene: Scene) -> Facts:
    if not scene.place.practice:
        _states(scene).write(scene.folder)
    return {}


def _settle(scene: Scene) -> Facts:
    return _states(scene).settle(scene.folder, practice=scene.place.practice)


def _quiet(scene: Scene) -> Facts:
    said = _states(scene).quiet(scene.folder, practice=scene.place.practice)
    return {"rto_basis": RTO, "said": said}


def _prove(scene: Scene) -> Facts:
    proof = _states(scene).proof(scene.folder, practice=scene.place.practice)
    done = [untouched.since(ask, *_asked(scene)) for ask in _accounts(scene)]
    wrong = [*proof["differences"], *(_plain(text) for one in done for text in one.changed)]
    if wrong:
        raise DrillFailedError("not as it was before: " + "; ".join(wrong[:5]))
    set_ = [text for one in done for text in one.set_]
    lessons = [*_told(scene), *([] if all(one.whole for one in done) else [NOT_WHOLE])]
    return {
        "found": [{"statement": _plain(text)} for text in set_],
        "measured": {
            "resources": scene.notes["resources"],
            "declared in the same words": proof["alike"],
            "objects made when they were before": proof["objects"],
            "rounds of plan and read": scene.notes["rounds"],
            "updated": ", ".join(scene.notes["updated"]),
            "statements that looked": sum(one.asked for one in done),
            "statements that set a property": len(set_),
            "statements that made, removed or granted": 0,
        },
        "lessons": lessons,
        "rpo_seconds": 0.0,
        "rpo_basis": RPO,
        "said": f"{scene.notes['resources']} resources under the ids of before, none made anew",
    }


NOT_WHOLE: Final = "the account's history was too long to be seen whole"


def _asked(scene: Scene) -> tuple[str, str, str]:
    return scene.place.database, scene.place.stack, str(scene.notes["since"])


def _accounts(scene: Scene) -> list[Ask]:
    """The stack's account, and the one that can take over."""
    home = second.home(scene)
    return [home, second.there(scene)] if scene.place.second else [home]


def _told(scene: Scene) -> list[str]:
    """What no cloud answers, resource by resource."""
    again, believed = scene.notes["set_again"], scene.notes["believed"]
    return [
        *([f"no cloud tells these, and they were set again: {', '.join(again)}"] if again else []),
        *(
            [f"no cloud tells these, and they are believed: {', '.join(believed)}"]
            if believed
            else []
        ),
    ]


def _plain(text: str) -> str:
    """A statement without its constants, which may be secrets."""
    words = " ".join(QUOTED.sub("'…'", text).partition(NOTE)[0].split())
    return words if len(words) <= SHOWN else f"{words[:SHOWN]}…"


def _tidy(scene: Scene) -> Facts:
    if not scene.place.practice:
        _states(scene).end(scene.folder, scene.stamp)
    return {"said": "the old state stays in the drill's folder"}


def _differences(scene: Scene) -> list[str]:
    if scene.place.practice:
        return []
    return list(_states(scene).unlike(scene.folder, scene.stamp))


def _problems(scene: Scene) -> list[Problem]:
    place = scene.place
    return [*mart.problems(scene), *_states(scene).problems(practice=place.practice)]


DRILL: Final = Drill(
    name="lost-state",
    title="the Pulumi state is gone; it is rebuilt from the account, and nothing changes",
    needs=("the engine, the stack deployed, nothing pending", "the mart with rows"),
    touches=(
        "the state, which is moved away and comes back rebuilt; what no cloud tells, such as "
        "passwords, is set again to what it is",
    ),
    steps=_steps,
    problems=_problems,
    differences=_differences,
    practises=True,
)
