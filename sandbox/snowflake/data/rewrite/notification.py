"""The functions of SNOWFLAKE.NOTIFICATION: they write the JSON that sends a message.

https://docs.snowflake.com/en/sql-reference/functions/text_plain
https://docs.snowflake.com/en/sql-reference/functions/email_integration_config
https://docs.snowflake.com/en/sql-reference/functions/sanitize_webhook_content
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

_OPTIONS: Final = ("subject", "toAddress", "ccAddress", "bccAddress")
_PLACEHOLDER: Final = "SNOWFLAKE_WEBHOOK_(SECRET|MESSAGE)"


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def _object(*pairs: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="json_object", expressions=list(pairs))


def _as_text(json: exp.Expr) -> exp.Expr:
    return exp.Cast(this=json, to=exp.DataType.build("varchar", dialect="duckdb"))


def _message(content_type: str) -> Callable[[list[exp.Expr]], exp.Expr]:
    return lambda arguments: _as_text(_object(_text(content_type), arguments[0]))


def _integration(arguments: list[exp.Expr]) -> exp.Expr:
    return _as_text(_object(arguments[0], _object()))


def _email(arguments: list[exp.Expr]) -> exp.Expr:
    options = [
        part
        for name, value in zip(_OPTIONS, arguments[1:], strict=False)
        for part in (_text(name), value)
    ]
    return _as_text(_object(arguments[0], _object(*options)))


def _sanitized(arguments: list[exp.Expr]) -> exp.Expr:
    parts = [arguments[0], _text(_PLACEHOLDER), _text("REDACTED"), _text("g")]
    return exp.Anonymous(this="regexp_replace", expressions=parts)


_FUNCTIONS: Final[dict[str, tuple[int, Callable[[list[exp.Expr]], exp.Expr]]]] = {
    "TEXT_PLAIN": (1, _message("text/plain")),
    "TEXT_HTML": (1, _message("text/html")),
    "APPLICATION_JSON": (1, _message("application/json")),
    "INTEGRATION": (1, _integration),
    "EMAIL_INTEGRATION_CONFIG": (2, _email),
    "SANITIZE_WEBHOOK_CONTENT": (1, _sanitized),
}
"""By name: how many arguments at least, and what it becomes."""


def system_function(node: exp.Expr, schema: str) -> exp.Anonymous | None:
    """The call in `SNOWFLAKE.<schema>.<function>(…)`; None where the node is none."""
    if not isinstance(node, exp.Dot) or not isinstance(node.expression, exp.Anonymous):
        return None
    path = [part.name.upper() for part in node.this.flatten()] if node.this is not None else []
    return node.expression if path == ["SNOWFLAKE", schema] else None


def notification_function(node: exp.Expr) -> exp.Expr:
    """`SNOWFLAKE.NOTIFICATION.TEXT_PLAIN(x)` and its like become DuckDB's JSON."""
    call = system_function(node, "NOTIFICATION")
    known = _FUNCTIONS.get(call.name.upper()) if call is not None else None
    if call is None or known is None or len(call.expressions) < known[0]:
        return node
    return known[1](call.expressions)
