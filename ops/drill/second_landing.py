"""Files land in the second region: stages, pipes and bucket events moved there, and back again.

A pipe is made anew after its stage's address changed, as Snowflake wants it; what was granted on it
is granted again. The bucket's own configuration of events is kept, and put back as it was.

https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage#recreating-pipes
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from ingestion.quoting import identifier, literal
from ops.drill import second, table
from ops.drill.step import Ask, DrillFailedError, Scene, refusal
from ops.drill.tools import Buckets
from ops.restore.inventory import grants_on

FEED: Final = "gym_events"
"""Its rows are documents: one of the drill's own needs no columns."""
TABLE: Final = "GYM_EVENTS"
SCHEMA: Final = "RAW"
CREATED: Final = "s3:ObjectCreated:*"
PATIENCE_SECONDS: Final = 300.0
AGAIN_SECONDS: Final = 0.5


class Zone(NamedTuple):
    """A landing zone: the bucket's address, and the integration that reads it."""

    url: str
    integration: str

    @property
    def bucket(self) -> str:
        """Its name."""
        return self.url.removeprefix("s3://").strip("/")


def zones(scene: Scene) -> tuple[Zone, Zone]:
    """The first region's, and the second's."""
    first, first_reader, other, other_reader = scene.place.landing
    return Zone(first, first_reader), Zone(other, other_reader)


def buckets(scene: Scene) -> Buckets:
    """S3 in the second region."""
    assert scene.tools.buckets is not None
    return scene.tools.buckets


def stages(scene: Scene, ask: Ask) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Stages in one of the two zones: path and address."""
    database = scene.place.database
    for row in ask(f"SHOW STAGES IN DATABASE {identifier(database)}"):
        url = str(row["url"] or "")
        if any(url.startswith(zone.url) for zone in zones(scene)):
            yield (database, str(row["schema_name"]), str(row["name"])), url


def are_in(scene: Scene, ask: Ask, zone: Zone) -> bool:
    """Whether every stage of the landing zones is in one of them."""
    return all(url.startswith(zone.url) for _, url in stages(scene, ask))


def move_stages(scene: Scene, ask: Ask, to: Zone) -> int:
    """Point the stages of the other zone to this one; how many there are."""
    other = next(zone for zone in zones(scene) if zone != to)
    count = 0
    for path, url in stages(scene, ask):
        count += 1
        if url.startswith(other.url):
            address = literal(to.url + url.removeprefix(other.url))
            ask(
                f"ALTER STAGE {identifier(*path)} SET URL = {address} "
                f"STORAGE_INTEGRATION = {identifier(to.integration)}"
            )
    return count


def look_into(scene: Scene, ask: Ask) -> None:
    """List every stage: whether the account may read the bucket is seen at once.

    Raises:
        DrillFailedError: it may not, with its own words.
    """
    for path, url in stages(scene, ask):
        words = refusal(partial(ask, f"LIST @{identifier(*path)}"))
        if words is not None:
            raise DrillFailedError(f"{scene.place.second} cannot read {url}: {words}")


def pipes(scene: Scene, ask: Ask) -> list[Mapping[str, Any]]:
    """The pipes that read the landing zones by themselves."""
    rows = ask(f"SHOW PIPES IN DATABASE {identifier(scene.place.database)}")
    return [row for row in rows if row["notification_channel"]]


def renew_pipes(scene: Scene, ask: Ask) -> int:
    """Make each pipe anew as its owner, with what was granted on it; how many there are."""
    found = pipes(scene, ask)
    for row in found:
        path = (scene.place.database, str(row["schema_name"]), str(row["name"]))
        granted = grants_on(ask, "PIPE", path)
        as_owner = scene.login(
            role=str(row["owner"]), warehouse=scene.place.warehouse, account=scene.place.second
        )
        comment = f" COMMENT = {literal(str(row['comment']))}" if row["comment"] else ""
        as_owner(
            f"CREATE OR REPLACE PIPE {identifier(*path)} AUTO_INGEST = TRUE{comment} "
            f"AS {row['definition']}"
        )
        for one in granted:
            if one.privilege != "OWNERSHIP":
                as_owner(
                    f"GRANT {one.privilege} ON PIPE {identifier(*path)} "
                    f"TO ROLE {identifier(one.holder)}"
                )
    return len(found)


def events_for(scene: Scene, ask: Ask, before: Mapping[str, Any]) -> dict[str, Any]:
    """The bucket's events with each feed's files led to its pipe; removals stay where they went."""
    _, zone = zones(scene)
    places = dict(stages(scene, ask))
    kept = [
        one
        for one in before.get("QueueConfigurations", ())
        if not any("ObjectCreated" in event for event in one["Events"])
    ]
    led = [
        {
            "Id": str(row["name"]),
            "QueueArn": str(row["notification_channel"]),
            "Events": [CREATED],
            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
        }
        for row in pipes(scene, ask)
        if (prefix := _prefix(str(row["definition"]), places, zone))
    ]
    return {"QueueConfigurations": [*kept, *led]}


def _prefix(definition: str, places: Mapping[tuple[str, str, str], str], zone: Zone) -> str:
    """The folder that a pipe reads, by the stage in its COPY."""
    for path, url in places.items():
        if identifier(*path) in definition:
            return url.removeprefix(zone.url)
    return ""


def key(scene: Scene) -> str:
    """The drill's own file."""
    return f"{FEED}/leap-drill-{scene.stamp}.json"


def rows(scene: Scene, ask: Ask) -> int:
    """Its rows."""
    raw = identifier(scene.place.database, SCHEMA, TABLE)
    where = f'WHERE "_FILE_NAME" = {literal(key(scene))}'
    return int(ask(table.statement("SELECT COUNT(*) AS N FROM", raw, where))[0]["n"])


def wait_for_row(scene: Scene, ask: Ask) -> None:
    """Until the file is a row.

    Raises:
        DrillFailedError: it is not, after five minutes.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not rows(scene, ask):
        if time.monotonic() > deadline:
            states = second.states(scene, ask)
            stuck = {name: state for name, state in states.items() if name.startswith("PIPE")}
            raise DrillFailedError(f"no row of {key(scene)} in five minutes; pipes: {stuck}")
        time.sleep(AGAIN_SECONDS)


def delete_row(scene: Scene, ask: Ask) -> None:
    """Take the drill's row out again."""
    raw = identifier(scene.place.database, SCHEMA, TABLE)
    ask(table.statement("DELETE FROM", raw, f'WHERE "_FILE_NAME" = {literal(key(scene))}'))
