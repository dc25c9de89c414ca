"""Statements on budgets: CREATE, ALTER, DROP and SHOW of the class, and CALL of a method.

https://docs.snowflake.com/en/sql-reference/classes/budget
"""

from __future__ import annotations

import re
from typing import Any, Final

from sandbox.snowflake.access.rules import ALTER_ACCOUNT
from sandbox.snowflake.budgets import facts, methods, tagged
from sandbox.snowflake.budgets.methods import Method
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, SnowflakeError, UnsupportedError
from sandbox.snowflake.kinds.budget import CLASS, KIND
from sandbox.snowflake.result import Column, Result, status
from sandbox.snowflake.sql.names import Path, dotted, dotted_quoted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.verbs import alter, create, drop, show
from sandbox.snowflake.verbs.procedure import split, values
from sandbox.snowflake.verbs.target import Target

_METHODS: Final = {**methods.METHODS, **tagged.METHODS}
_NAMED: Final = re.compile(r"(\w+)\s*=>\s*(.+)", re.DOTALL)


class NotActivatedError(SnowflakeError):
    """A method of the account's budget before ACTIVATE."""

    code = "394403"
    sqlstate = "55000"

    def __init__(self) -> None:
        super().__init__("The account root budget is not activated. Call ACTIVATE() first.")


def accept_class(reader: Reader) -> bool:
    """Take SNOWFLAKE.CORE.BUDGET if it comes next."""
    ahead = [reader.ahead(distance).value.upper() for distance in range(5)]
    if "".join(ahead) != CLASS:
        return False
    for _ in ahead:
        reader.advance()
    return True


def create_budget(context: Context, reader: Reader) -> Result | None:
    """CREATE [OR REPLACE] SNOWFLAKE.CORE.BUDGET [IF NOT EXISTS] name() [COMMENT = '…'].

    None, with nothing read, where another kind is created.
    """
    ahead = Reader(reader.text)
    ahead.expect("CREATE")
    or_replace = ahead.accept("OR", "REPLACE")
    if not accept_class(ahead):
        return None
    if_not_exists = "IF NOT EXISTS " if ahead.accept("IF", "NOT", "EXISTS") else ""
    path = ahead.path()
    ahead.expect_symbol("(")
    ahead.expect_symbol(")")
    rest = ahead.raw_until_end()
    text = f"{if_not_exists}{dotted_quoted(path)} {rest}"
    answer = create.create(context, Target(KIND, or_replace, ()), Reader(text))
    made = f"{CLASS.capitalize()} "
    message = str(answer.rows[0][0])
    return status(message.replace(made, "Instance ", 1))


def alter_budget(context: Context, reader: Reader) -> Result | None:
    """ALTER SNOWFLAKE.CORE.BUDGET name {RENAME TO … | SET … | UNSET …}."""
    return alter.alter(context, KIND, reader) if accept_class(reader) else None


def drop_budget(context: Context, reader: Reader) -> Result | None:
    """DROP SNOWFLAKE.CORE.BUDGET [IF EXISTS] name."""
    return drop.drop(context, KIND, reader) if accept_class(reader) else None


def show_budgets(context: Context, reader: Reader) -> Result | None:
    """SHOW SNOWFLAKE.CORE.BUDGET [INSTANCES] [LIKE …] [IN …]."""
    if not accept_class(reader):
        return None
    reader.accept("INSTANCES")
    return show.show(context, KIND, reader)


def call_method(context: Context, reader: Reader) -> Result | None:
    """CALL [db.schema.]budget!METHOD(…); None, with nothing read, where no method is called."""
    ahead = Reader(reader.text)
    ahead.expect("CALL")
    path = ahead.path()
    if not ahead.accept_symbol("!"):
        return None
    name = ahead.identifier()
    arguments = split(ahead.parenthesised())
    ahead.expect_end()
    if path == facts.ROOT and name in ("ACTIVATE", "DEACTIVATE"):
        return _switch(context, name)
    method = _METHODS.get(name)
    if method is None:
        raise UnsupportedError(f"the method {name} of budgets")
    budget = _budget(context, path)
    if method.custom_only and facts.is_root(budget):
        raise CompilationError(f"{name} can be called on custom budgets only.")
    answer = _run(context, method, name, budget, arguments)
    return answer if isinstance(answer, Result) else Result([_column(name, answer)], [[answer]])


def _run(context: Context, method: Method, name: str, budget: Record, arguments: list[str]) -> Any:
    found = _bound(context, method, name, arguments)
    context.demand("OWNERSHIP", budget)
    with context.store.transaction():
        answer = method.run(context, budget, found)
        if method.changes:
            context.store.save(budget)
    return answer


def _column(name: str, answer: Any) -> Column:
    return Column(name, "fixed" if isinstance(answer, int) else "text")


def _bound(context: Context, method: Method, name: str, texts: list[str]) -> dict[str, Any]:
    """The arguments by name, given by place or with `NAME =>`."""
    least = len(method.names) if method.least is None else method.least
    pairs: dict[str, str] = {}
    for place, text in enumerate(texts):
        match = _NAMED.fullmatch(text)
        known = place < len(method.names)
        pairs[match[1].upper() if match else method.names[place] if known else ""] = (
            match[2] if match else text
        )
    if not set(pairs) <= set(method.names) or not least <= len(pairs) == len(texts):
        raise CompilationError(f"Invalid argument types for function '{name}': {', '.join(texts)}")
    return dict(zip(pairs, values(context, list(pairs.values())), strict=True))


def _budget(context: Context, path: Path) -> Record:
    if path != facts.ROOT:
        return context.get(KIND, path)
    budget = context.store.find(CLASS, path)
    if budget is None:
        raise NotActivatedError
    return budget


def _switch(context: Context, name: str) -> Result:
    """ACTIVATE and DEACTIVATE of the account's budget; settings do not outlive DEACTIVATE."""
    context.demand(ALTER_ACCOUNT)
    budget = context.store.find(CLASS, facts.ROOT)
    with context.store.transaction():
        if name == "ACTIVATE" and budget is None:
            context.store.add(CLASS, facts.ROOT, None, context.now, {"COMMENT": ""})
        elif name == "DEACTIVATE":
            if budget is None:
                raise NotActivatedError
            drop.remove(context, budget)
    return Result([Column(name)], [[f"The account budget has been {name.lower()}d."]])


def shown_name(budget: Record) -> str:
    """The budget as messages name it."""
    return dotted(budget.path)
