"""References to objects: what SYSTEM$REFERENCE answers, and the object that one stands for.

https://docs.snowflake.com/en/sql-reference/functions/system_reference
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, SnowflakeError
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs.functions import SystemFunction

_FORM: Final = re.compile(r"ENT_REF_([A-Z_]+)_(\d+)_[0-9A-F]{40}")
_LIFETIMES: Final = ("CALL", "SESSION", "PERSISTENT")


class InvalidReferenceError(SnowflakeError):
    """A text that is no reference, or whose object is gone."""

    code = "505028"
    sqlstate = "42601"

    def __init__(self, text: str) -> None:
        super().__init__(f"Reference '{text}' is invalid or its object does not exist.")


def _reference(context: Context, arguments: list[str]) -> str:
    """(type, name [, lifetime [, privilege, …]])."""
    if len(arguments) < 2:
        raise CompilationError("SYSTEM$REFERENCE needs the type and the name of an object.")
    type_, name, *rest = arguments
    kind = context.registry.kinds.get(type_.upper().replace("_", " "))
    if kind is None:
        raise CompilationError(f"Unsupported object type '{type_}' for SYSTEM$REFERENCE.")
    if rest and rest[0].upper() not in _LIFETIMES:
        raise CompilationError(f"Invalid lifetime '{rest[0]}'; known: {', '.join(_LIFETIMES)}")
    record = context.get(kind, Reader(name).path())
    for privilege in rest[1:]:
        context.demand(privilege.upper(), record)
    seal = hashlib.sha1(f"{record.id}/{rest}".encode(), usedforsecurity=False).hexdigest()
    return f"ENT_REF_{kind.name.replace(' ', '_')}_{record.id}_{seal.upper()}"


def referred(context: Context, text: str) -> Record:
    """The object that a reference stands for."""
    match = _FORM.fullmatch(text.strip())
    record = context.store.get(int(match[2])) if match is not None else None
    if record is None or match is None or record.kind.replace(" ", "_") != match[1]:
        raise InvalidReferenceError(text)
    return record


SYSTEM_FUNCTIONS: Final[dict[str, SystemFunction]] = {"SYSTEM$REFERENCE": _reference}
