"""What statements of a block work with: SQL and expressions for a session, with variables.

Every SQL statement goes through the account's ordinary door, with a query id and a line in the
history of its own; expressions are evaluated by the data plane and leave no line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, SnowflakeError
from sandbox.snowflake.script import nodes
from sandbox.snowflake.script.failure import (
    EXPRESSION_ERROR,
    STATEMENT_ERROR,
    Fault,
    Raised,
    StatementTypeError,
    TimeoutReachedError,
    fault_of,
)
from sandbox.snowflake.script.immediate import immediate_text
from sandbox.snowflake.script.scope import OpenCursor, ResultSet, Scopes, Variable
from sandbox.snowflake.script.substitute import in_expression, in_sql, tokens_of
from sandbox.snowflake.script.values import NULL, Rows, Value, rows_of
from sandbox.snowflake.verbs import data
from sandbox.snowflake.verbs.functions import with_system_functions

_OF_THE_SESSION: Final = ("USE", "SET", "UNSET")
"""Statements that change the session: with the owner's rights they are refused."""


class IntoError(CompilationError):
    """SELECT … INTO takes one row, of as many columns as variables."""


class Machine:
    """The session, and the names of the block that runs."""

    def __init__(self, context: Context, arguments: Mapping[str, Variable] | None = None) -> None:
        self._context = context
        self._session = context.session
        self.scopes = Scopes()
        self.scopes.keep(SQLROWCOUNT=NULL, SQLFOUND=NULL, SQLNOTFOUND=NULL, SQLID=NULL)
        for name, variable in (arguments or {}).items():
            self.scopes.declare(name, variable)

    def execute(self, node: nodes.Node, text: str) -> Rows:
        """Run a SQL statement as the session would."""
        self.check_time(node)
        try:
            self._check_rights(text)
            statement, result = self._context.account.execute(self._session, text)
            rows = rows_of(self._session, statement.id, result)
        except SnowflakeError as error:
            raise Raised(fault_of(error, STATEMENT_ERROR, node)) from None
        self._tell(rows)
        return rows

    def _check_rights(self, text: str) -> None:
        words = [token.word for token in tokens_of(text)[:2]]
        changes = words[0] in _OF_THE_SESSION or words == ["ALTER", "SESSION"]
        if self._session.as_owner and changes:
            raise StatementTypeError("_".join(words) if words[0] == "ALTER" else words[0])

    def _tell(self, rows: Rows) -> None:
        found = rows.changed
        count = Value(found, "fixed") if found is not None else NULL
        some = Value(found > 0, "boolean") if found is not None else NULL
        none = Value(found == 0, "boolean") if found is not None else NULL
        self.scopes.keep(
            SQLROWCOUNT=count, SQLFOUND=some, SQLNOTFOUND=none, SQLID=Value(rows.query_id)
        )

    def substituted(self, node: nodes.Node, text: str) -> str:
        try:
            return in_sql(text, self.scopes.literal, self.scopes.table)
        except SnowflakeError as error:
            raise Raised(fault_of(error, STATEMENT_ERROR, node)) from None

    def statement(self, node: nodes.Node) -> Rows:
        if isinstance(node, nodes.Immediate):
            try:
                arguments = [self.evaluate(node, text) for text in node.using]
                text = immediate_text(self.evaluate(node, node.expression), arguments)
            except SnowflakeError as error:
                raise Raised(fault_of(error, STATEMENT_ERROR, node)) from None
            return self.execute(node, text)
        assert isinstance(node, nodes.Sql)
        return self.execute(node, self.substituted(node, node.text))

    def take_into(self, node: nodes.Node, rows: Rows, names: tuple[str, ...]) -> None:
        try:
            if len(rows.rows) != 1:
                raise IntoError(
                    "SELECT INTO statement expects exactly 1 returned row, "
                    f"but got {len(rows.rows)}."
                )
            if len(rows.names) != len(names):
                raise IntoError(
                    f"INTO names {len(names)} variables, the statement has "
                    f"{len(rows.names)} columns."
                )
        except SnowflakeError as error:
            raise Raised(fault_of(error, STATEMENT_ERROR, node)) from None
        for place, name in enumerate(names):
            self.set(node, name, rows.value(0, place))

    def evaluate(self, node: nodes.Node, text: str, type_: str | None = None) -> Value:
        """The value of an expression, cast to a type if one is given."""
        try:
            ready = in_expression(text, self.scopes.literal, self.scopes.column)
            return evaluated(self._context, ready, type_)
        except SnowflakeError as error:
            raise Raised(fault_of(error, EXPRESSION_ERROR, node)) from None

    def set(self, node: nodes.Node, name: str, value: Value) -> None:
        try:
            variable = self.scopes.variable(name)
            if variable.type is not None:
                value = evaluated(self._context, value.literal(), variable.type)
            variable.value = value
        except SnowflakeError as error:
            raise Raised(fault_of(error, EXPRESSION_ERROR, node)) from None

    def opened(self, node: nodes.Node, cursor: OpenCursor, values: list[Value]) -> Rows:
        source = self.scopes.find(cursor.query.strip().upper())
        if isinstance(source, ResultSet) and source.rows is not None:
            return source.rows
        text = immediate_text(Value(cursor.query), values) if values else cursor.query
        return self.execute(node, self.substituted(node, text))

    def rows_named(self, node: nodes.Node, name: str) -> Rows:
        """The rows of a cursor or a result set."""
        thing = self.scopes.find(name.strip().upper())
        if isinstance(thing, ResultSet) and thing.rows is not None:
            return thing.rows
        if isinstance(thing, OpenCursor):
            return thing.rows or self.opened(node, thing, [])
        raise Raised(misuse(node, f"'{name}' is no cursor or result set with rows."))

    def check_time(self, node: nodes.Node) -> None:
        """TimeoutReachedError when the time of the task that runs this is over."""
        deadline = self._session.deadline
        if deadline is not None and self._context.now >= deadline:
            raise Raised(fault_of(TimeoutReachedError(), STATEMENT_ERROR, node))


def evaluated(context: Context, text: str, type_: str | None = None) -> Value:
    """The value of a SQL expression without variables."""
    ready = with_system_functions(context, text)
    select = f"SELECT ({ready})::{type_}" if type_ is not None else f"SELECT {ready}"
    result = data.execute(context, select).result
    rows = rows_of(context.session, context.statement.id, result)
    return rows.value(0, 0) if rows.rows else NULL


def misuse(node: nodes.Node, message: str) -> Fault:
    return fault_of(CompilationError(message), STATEMENT_ERROR, node)
