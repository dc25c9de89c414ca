"""Snowflake-shaped errors: each class knows its code and SQLSTATE and takes only what varies.

Every one leaves the front as HTTP 200 with `success: false`; an HTTP 5xx would make the Go driver
retry for ever. Codes and texts follow what the account says, because clients match on them.
"""

from __future__ import annotations


class SnowflakeError(Exception):
    """A failed statement or login, as the client sees it."""

    code = "000603"
    sqlstate = "XX000"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class CompilationError(SnowflakeError):
    """The statement was understood but cannot be carried out as written."""

    code = "002043"
    sqlstate = "02000"

    def __init__(self, detail: str) -> None:
        super().__init__(f"SQL compilation error:\n{detail}")


class StatementSyntaxError(SnowflakeError):
    """The statement cannot be read."""

    code = "001003"
    sqlstate = "42000"

    def __init__(self, detail: str) -> None:
        super().__init__(f"SQL compilation error:\n{detail}")


class UnsupportedError(SnowflakeError):
    """Snowflake may know this statement; the sandbox does not, and says so."""

    code = "002040"
    sqlstate = "0A000"

    def __init__(self, what: str) -> None:
        super().__init__(f"SQL compilation error:\nThe LEAP sandbox does not support: {what}")


class DoesNotExistError(SnowflakeError):
    """An object that is absent, or that the role may not see."""

    code = "002003"
    sqlstate = "02000"

    def __init__(self, kind: str, name: str) -> None:
        what = f"{kind.capitalize()} '{name}'"
        super().__init__(f"SQL compilation error:\n{what} does not exist or not authorized.")


class OperationOnMissingError(SnowflakeError):
    """ALTER, DROP or USE of what is not there."""

    code = "002043"
    sqlstate = "02000"

    def __init__(self) -> None:
        super().__init__(
            "SQL compilation error:\nObject does not exist, or operation cannot be performed."
        )


class AlreadyExistsError(SnowflakeError):
    """CREATE of a name that is taken."""

    code = "002002"
    sqlstate = "42710"

    def __init__(self, name: str) -> None:
        super().__init__(f"SQL compilation error:\nObject '{name}' already exists.")


class HiddenError(SnowflakeError):
    """CREATE of a name that something has which the role may not see."""

    code = "003041"
    sqlstate = "42710"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"SQL access control error:\n{kind.capitalize()} '{name}' already exists, but current "
            "role has no privileges on it. If this is unexpected and you cannot resolve this "
            "problem, contact your system administrator."
        )


class InvalidPropertyError(SnowflakeError):
    """A property that the kind does not have."""

    code = "001420"
    sqlstate = "22023"

    def __init__(self, name: str, allowed: str) -> None:
        super().__init__(
            f"SQL compilation error:\ninvalid property '{name}'; known here: {allowed}"
        )


class InvalidValueError(SnowflakeError):
    """A value outside what the property or parameter takes."""

    code = "001008"
    sqlstate = "22023"

    def __init__(self, value: str, name: str) -> None:
        super().__init__(f"SQL compilation error:\ninvalid value [{value}] for parameter '{name}'")


class NoCurrentDatabaseError(SnowflakeError):
    """An unqualified name, and the session has no database."""

    code = "090105"
    sqlstate = "22000"

    def __init__(self, command: str) -> None:
        super().__init__(
            f"Cannot perform {command}. This session does not have a current database. "
            "Call 'USE DATABASE', or use a qualified name."
        )


class NoCurrentSchemaError(SnowflakeError):
    """An unqualified name, and the session has no schema."""

    code = "090106"
    sqlstate = "22000"

    def __init__(self, command: str) -> None:
        super().__init__(
            f"Cannot perform {command}. This session does not have a current schema. "
            "Call 'USE SCHEMA', or use a qualified name."
        )


class InsufficientPrivilegesError(SnowflakeError):
    """The role lacks the privilege; Snowflake's own text."""

    code = "003001"
    sqlstate = "42501"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            "SQL access control error:\n"
            f"Insufficient privileges to operate on {kind.lower()} '{name}'."
        )


class LoginError(SnowflakeError):
    """Wrong user, password or key."""

    code = "390100"
    sqlstate = "08001"

    def __init__(self, message: str = "Incorrect username or password was specified.") -> None:
        super().__init__(message)


class SessionGoneError(SnowflakeError):
    """A token that no session holds: the client must log in again."""

    code = "390104"
    sqlstate = "08001"

    def __init__(self) -> None:
        super().__init__("User must login again to access the service.")


class SessionExpiredError(SnowflakeError):
    """A session that idled longer than its session policy allows; its tokens are void."""

    code = "390114"
    sqlstate = "08001"

    def __init__(self) -> None:
        super().__init__("Authentication token has expired.  The user must authenticate again.")
