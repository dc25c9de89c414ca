"""The place that a group's databases take in the second account: free before, and clear after.

A refresh is refused where a database of the same name stands already, and what a group replicated
stays, as objects of that account's own, when the group goes. So before a secondary group is made
somebody has to look, and after it was dropped its copies are removed where nothing is protected.

https://docs.snowflake.com/en/user-guide/account-replication-considerations
"""

from typing import Any, TypeAlias, TypedDict

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


class Place(TypedDict):
    """The inputs."""

    group: str
    role: str
    databases: list[str]
    removal: list[str]
    """The statements that remove what the group leaves when it goes; none where it stays."""


class StandsInTheWayError(Exception):
    """A database of the second account has the name of one that is to be replicated."""


class ReplicaPlaceProvider(AccountProvider):
    """Looks when it is made, removes when it is deleted, and else does nothing."""

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """What is declared otherwise."""
        changed = [key for key in Place.__annotations__ if _olds.get(key) != _news.get(key)]
        fixed = [key for key in changed if key == "group"]
        return DiffResult(changes=bool(changed), replaces=fixed, delete_before_replace=bool(fixed))

    def create(self, props: Props) -> CreateResult:
        """Refuses where something stands in the way; a group of ours may have come before."""
        self._look(props)
        return CreateResult(str(props["group"]), _state(props))

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Looks again: a database that joins the group needs a place too."""
        joined = [one for one in _news["databases"] if one not in _olds["databases"]]
        self._look({**_news, "databases": joined})
        return UpdateResult(_state(_news))

    def read(self, id_: str, props: Props) -> ReadResult:
        """A place is always there."""
        return ReadResult(id_, _state(props))

    def delete(self, _id: str, _props: Props) -> None:
        """Removes the copies that the group left, where nothing keeps them."""
        if not _props.get("removal"):
            return
        from snowflake.connector import Error  # late: only the provider talks to the account

        with self._session(_props) as session:
            for statement in _props["removal"]:
                try:
                    session.run(statement)
                except Error as error:
                    if error.errno not in MISSING:
                        raise

    def _look(self, props: Props) -> None:
        with self._session(props) as session:
            own = session.run("SELECT CURRENT_ACCOUNT_NAME() AS account")[0]["account"]
            groups = session.run("SHOW FAILOVER GROUPS")
            if any(g["name"] == props["group"] and g["account_name"] == own for g in groups):
                return
            standing = {str(row["name"]) for row in session.run("SHOW DATABASES")}
        taken = [one for one in props["databases"] if one in standing]
        if taken:
            ways = "; ".join(
                sql("ALTER DATABASE {old} RENAME TO {new}", old=name(one), new=name(f"{one}_OLD"))
                for one in taken
            )
            raise StandsInTheWayError(
                f"{props['group']}: account {own} has databases of its own called "
                f"{', '.join(taken)}, so a refresh would be refused; nothing was changed.\n"
                f"  Drop them, or keep them under another name: {ways}"
            )

    def _session(self, props: Props) -> AccountSession:
        return AccountSession(self.login, str(props["role"]), f"leap: place of {props['group']}")


class ReplicaPlace(Resource, module="snowflake", name="ReplicaPlace"):
    """The place. Its id is the group's name."""

    def __init__(self, name: str, place: Place, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(ReplicaPlaceProvider(), name, dict(place), opts)


def _state(props: Props) -> Props:
    return {key: props.get(key) for key in Place.__annotations__}
