"""The accounts of a sandbox, with the queues and the worker that each has for its pipes.

Both accounts have queues of their own, in the one region of the sandbox's AWS.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.aws.clients import Clients
from sandbox.snowflake.account import Account, Identity
from sandbox.snowflake.files import StageFiles
from sandbox.snowflake.pipe_files import PipeFiles
from sandbox.snowflake.pipe_queue import PipeQueues
from sandbox.snowflake.pipe_worker import PipeWorker
from sandbox.snowflake.pipes import Pipes
from sandbox.snowflake.replication import standby
from sandbox.snowflake.sharing import marketplace
from sandbox.snowflake.sharing.organization import Organization

if TYPE_CHECKING:
    from sandbox.aws.server import AwsServer
    from sandbox.connection import Connection
    from sandbox.place import Place


class Accounts:
    """Opens them; all live on one clock and one AWS."""

    def __init__(
        self, place: Place, ready: Connection, aws: AwsServer, now: Callable[[], datetime]
    ) -> None:
        self._place = place
        self._aws = aws
        self._now = now
        self._clients = Clients(ready.aws)
        facts = ready.snowflake
        self._identity = Identity(
            organization=facts.organization,
            name=facts.account_name,
            aws_account_id=ready.aws.account_id,
            admin_user=facts.admin.user,
            admin_password=facts.admin.password,
        )

    def home(self) -> Account:
        """The account that every sandbox has."""
        place, identity = self._place, self._identity
        queues = PipeQueues(self._clients, identity.locator)
        account = Account(
            place.snowflake,
            identity,
            self._now,
            self._files(place.stages),
            queues.channel_for,
            outbox=place.outbox,
        )
        self._equip(account, place.snowflake, queues=queues)
        return account

    def organization(self, home: Account) -> Organization:
        """The home account and those that are opened when they are needed."""
        folder = self._place.snowflake / "accounts"
        facts = (folder, self._identity, self._now)
        market = partial(marketplace.open_account, *facts, self._files(self._place.stages))
        elsewhere = self._clients.facts.model_copy(update={"region": standby.AWS_REGION})
        queues = PipeQueues(Clients(elsewhere), standby.LOCATOR)
        other = standby.standby(
            *facts,
            self._files(folder / standby.NAME.lower() / "stages"),
            channel_for=queues.channel_for,
            equip=partial(self._equip, queues=queues),
        )
        return Organization(home, {marketplace.NAME: market}, other)

    def _files(self, stages: Path) -> partial[StageFiles]:
        return partial(StageFiles, clients=self._clients, stages=stages, cache=self._place.cache)

    def _equip(self, account: Account, folder: Path, *, queues: PipeQueues) -> None:
        """Let the account's pipes listen to its queues."""
        assert isinstance(account.files, StageFiles)
        files = account.belongings.enter_context(closing(PipeFiles(folder / "pipes.sqlite")))
        pipes = Pipes(account, account.files, files, self._aws.wake)
        account.pipes = pipes
        account.belongings.enter_context(PipeWorker(pipes, queues, self._aws))
