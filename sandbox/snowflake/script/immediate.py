"""The text that EXECUTE IMMEDIATE and OPEN … USING carry out: their bind variables in place."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.snowflake.data.binding import BindingError, bind_places
from sandbox.snowflake.errors import CompilationError
from sandbox.snowflake.script.values import Value
from sandbox.snowflake.sql.tokens import TokenKind, tokenize


def immediate_text(text: Value, arguments: Sequence[Value]) -> str:
    """The statement with `?` and `:1` replaced by literals."""
    if not isinstance(text.value, str) or not text.value.strip():
        raise CompilationError("EXECUTE IMMEDIATE needs the text of a statement.")
    sql = text.value
    if not arguments:
        return sql
    parts, position = [], 0
    for place in bind_places([t for t in tokenize(sql) if t.kind is not TokenKind.END]):
        if place.number > len(arguments):
            raise BindingError(place.number)
        parts += [sql[position : place.start], arguments[place.number - 1].literal()]
        position = place.end
    return "".join([*parts, sql[position:]])
