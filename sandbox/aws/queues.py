"""SQS's queues and their messages as rows.

What a receiver holds at a stop is given to receivers again after it, as SQS may do at any time.
The count of receives is kept, so that a dead-letter queue gets what it is due, and old receipt
handles still delete their message.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Condition
from typing import Any, Final

from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from sandbox.aws.frozen import blank
from sandbox.aws.rows import Key

QUEUE: Final = "queue"
MESSAGE: Final = "message"
_PASSING: Final = frozenset(
    {"_messages", "_pending_messages", "deleted_messages", "_messages_lock"}
    | {"dead_letter_queue", "lambda_event_source_mappings"}
)


class Queues:
    """Tells what differs from the rows, and puts rows back into moto."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], dict[str, int]] = {}
        self._arrivals = 0

    def current(self) -> Iterator[tuple[Key, Any]]:
        """Rows that may have changed."""
        for where, queue in _queues():
            seen = self._seen.setdefault(where, {})
            lasting = {k: v for k, v in queue.__dict__.items() if k not in _PASSING}
            yield Key(QUEUE, *where), lasting
            for message in list(queue._messages):
                if seen.get(message.id) != message.approximate_receive_count:
                    self._arrivals += message.id not in seen
                    seen[message.id] = message.approximate_receive_count
                    yield Key(MESSAGE, *where, message.id), message

    def gone(self) -> Iterator[Key]:
        """Rows whose queue or message is no more."""
        there = dict(_queues())
        for where, seen in list(self._seen.items()):
            queue = there.get(where)
            messages = {message.id for message in list(queue._messages)} if queue else set()
            for message_id in seen.keys() - messages:
                del seen[message_id]
                yield Key(MESSAGE, *where, message_id)
            if queue is None:
                del self._seen[where]
                yield Key(QUEUE, *where)

    def take_arrivals(self) -> int:
        """How many new messages were told since the last call."""
        arrivals, self._arrivals = self._arrivals, 0
        return arrivals

    def forget(self) -> None:
        """Look at everything again: what was told last could not be written."""
        self._seen = {where: dict.fromkeys(seen, -1) for where, seen in self._seen.items()}

    def restore(self, key: Key, value: Any) -> None:
        """Put one row back; a queue's comes before those of its messages."""
        queues = sqs_backends[key.account][key.region].queues
        if key.kind == QUEUE:
            queue: Queue = blank(Queue)
            queue.__dict__.update(value, _messages=[], _pending_messages=set())
            queue.__dict__.update(deleted_messages=set(), _messages_lock=Condition())
            queue.__dict__.update(dead_letter_queue=None, lambda_event_source_mappings={})
            queues[key.name] = queue
            self._seen[key[1:4]] = {}
        else:
            message: Message = value
            message.visible_at = 0.0
            queues[key.name]._messages.append(message)
            self._seen[key[1:4]][message.id] = message.approximate_receive_count

    def join(self) -> None:
        """Point each queue to its dead-letter queue, when all are back."""
        by_arn = {queue.queue_arn: queue for _, queue in _queues()}
        for _, queue in _queues():
            if queue.redrive_policy:
                queue.dead_letter_queue = by_arn.get(queue.redrive_policy["deadLetterTargetArn"])


def _queues() -> Iterator[tuple[tuple[str, str, str], Queue]]:
    for account, region, backend in sqs_backends.iter_backends():
        assert isinstance(backend, SQSBackend)
        for name, queue in list(backend.queues.items()):
            yield (account, region, name), queue
