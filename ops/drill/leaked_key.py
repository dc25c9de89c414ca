"""The private key of a service user in the wrong hands: rotated, refused, and its traces found.

The exchange is that of `leap keys rotate`: a second key, deployed; the programs' own file switched
when a login with it was seen to work; the first one gone with the next deployment. There is no way
back to a key that leaked: taken back after the switch, the exchange is finished instead.

https://docs.snowflake.com/en/user-guide/key-pair-auth#configuring-key-pair-rotation
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ingestion.quoting import identifier
from ops import private_file
from ops.drill import mart, table, traces
from ops.drill.journal import Facts
from ops.drill.step import Drill, DrillFailedError, Phase, Problem, Scene, Step
from ops.drill.tools import Engine, Keys

USER: Final = "REPORTER_SVC"
"""It can only read: the least harm, if the drill itself goes wrong."""
SLOTS: Final = ("RSA_PUBLIC_KEY_FP", "RSA_PUBLIC_KEY_2_FP")
OPEN_SESSIONS: Final = (
    "a session that the thief has open outlives the key: ABORT ALL QUERIES ends what it runs, "
    "and SYSTEM$ABORT_SESSION the session"
)
LATE: Final = "ACCOUNT_USAGE views are up to three hours late: look again then"


def _steps(scene: Scene) -> tuple[Step, ...]:
    return (*_theft(_user(scene)), *_exchange(), *_search(_user(scene)))


def _theft(user: str) -> tuple[Step, ...]:
    note = f"note the keys of {user}, and copy the one that leaks"
    leak = f"log in as a thief with the key of {user}, and read the mart"
    return (
        Step("note", note, Phase.PREPARE, _note, back=_forget_copy),
        Step("leak", leak, Phase.HARM, _leak, _leaked, outage=True),
    )


def _exchange() -> tuple[Step, ...]:
    phase = Phase.RECOVER
    pair, both = "make a second key pair (leap keys rotate)", "deploy it: both keys are valid"
    switch = "log in with the new key, and make it the current one"
    refused = "log in with the leaked key, which must be refused"
    return (
        Step("new pair", pair, phase, _rotate, _paired, _withdraw),
        Step("deploy both", both, phase, _deploy, _both),
        Step("switch", switch, phase, _rotate, _switched, _finish),
        Step("retire", "deploy without the leaked key", phase, _deploy, _retired),
        Step("refused", refused, phase, _refused, restores=True),
    )


def _search(user: str) -> tuple[Step, ...]:
    trace = "find what the key touched, in login, query and access history"
    return (
        Step("cut off", f"abort all queries of {user}", Phase.RECOVER, _cut_off),
        Step("trace", trace, Phase.PROVE, _trace),
        Step("tidy", "delete the copy of the leaked key", Phase.TIDY, _forget_copy),
    )


def _user(scene: Scene) -> str:
    return scene.place.prefix + USER


def _keys(scene: Scene) -> Keys:
    assert scene.tools.keys is not None
    return scene.tools.keys


def _engine(scene: Scene) -> Engine:
    assert scene.tools.engine is not None
    return scene.tools.engine


def _copy(scene: Scene) -> Path:
    return scene.folder / "leaked.p8"


def _slots(scene: Scene) -> list[str]:
    """The fingerprints that the account takes."""
    rows = scene.ask(f"DESCRIBE USER {identifier(_user(scene))}")
    found = {str(row["property"]): str(row["value"] or "") for row in rows}
    return [found[slot] for slot in SLOTS if found.get(slot) not in (None, "", "null")]


def _note(scene: Scene) -> Facts:
    keys, copy = _keys(scene), _copy(scene)
    if not copy.exists():
        private_file.write(copy, keys.current(USER).read_bytes())
    now = str(scene.ask("SELECT CURRENT_TIMESTAMP()::VARCHAR AS NOW")[0]["now"])
    return {"leaked": keys.fingerprint(copy), "since": now, "said": f"as of {now[:19]}"}


def _forget_copy(scene: Scene) -> Facts:
    _copy(scene).unlink(missing_ok=True)
    return {}


def _mark(scene: Scene) -> str:
    return f"/* the thief of {scene.stamp} */"


def _leak(scene: Scene) -> Facts:
    count = table.statement(f"SELECT {_mark(scene)} COUNT(*) FROM", identifier(*scene.place.path))
    if (refused := _keys(scene).enter(USER, _copy(scene), count)) is not None:
        raise DrillFailedError(f"{_user(scene)} cannot log in with its own key: {refused}")
    return {"said": "the thief is in"}


def _leaked(scene: Scene) -> Facts | None:
    return {"said": "the thief was in"} if _thefts(scene) else None


def _thefts(scene: Scene) -> list[Any]:
    """What the thief's own statement left in the history."""
    return [row for row in _statements(scene) if _mark(scene) in str(row["query_text"])]


def _rotate(scene: Scene) -> Facts:
    return {"said": _keys(scene).rotate(USER)}


def _paired(scene: Scene) -> Facts | None:
    keys = _keys(scene)
    there = keys.waiting(USER).exists() and keys.fingerprint(keys.waiting(USER)) in keys.public(
        USER
    )
    return {} if there or _switched(scene) is not None else None


def _deploy(scene: Scene) -> Facts:
    return {"said": _engine(scene).deploy()}


def _both(scene: Scene) -> Facts | None:
    """Whether the account takes every key that is declared, two or one."""
    return {} if set(_keys(scene).public(USER)) <= set(_slots(scene)) else None


def _switched(scene: Scene) -> Facts | None:
    keys = _keys(scene)
    return {} if keys.fingerprint(keys.current(USER)) != scene.notes["leaked"] else None


def _retired(scene: Scene) -> Facts | None:
    return {} if scene.notes["leaked"] not in _slots(scene) else None


def _refused(scene: Scene) -> Facts:
    keys = _keys(scene)
    words = keys.enter(USER, _copy(scene), "SELECT 1")
    if words is None:
        raise DrillFailedError("the leaked key still logs in")
    if (refused := keys.enter(USER, keys.current(USER), "SELECT 1")) is not None:
        raise DrillFailedError(f"the new key does not log in: {refused}")
    return {"said": f"refused: {words[:90]}", "refusal": words}


def _cut_off(scene: Scene) -> Facts:
    scene.ask(f"ALTER USER {identifier(_user(scene))} ABORT ALL QUERIES")
    return {}


def _statements(scene: Scene) -> list[Any]:
    since = str(scene.notes["since"])
    return traces.statements(scene.ask, scene.place.database, _user(scene), since)


def _trace(scene: Scene) -> Facts:
    if not _thefts(scene):
        raise DrillFailedError("the query history does not have what the thief read")
    since = str(scene.notes["since"])
    found, told = traces.of(scene.ask, scene.place.database, _user(scene), since)
    logins = sum(1 for row in found if row["kind"] == "login")
    return {
        "found": found,
        "lessons": [OPEN_SESSIONS, *([] if scene.place.on_sandbox else [LATE]), *told],
        "rpo_seconds": 0.0,
        "rpo_basis": "no data is taken back; what the key wrote would be in the traces",
        "said": f"{logins} logins, {len(found) - logins} statements and objects",
    }


def _withdraw(scene: Scene) -> Facts:
    """Back to the one key, where the new one was never used; else `switch` has finished it."""
    if _switched(scene) is not None:
        return {"said": "there is no way back to a leaked key: the exchange is finished"}
    _keys(scene).withdraw(USER)
    return _settle(scene)


def _finish(scene: Scene) -> Facts:
    """After the switch only forward: the leaked key is retired."""
    return _settle(scene) if _switched(scene) is not None else {}


def _settle(scene: Scene) -> Facts:
    """Have the account take the keys that are declared, and no other."""
    if set(_slots(scene)) == set(_keys(scene).public(USER)):
        return {"said": "the account has the declared key"}
    return _deploy(scene)


def _differences(scene: Scene) -> list[str]:
    keys = _keys(scene)
    current = keys.fingerprint(keys.current(USER))
    found = [] if _slots(scene) == [current] else [f"the keys of {_user(scene)}"]
    return found + (["a second key waits"] if keys.waiting(USER).exists() else [])


def _problems(scene: Scene) -> list[Problem]:
    keys, found = _keys(scene), mart.problems(scene)
    rotate = f"leap keys rotate {USER} --stack {scene.place.stack}"
    if not keys.current(USER).exists():
        return [
            *found,
            Problem(
                f"the private key of {USER} is not on this machine",
                f"Run it where that key is: {keys.current(USER)}",
            ),
        ]
    if keys.waiting(USER).exists() or len(keys.public(USER)) != 1:
        found.append(Problem(f"an exchange of {USER}'s key is under way", f"Finish it: {rotate}"))
    if pending := _engine(scene).pending():
        found.append(
            Problem(
                f"the drill deploys, and other changes wait: {pending}",
                f"Deploy them first: leap apply --stack {scene.place.stack}",
            )
        )
    elif list(keys.public(USER)) != _slots(scene):
        found.append(
            Problem(
                f"the account does not have the declared key of {USER}",
                f"Deploy it: leap apply --stack {scene.place.stack}",
            )
        )
    return found


DRILL: Final = Drill(
    name="leaked-key",
    title="the private key of a service user leaks; it is exchanged, refused, and traced",
    needs=("the engine, the stack deployed", f"the private key of {USER} on this machine"),
    touches=(f"the key pair of {USER}, for good: it has a new one at the end",),
    steps=_steps,
    problems=_problems,
    differences=_differences,
    stops_production=True,
)
