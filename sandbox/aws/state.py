"""What moto holds, kept on disk: a row per bucket, object, queue, message and IAM account.

A change is written before its request is answered, so nothing acknowledged is lost, also by a
kill -9 (only a power cut may lose the last moments), and only rows that changed are written. The
alternative, a journal of requests that is replayed, cannot give back creation dates, version ids
and IAM ids, which refreshes compare; and it would send S3's events again. Rows hold moto's own
objects, so they are read back by the moto version that wrote them only.
"""

from __future__ import annotations

import pickle
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import moto
from moto.core.model_instances import model_data

from sandbox.aws import people
from sandbox.aws.bodies import Bodies
from sandbox.aws.frozen import from_bytes, to_bytes
from sandbox.aws.people import IAM
from sandbox.aws.queues import MESSAGE, QUEUE, Queues
from sandbox.aws.request import Request
from sandbox.aws.rows import Key, Rows
from sandbox.aws.storage import BUCKET, OBJECT, TAGS, Storage
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed.wsgi import WSGIEnvironment

_PARENTS_FIRST: Final = (IAM, TAGS, BUCKET, OBJECT, QUEUE, MESSAGE)
_TRIES: Final = 5


class AwsState:
    """Keeps moto's state under a folder. Safe for several threads."""

    def __init__(self, folder: Path) -> None:
        self._rows = Rows(folder / "state.db")
        self._bodies = Bodies(folder / "bodies")
        self._storage = Storage()
        self._queues = Queues()
        self._lock = threading.Lock()

    def restore(self) -> None:
        """Put back what was kept; remove bodies that nothing names.

        Raises:
            SandboxError: another version of moto wrote it, or it cannot be read.
        """
        written_by = self._rows.fact("moto", moto.__version__)
        way_on = "Empty the sandbox, then start again: leap sandbox reset"
        if written_by != moto.__version__:
            raise SandboxError(
                f"The kept AWS state is of moto {written_by}; this is moto {moto.__version__}.",
                way_on,
            )
        needed: set[str] = set()
        try:
            for kind in _PARENTS_FIRST:
                for key, content in self._rows.read(kind):
                    value, digests = from_bytes(content, self._bodies)
                    needed |= digests
                    self._put_back(key, value)
        except (pickle.UnpicklingError, AttributeError, EOFError, KeyError) as error:
            raise SandboxError(f"The kept AWS state cannot be read: {error!r}.", way_on) from error
        self._queues.join()
        self._bodies.drop_unused(needed)

    def keep(self, environ: WSGIEnvironment) -> int:
        """Write what the request changed; tells how many messages came to queues with it."""
        request = Request.of(environ)
        with self._lock:
            try:
                puts = {key: self._freeze(value) for key, value in self._current(request)}
                self._rows.write(puts, set(self._gone(request)))
            except BaseException:
                self._storage.forget()
                self._queues.forget()
                raise
            self._forget_instances()
            return self._queues.take_arrivals()

    def close(self) -> None:
        """Flush and close."""
        with self._lock:
            self._rows.close()

    def _current(self, request: Request) -> Iterator[tuple[Key, Any]]:
        if request.concerns("s3"):
            yield from self._storage.current(request)
        if request.concerns("s3", "sqs"):
            yield from self._queues.current()
        if request.concerns("iam", "sts"):
            yield from people.current()

    def _gone(self, request: Request) -> Iterator[Key]:
        if request.concerns("s3"):
            yield from self._storage.gone(request)
        if request.concerns("s3", "sqs"):
            yield from self._queues.gone()

    def _put_back(self, key: Key, value: Any) -> None:
        if key.kind == IAM:
            people.restore(key, value)
        elif key.kind in {QUEUE, MESSAGE}:
            self._queues.restore(key, value)
        else:
            self._storage.restore(key, value)

    def _freeze(self, value: Any) -> bytes:
        """Other requests go on meanwhile; one that resizes a container makes us look again."""
        for _ in range(_TRIES):
            try:
                return to_bytes(value, self._bodies)
            except RuntimeError as error:
                changed = error
        raise OSError(f"the AWS state changes faster than it can be written: {changed}")

    @staticmethod
    def _forget_instances() -> None:
        """moto remembers every instance that it ever made, for its reset call: a slow leak."""
        for service in ("s3", "sqs", "iam", "sts"):
            for model in model_data[service].values():
                vars(model)["instances_tracked"].clear()
