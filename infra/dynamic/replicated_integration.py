"""A storage integration as the second account has it: who reads there, and by which word.

A replicated integration has the user and the external id of its own account, known only once it
has arrived, and the IAM role has to trust them too. It is not made here: where it has not arrived
yet, the group is refreshed once.

https://docs.snowflake.com/en/user-guide/account-replication-stages-pipes-load-history
"""

import time
from typing import Any, Final, TypeAlias, TypedDict

import pulumi
from pulumi.dynamic import (
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    UpdateResult,
)

from infra.dynamic.account_session import MISSING, AccountProvider, AccountSession
from infra.model.sql import name, sql

Props: TypeAlias = dict[str, Any]
PATIENCE_SECONDS: Final = 240
_PAUSE_SECONDS: Final = 0.5
_UNDER_WAY: Final = "in progress"
_ANSWERS: Final = {
    "user_arn": "STORAGE_AWS_IAM_USER_ARN",
    "external_id": "STORAGE_AWS_EXTERNAL_ID",
}


class Replicated(TypedDict):
    """The inputs."""

    integration: str
    group: str
    """The failover group that carries it."""
    role: str


class NotArrivedError(Exception):
    """Refreshes went on for long, and the integration is still not there."""


class ReplicatedIntegrationProvider(AccountProvider):
    """Asks the second account."""

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """What is declared otherwise; what the account answers is no input."""
        changed = [key for key in Replicated.__annotations__ if _olds.get(key) != _news.get(key)]
        fixed = [key for key in changed if key != "role"]
        return DiffResult(changes=bool(changed), replaces=fixed)

    def create(self, props: Props) -> CreateResult:
        """Waits for the integration by a refresh of its group."""
        integration, group = str(props["integration"]), str(props["group"])
        with self._session(props) as session:
            answers = _described(session, integration)
            if answers is None:
                answers = _refreshed(session, integration, group)
        if answers is None:
            raise NotArrivedError(
                f"{integration}: {group} was refreshed for {PATIENCE_SECONDS} seconds, and the "
                "second account does not have it. A first refresh can take hours; run the "
                "same command again when SHOW FAILOVER GROUPS says that it is done."
            )
        return CreateResult(integration, _inputs(props) | answers)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Nothing of it can be changed from here."""
        return UpdateResult(_inputs(_news) | {key: _olds.get(key) for key in _ANSWERS})

    def read(self, id_: str, props: Props) -> ReadResult:
        """What the account answers now; without an id where it is gone."""
        with self._session(props) as session:
            answers = _described(session, id_)
        if answers is None:
            return ReadResult("", {})
        return ReadResult(id_, _inputs(props) | answers)

    def delete(self, _id: str, _props: Props) -> None:
        """Nothing: it belongs to the first account."""

    def _session(self, props: Props) -> AccountSession:
        return AccountSession(self.login, str(props["role"]), f"leap: {props['integration']}")


class ReplicatedIntegration(Resource, module="snowflake", name="ReplicatedIntegration"):
    """The integration over there. Its id is its name."""

    user_arn: pulumi.Output[str]
    external_id: pulumi.Output[str]

    def __init__(
        self, name: str, facts: Replicated, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        given = {**facts, "user_arn": None, "external_id": None}
        super().__init__(ReplicatedIntegrationProvider(), name, given, opts)


def _refreshed(session: AccountSession, integration: str, group: str) -> Props | None:
    """What the account answers after a refresh: ours, or the one that the schedule began."""
    from snowflake.connector import Error

    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            session.run(sql("ALTER FAILOVER GROUP {group} REFRESH", group=name(group)))
        except Error as error:
            if _UNDER_WAY not in str(error.msg):
                raise
            time.sleep(_PAUSE_SECONDS)
        if (answers := _described(session, integration)) is not None:
            return answers
    return None


def _described(session: AccountSession, integration: str) -> Props | None:
    from snowflake.connector import Error  # late: the program declares, and only this runs

    try:
        rows = session.run(sql("DESCRIBE INTEGRATION {integration}", integration=name(integration)))
    except Error as error:
        if error.errno in MISSING:
            return None
        raise
    found = {str(row["property"]).upper(): row["property_value"] for row in rows}
    return {key: str(found.get(word, "")) for key, word in _ANSWERS.items()}


def _inputs(props: Props) -> Props:
    return {key: props[key] for key in Replicated.__annotations__}
