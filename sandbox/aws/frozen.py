"""moto's objects as bytes and back, exactly: their own attributes, dates, ids and all.

moto's model classes are plain Python and made to be pickled; only bodies (kept beside, see
`sandbox.aws.bodies`) and locks need care. Reading admits moto's classes and a few values only.
"""

from __future__ import annotations

import io
import pickle
import threading
from collections.abc import Callable
from typing import Any, Final

from moto.s3.models import FakeKey

from sandbox.aws.bodies import Bodies, Body

_MODULES: Final = ("moto.", "datetime", "collections", "requests.structures", "sandbox.aws.frozen")
_NAMES: Final = frozenset(
    {"builtins.set", "builtins.frozenset", "builtins.bytearray", "builtins.getattr"}
    | {"re._compile", "threading.Condition", "copyreg._reconstructor", "builtins.object"}
)


def blank(model: Any) -> Any:
    """An instance without its first values, and unknown to moto's list of instances."""
    return object.__new__(model)


def revive_key(state: dict[str, Any]) -> FakeKey:
    """An object of S3 with the lock that was left out."""
    key: FakeKey = blank(FakeKey)
    key.__dict__.update(state, lock=threading.Lock())
    return key


def to_bytes(value: object, bodies: Bodies) -> bytes:
    """Freeze a moto object; the bodies that it holds are kept as files."""
    target = io.BytesIO()
    _Pickler(target, bodies).dump(value)
    return target.getvalue()


def from_bytes(content: bytes, bodies: Bodies) -> tuple[Any, set[str]]:
    """The moto object, and the digests of the bodies that it needs."""
    reader = _Unpickler(io.BytesIO(content), bodies)
    return reader.load(), reader.digests


class _Pickler(pickle.Pickler):
    def __init__(self, target: io.BytesIO, bodies: Bodies) -> None:
        super().__init__(target, protocol=pickle.HIGHEST_PROTOCOL)
        self._bodies = bodies

    def persistent_id(self, obj: Any) -> str | None:
        return obj.digest if isinstance(obj, Body) else None

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, FakeKey):
            return revive_key, (self._state_of(obj),)
        if isinstance(obj, threading.Condition):
            return threading.Condition, ()
        return NotImplemented

    def _state_of(self, key: FakeKey) -> dict[str, Any]:
        with key.lock:
            content = key.__dict__["_value_buffer"]
            if not isinstance(content, Body):
                key.__dict__["_value_buffer"] = self._bodies.keep(
                    io.BytesIO() if content.closed else content
                )
                content.close()
            state = dict(key.__dict__)
        del state["lock"]
        return state


class _Unpickler(pickle.Unpickler):
    def __init__(self, source: io.BytesIO, bodies: Bodies) -> None:
        super().__init__(source)
        self._bodies = bodies
        self.digests: set[str] = set()

    def persistent_load(self, pid: str) -> Body:
        self.digests.add(pid)
        return self._bodies.open(pid)

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        if f"{module}.{name}" not in _NAMES and not module.startswith(_MODULES):
            raise pickle.UnpicklingError(f"{module}.{name} is no part of the kept AWS state")
        found: Callable[..., Any] = super().find_class(module, name)
        return found
