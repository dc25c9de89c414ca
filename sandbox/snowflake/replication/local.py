"""What of a replicated object is this account's own: its state, its queue, its logins.

A replicated warehouse begins suspended and may be resumed; a pipe has a queue of its own account; a
user's logins are counted where they happen.
https://docs.snowflake.com/en/user-guide/account-replication-considerations
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.kinds import integration

if TYPE_CHECKING:
    from sandbox.snowflake.account import Account

_EXTERNAL_ID: Final = "STORAGE_AWS_EXTERNAL_ID"
_IAM_USER: Final = "STORAGE_AWS_IAM_USER_ARN"
_OWN: Final = {
    "WAREHOUSE": ("STATE", "RESUMED_ON", "RUN"),
    "USER": ("LAST_SUCCESS_LOGIN", "FAILED_LOGINS"),
}


def arrive(account: Account, record: Record) -> None:
    """A copy has just been made."""
    if record.kind == "WAREHOUSE":
        record.properties["STATE"] = "SUSPENDED"


def kept(
    account: Account, record: Record, before: dict[str, Any], given: dict[str, Any]
) -> dict[str, Any]:
    """The primary's properties with those that stay this account's."""
    for name in _OWN.get(record.kind, ()):
        given.pop(name, None)
        if name in before:
            given[name] = before[name]
    if record.kind == "STORAGE INTEGRATION" and given.get(_IAM_USER):
        made = before.get(_EXTERNAL_ID) or integration.external_id(account.identity, record)
        given[_EXTERNAL_ID] = given[_EXTERNAL_ID] or made
        given[_IAM_USER] = integration.iam_user(account.identity)
    if record.kind == "PIPE" and given.get("AUTO_INGEST") and not given.get("AWS_SNS_TOPIC"):
        given["CHANNEL"] = before.get("CHANNEL") or _channel(account, record, given)
    return given


def forget_generated(account: Account, record: Record) -> None:
    """An external id that Snowflake made is this account's; one that was given goes along."""
    made = integration.generated_start(account.identity)
    if str(record.properties.get(_EXTERNAL_ID) or "").startswith(made):
        record.properties[_EXTERNAL_ID] = None


def _channel(account: Account, record: Record, given: dict[str, Any]) -> str | None:
    stage = account.store.find("STAGE", (record.path[0], *given["STAGE"][1:]))
    url = stage.properties.get("URL") if stage is not None else None
    return account.channel_for(str(url)) if url else None


def leave(account: Account, record: Record) -> None:
    """A copy, or what stood in its way, is about to go."""
    hook = _LEAVING.get(record.kind)
    if hook is not None:
        hook(account, record)


def _end_sessions(account: Account, user: Record) -> None:
    for session in account.sessions.all():
        if session.user_id == user.id:
            account.log_out(session.token)


def _bequeath(account: Account, role: Record) -> None:
    admin = account.access.role_id("ACCOUNTADMIN")
    for owned in account.store.owned_by(role.id):
        owned.owner = admin
        account.store.save(owned)


def _turn_out(account: Account, database: Record) -> None:
    for session in account.sessions.all():
        if session.database == database.name:
            session.database = session.schema = None


def _empty(account: Account, stage: Record) -> None:
    if not stage.properties.get("URL"):
        account.files.drop(stage)


def _forget(account: Account, warehouse: Record) -> None:
    account.warehouses.forget(warehouse)


_LEAVING: Final[Mapping[str, Callable[[Account, Record], None]]] = {
    "DATABASE": _turn_out,
    "ROLE": _bequeath,
    "STAGE": _empty,
    "USER": _end_sessions,
    "WAREHOUSE": _forget,
}
