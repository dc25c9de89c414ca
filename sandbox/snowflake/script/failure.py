"""How blocks fail, and the exceptions that handlers catch.

https://docs.snowflake.com/en/developer-guide/snowflake-scripting/exceptions
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.snowflake.errors import SnowflakeError
from sandbox.snowflake.script.nodes import Node

STATEMENT_ERROR = "STATEMENT_ERROR"
EXPRESSION_ERROR = "EXPRESSION_ERROR"


@dataclass(frozen=True, slots=True)
class Fault:
    """An exception on its way to a handler: what SQLCODE, SQLERRM and SQLSTATE tell."""

    type: str
    code: str
    sqlstate: str
    message: str
    node: Node


class Raised(Exception):  # noqa: N818  # it is raised and caught as Snowflake's exceptions are
    """Carries a fault through the block's Python frames."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class UncaughtError(SnowflakeError):
    """No handler took the exception: the block fails with the cause's own code."""

    def __init__(self, fault: Fault) -> None:
        node = fault.node
        super().__init__(
            f"Uncaught exception of type '{fault.type}' on line {node.line} "
            f"at position {node.column} : {fault.message}"
        )
        self.code = fault.code
        self.sqlstate = fault.sqlstate


class OpenTransactionError(SnowflakeError):
    """A procedure began a transaction and did not end it."""

    code = "090232"
    sqlstate = "25000"

    def __init__(self) -> None:
        super().__init__(
            "Stored procedure execution error: Scoped transaction started in stored procedure is "
            "incomplete and it was rolled back."
        )


class StatementTypeError(SnowflakeError):
    """What a procedure with its owner's rights must not do to the session."""

    code = "090236"
    sqlstate = "42601"

    def __init__(self, verb: str) -> None:
        super().__init__(f"Stored procedure execution error: Unsupported statement type '{verb}'.")


class NestingError(SnowflakeError):
    """Procedures call each other too deeply."""

    code = "090081"
    sqlstate = "54000"

    def __init__(self, most: int) -> None:
        super().__init__(f"Stored procedure execution error: nested calls exceed {most} levels.")


class TimeoutReachedError(SnowflakeError):
    """A statement would begin after the time that its task has."""

    code = "000630"
    sqlstate = "57014"

    def __init__(self) -> None:
        super().__init__("Statement reached its statement or warehouse timeout and was canceled.")


def fault_of(error: SnowflakeError, type_: str, node: Node) -> Fault:
    """The exception that a failed statement or expression raises."""
    return Fault(type_, error.code, error.sqlstate, error.message, node)
