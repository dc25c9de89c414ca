"""Runs a block, statement by statement: control flow, cursors, exceptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.snowflake.context import Context
from sandbox.snowflake.errors import CompilationError, SnowflakeError
from sandbox.snowflake.result import AnyResult
from sandbox.snowflake.script import nodes
from sandbox.snowflake.script.failure import (
    EXPRESSION_ERROR,
    STATEMENT_ERROR,
    Fault,
    Raised,
    UncaughtError,
    fault_of,
)
from sandbox.snowflake.script.machine import Machine, misuse
from sandbox.snowflake.script.scope import NotOpenError, OpenCursor, ResultSet, Row, Variable
from sandbox.snowflake.script.values import NULL, Value


@dataclass
class Answer(BaseException):
    """RETURN: ends the block with a value, or with a table's rows."""

    value: Value = NULL
    table: AnyResult | None = None


@dataclass
class _Leave(BaseException):
    label: str | None
    again: bool


class Runner(Machine):
    """One block for one session."""

    def __init__(self, context: Context, arguments: Mapping[str, Variable] | None = None) -> None:
        super().__init__(context, arguments)
        self._handled: list[Fault] = []

    def run(self, block: nodes.Block) -> Answer:
        """The block's answer; a block that returns nothing answers NULL."""
        try:
            self._block(block)
        except Answer as answer:
            return answer
        except Raised as raised:
            raise UncaughtError(raised.fault) from None
        except _Leave:
            raise CompilationError("BREAK or CONTINUE stands outside a loop.") from None
        return Answer()

    # blocks

    def _block(self, block: nodes.Block) -> None:
        self.scopes.enter()
        try:
            try:
                self._body(block.declarations, ())
                self._body(block.body, block.handlers)
            except Raised as raised:
                handler = _handler(block.handlers, raised.fault)
                if handler is None or handler.goes_on:
                    raise
                self._handle(handler, raised.fault)
        finally:
            self.scopes.leave()

    def _body(self, body: nodes.Body, handlers: tuple[nodes.Handler, ...] = ()) -> None:
        for node in body:
            try:
                _RUN[type(node)](self, node)
            except Raised as raised:
                handler = _handler(handlers, raised.fault)
                if handler is None or not handler.goes_on:
                    raise
                self._handle(handler, raised.fault)

    def _handle(self, handler: nodes.Handler, fault: Fault) -> None:
        self.scopes.enter()
        code = Value(int(fault.code), "fixed")
        self.scopes.declare("SQLCODE", Variable(None, code))
        self.scopes.declare("SQLERRM", Variable(None, Value(fault.message)))
        self.scopes.declare("SQLSTATE", Variable(None, Value(fault.sqlstate)))
        self._handled.append(fault)
        try:
            self._body(handler.body)
        finally:
            self._handled.pop()
            self.scopes.leave()

    def _raise(self, node: nodes.Raise) -> None:
        if node.name is None:
            if not self._handled:
                raise Raised(misuse(node, "RAISE without a name stands outside a handler."))
            raise Raised(self._handled[-1])
        thing = self.scopes.find(node.name)
        if not isinstance(thing, nodes.DeclareException):
            raise Raised(misuse(node, f"invalid identifier '{node.name}'"))
        raise Raised(Fault(thing.name, str(thing.code), "P0001", thing.message, node))

    def _sql(self, node: nodes.Sql | nodes.Immediate) -> None:
        rows = self.statement(node)
        if node.into:
            self.take_into(node, rows, node.into)

    # declarations

    def _declare(self, node: nodes.Declare) -> None:
        value = NULL
        if node.expression is not None:
            value = self.evaluate(node, node.expression, node.type)
        self.scopes.declare(node.name, Variable(node.type, value))

    def _assign(self, node: nodes.Assign) -> None:
        thing = self.scopes.find(node.name)
        if isinstance(thing, ResultSet):
            text = node.expression.strip()
            text = text[1:-1] if text.startswith("(") and text.endswith(")") else text
            thing.rows = self.execute(node, self.substituted(node, text))
            return
        type_ = thing.type if isinstance(thing, Variable) else None
        value = self.evaluate(node, node.expression, type_)
        try:
            self.scopes.variable(node.name).value = value
        except SnowflakeError as error:
            raise Raised(fault_of(error, EXPRESSION_ERROR, node)) from None

    def _declare_result_set(self, node: nodes.DeclareResultSet) -> None:
        rows = self.statement(node.statement) if node.statement is not None else None
        thing = self.scopes.find(node.name)
        if not node.declared and isinstance(thing, ResultSet):
            thing.rows = rows
        elif not node.declared:
            raise Raised(misuse(node, f"'{node.name}' is no RESULTSET."))
        else:
            self.scopes.declare(node.name, ResultSet(rows))

    def _declare_cursor(self, node: nodes.DeclareCursor) -> None:
        self.scopes.declare(node.name, OpenCursor(node.query))

    def _declare_exception(self, node: nodes.DeclareException) -> None:
        self.scopes.declare(node.name, node)

    # cursors

    def _cursor(self, node: nodes.Cursor) -> None:
        cursor = self.scopes.find(node.name)
        if not isinstance(cursor, OpenCursor):
            raise Raised(misuse(node, f"'{node.name}' is no CURSOR."))
        if node.action == "OPEN":
            values = [self.evaluate(node, name) for name in node.arguments]
            cursor.rows, cursor.position = self.opened(node, cursor, values), 0
            return
        if cursor.rows is None:
            raise Raised(fault_of(NotOpenError(node.name), STATEMENT_ERROR, node))
        if node.action == "CLOSE":
            cursor.rows = None
            return
        past = cursor.position >= len(cursor.rows.rows)
        for place, name in enumerate(node.arguments):
            self.set(node, name, NULL if past else cursor.rows.value(cursor.position, place))
        cursor.position += 1

    def _return(self, node: nodes.Return) -> None:
        if node.expression is None:
            raise Answer
        if node.table:
            raise Answer(table=self.rows_named(node, node.expression).result)
        thing = self.scopes.find(node.expression.strip().upper())
        if isinstance(thing, ResultSet) and thing.rows is not None:
            raise Answer(table=thing.rows.result)
        raise Answer(self.evaluate(node, node.expression))

    # control

    def _if(self, node: nodes.If) -> None:
        for condition, body in node.branches:
            if self.evaluate(node, condition).true:
                self._body(body)
                return
        self._body(node.otherwise)

    def _case(self, node: nodes.Case) -> None:
        subject = self.evaluate(node, node.subject) if node.subject is not None else None
        for test, body in node.branches:
            text = f"{subject.literal()} = ({test})" if subject is not None else test
            if self.evaluate(node, text).true:
                self._body(body)
                return
        if node.otherwise is None:
            raise Raised(misuse(node, "No branch of CASE applies, and it has no ELSE."))
        self._body(node.otherwise)

    def _turn(self, body: nodes.Body, label: str | None) -> bool:
        """One turn of a loop; False when the loop is left."""
        try:
            self._body(body)
        except _Leave as leave:
            if leave.label not in (None, label):
                raise
            return leave.again
        return True

    def _for_rows(self, node: nodes.ForRows) -> None:
        rows = self.rows_named(node, node.source)
        self.scopes.enter()
        try:
            for place in range(len(rows.rows)):
                self.scopes.declare(node.name, Row(rows.record(place)))
                if not self._turn(node.body, node.label):
                    break
        finally:
            self.scopes.leave()

    def _for_range(self, node: nodes.ForRange) -> None:
        first, last = (int(self.evaluate(node, text).value) for text in (node.first, node.last))
        numbers = range(first, last + 1)
        self.scopes.enter()
        try:
            for number in reversed(numbers) if node.reverse else numbers:
                self.scopes.declare(node.name, Variable(None, Value(number, "fixed")))
                if not self._turn(node.body, node.label):
                    break
        finally:
            self.scopes.leave()

    def _loop(self, node: nodes.Loop) -> None:
        while node.before is None or self.evaluate(node, node.before).true:
            self.check_time(node)
            if not self._turn(node.body, node.label):
                return
            if node.until is not None and self.evaluate(node, node.until).true:
                return

    def _leave(self, node: nodes.Leave) -> None:
        raise _Leave(node.label, node.again)

    def _nothing(self, node: nodes.Nothing) -> None:
        """NULL does nothing."""


def _handler(handlers: tuple[nodes.Handler, ...], fault: Fault) -> nodes.Handler | None:
    for handler in handlers:
        if fault.type in handler.names or "OTHER" in handler.names:
            return handler
    return None


_RUN: Final[dict[type[nodes.Node], Callable[[Runner, Any], None]]] = {
    nodes.Assign: Runner._assign,
    nodes.Block: Runner._block,
    nodes.Case: Runner._case,
    nodes.Cursor: Runner._cursor,
    nodes.Declare: Runner._declare,
    nodes.DeclareCursor: Runner._declare_cursor,
    nodes.DeclareException: Runner._declare_exception,
    nodes.DeclareResultSet: Runner._declare_result_set,
    nodes.ForRange: Runner._for_range,
    nodes.ForRows: Runner._for_rows,
    nodes.If: Runner._if,
    nodes.Immediate: Runner._sql,
    nodes.Leave: Runner._leave,
    nodes.Loop: Runner._loop,
    nodes.Nothing: Runner._nothing,
    nodes.Raise: Runner._raise,
    nodes.Return: Runner._return,
    nodes.Sql: Runner._sql,
}
