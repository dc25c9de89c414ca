"""What a failover stands on: two accounts as the facts say, and a connection between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ops.drill import mart, second
from ops.drill.second import client_name
from ops.drill.step import Problem, Scene
from ops.restore.account import RefusedError, find

DECLARE: Final = (
    "Declare replication in environments/ and deploy: leap up --with-dr (docs/continuity.md)"
)


def problems(scene: Scene) -> list[Problem]:
    """Both accounts stand as the facts say, and the second has been refreshed."""
    place = scene.place
    if not place.groups or not place.client or not place.second:
        words = f"{place.stack} has no second account with failover groups and a connection"
        return [Problem(words, DECLARE, bad_input=True)]
    found = mart.problems(scene)
    if (stranger := _stranger(scene)) is not None:
        return [*found, stranger]
    home, there = second.home(scene), second.there(scene)
    found += [problem for name in place.groups for problem in _of_a_group(scene, name)]
    for ask, account in ((home, place.account), (there, place.second)):
        if second.client(ask, place.client, account) is None:
            found.append(Problem(f"connection {place.client} is not in {account}", DECLARE))
    if not found and not second.clients_at(scene, home, place.account):
        remedy = f"Lead it there: ALTER CONNECTION {place.client} PRIMARY"
        found.append(Problem(f"{client_name(scene)} does not lead to {place.account}", remedy))
    return found


def _of_a_group(scene: Scene, name: str) -> Iterator[Problem]:
    """What is wrong with one failover group."""
    place, home, there = scene.place, second.home(scene), second.there(scene)
    if not second.is_primary(second.group(home, name, place.account)):
        remedy = f"Promote it there: ALTER FAILOVER GROUP {name} PRIMARY"
        yield Problem(f"{name} is not primary in {place.account}", remedy)
    copy = second.group(there, name, place.second)
    if copy is None:
        yield Problem(f"{name} is not in {place.second}", DECLARE)
        return
    if copy["secondary_state"] == second.SUSPENDED:
        words = f"the scheduled refreshes of {name} are suspended in {place.second}: it lags"
        yield Problem(words, f"Resume them there: ALTER FAILOVER GROUP {name} RESUME")
    if find(there, "DATABASE", (place.database,)) is None:
        remedy = f"Refresh it there: ALTER FAILOVER GROUP {name} REFRESH"
        yield Problem(f"{name} in {place.second} was never refreshed", remedy)


def _stranger(scene: Scene) -> Problem | None:
    """Whether the second account is not to be had, or another one answers to its name."""
    place = scene.place
    remedy = "Put the second account's name right (docs/continuity.md)"
    try:
        who = second.there(scene)("SELECT CURRENT_ACCOUNT_NAME() AS ACCOUNT")[0]["account"]
    except RefusedError as error:
        words = " ".join(str(error).split())
        return Problem(f"nobody gets into {place.second}: {words}", f"{remedy}, or the login there")
    if who != second.bare(place.second):
        return Problem(f"{place.second} is answered by {who}", remedy, bad_input=True)
    return None
