"""Where a drill happens, by the facts of a stack and the account's own word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from cli.transforming import MART
from ops.drill.step import Ask, Place

if TYPE_CHECKING:
    from infra.settings import Settings

READER: Final = "REPORTER"
READING: Final = "BI_WH"
WORKING: Final = "TRANSFORMING_WH"
MARTS: Final = "MARTS"
IDENTITY: Final = "SELECT CURRENT_ORGANIZATION_NAME() || '-' || CURRENT_ACCOUNT_NAME() AS account"


def place_of(settings: Settings, question: Ask, *, practice: bool) -> Place:
    """Where the stack's mart and its reader are."""
    naming, environment = settings.environment.naming, settings.environment
    return Place(
        stack=settings.stack.name,
        target=str(settings.config.target),
        account=str(question(IDENTITY)[0]["account"]),
        database=naming.account(environment.database.name),
        schema=MARTS,
        table=MART,
        reader=naming.account(READER),
        reading_warehouse=naming.account(READING),
        warehouse=naming.account(WORKING),
        prefix=environment.prefix,
        practice=practice,
        **_second(settings),
    )


def _second(settings: Settings) -> dict[str, Any]:
    """The account that can take over, where the facts have one."""
    from infra.settings import destination

    replication = settings.environment.replication
    second = destination(settings).second if replication is not None else None
    if replication is None or second is None:
        return {}
    naming, client = settings.environment.naming, replication.connection
    return {
        "second": f"{second.snowflake.organization_name}-{second.snowflake.account_name}",
        "groups": tuple(naming.account(name) for name in replication.groups),
        "client": naming.account(client.name) if client is not None else "",
        "landing": _zones(settings) if replication.landing else (),
    }


def _zones(settings: Settings) -> tuple[str, ...]:
    """Address and integration of both landing zones."""
    from infra.model.landing_names import landing_names
    from infra.model.naming import DR
    from infra.settings import destination

    place, environment = destination(settings), settings.environment
    targets = [(place.aws, ""), *([(place.second.aws, DR)] if place.second is not None else [])]
    names = [
        landing_names(environment.landing, environment.naming, aws.account_id, aws.region, twin)
        for aws, twin in targets
    ]
    return tuple(text for one in names for text in (one.url, one.storage_integration))


def kept_place(opened: Mapping[str, Any]) -> Place:
    """A place from the journal, where a tuple is a list."""
    given = dict(opened["place"])
    lists = {name: tuple(given.get(name) or ()) for name in ("groups", "landing")}
    return Place(**{**given, **lists})
