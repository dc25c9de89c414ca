"""Stored procedures in SQL: made, shown and changed here, called by `script/procedure.py`.

Other languages are refused by name.
https://docs.snowflake.com/en/sql-reference/sql/create-procedure
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sandbox.snowflake.catalog import columns as column
from sandbox.snowflake.catalog import values as value
from sandbox.snowflake.catalog.kind import Kind, Scope, ShowColumn
from sandbox.snowflake.catalog.record import Record
from sandbox.snowflake.catalog.signature import bare_type, signed
from sandbox.snowflake.context import Context
from sandbox.snowflake.data.types import read_type
from sandbox.snowflake.errors import (
    AlreadyExistsError,
    CompilationError,
    StatementSyntaxError,
    UnsupportedError,
)
from sandbox.snowflake.parameters import at_level
from sandbox.snowflake.result import Column, Result, status
from sandbox.snowflake.script.parser import parse
from sandbox.snowflake.sql.names import Path, dotted
from sandbox.snowflake.sql.reader import Reader
from sandbox.snowflake.sql.tokens import TokenKind
from sandbox.snowflake.verbs.create import container
from sandbox.snowflake.verbs.drop import remove
from sandbox.snowflake.verbs.target import Target

OWNER: Final = "OWNER"
ARGUMENTS: Final = "ARGUMENTS"
"""`[name, type, default expression or None]` of each argument."""


def _create(context: Context, target: Target, reader: Reader) -> Result:
    """CREATE [OR REPLACE] [SECURE] PROCEDURE [IF NOT EXISTS] name (…) … AS body."""
    if_not_exists = reader.accept("IF", "NOT", "EXISTS")
    short = reader.path()
    arguments = _read_arguments(reader)
    path = context.resolve(KIND, signed(short, [str(type_) for _, type_, _ in arguments]))
    context.check_parent(path)
    context.demand("CREATE PROCEDURE", container(context, KIND, path))
    properties: dict[str, Any] = {"COMMENT": "", "EXECUTE_AS": OWNER, ARGUMENTS: arguments}
    properties |= dict.fromkeys(target.modifiers, True)
    copy_grants = _read_options(reader, properties)
    existing = context.store.find(KIND.space(), path)
    if existing is not None and if_not_exists:
        return status(f"{short[-1]} already exists, statement succeeded.")
    if existing is not None and not target.or_replace:
        raise AlreadyExistsError(dotted(path))
    access = context.account.access
    grants = access.grants_on(existing) if existing is not None and copy_grants else []
    if existing is not None:
        remove(context, existing)
    record = context.store.add(KIND.name, path, context.session.role_id, context.now, properties)
    if copy_grants and existing is not None:
        access.regrant(grants, record)
    else:
        access.object_created(context, record)
    return status(f"Function {short[-1]} successfully created.")


def _read_arguments(reader: Reader) -> list[list[str | None]]:
    arguments: list[list[str | None]] = []
    reader.expect_symbol("(")
    while not reader.accept_symbol(")"):
        reader.accept("IN")
        name, type_ = reader.identifier(), str(read_type(reader))
        default = _default(reader) if reader.accept("DEFAULT") else None
        if default is None and arguments and arguments[-1][2] is not None:
            raise CompilationError(f"Argument {name} without a default follows one with a default.")
        arguments.append([name, type_, default])
        reader.accept_symbol(",")
    return arguments


def _default(reader: Reader) -> str:
    """An expression, up to the next argument."""
    start, depth = reader.token.start, 0
    while not reader.at_end and not (depth == 0 and reader.token.value in (",", ")")):
        token = reader.advance()
        if token.kind is TokenKind.SYMBOL:
            depth += {"(": 1, ")": -1}.get(token.value, 0)
    return reader.text[start : reader.last.end]


def _read_options(reader: Reader, properties: dict[str, Any]) -> bool:
    """What stands between the arguments and the end; tells whether COPY GRANTS does."""
    copy_grants = reader.accept("COPY", "GRANTS")
    reader.expect("RETURNS")
    _read_returns(reader, properties)
    language = "SQL"
    while not reader.accept("AS"):
        if reader.accept("LANGUAGE"):
            language = reader.advance().word
        elif reader.accept("EXECUTE", "AS"):
            _read_rights(reader, properties)
        elif reader.accept("COMMENT"):
            reader.expect_symbol("=")
            properties["COMMENT"] = reader.string()
        elif reader.accept("COPY", "GRANTS"):
            copy_grants = True
        elif not _skipped(reader, properties):
            raise UnsupportedError(f"CREATE PROCEDURE … {reader.token.value} (LANGUAGE {language})")
    if language != "SQL":
        raise UnsupportedError(f"procedures in the language {language}; only SQL ones")
    is_text = reader.token.kind is TokenKind.STRING
    properties["BODY"] = reader.string() if is_text else reader.raw_until_end()
    reader.expect_end()
    parse(properties["BODY"])
    return copy_grants


def _skipped(reader: Reader, properties: dict[str, Any]) -> bool:
    """NULL handling and volatility; only STRICT changes what a call does."""
    for words, strict in (
        (("CALLED", "ON", "NULL", "INPUT"), False),
        (("RETURNS", "NULL", "ON", "NULL", "INPUT"), True),
        (("STRICT",), True),
    ):
        if reader.accept(*words):
            properties["STRICT"] = strict
            return True
    return reader.accept_any("VOLATILE", "IMMUTABLE") is not None


def _read_returns(reader: Reader, properties: dict[str, Any]) -> None:
    """type [[NOT] NULL], or TABLE (name type, …)."""
    if reader.accept("TABLE"):
        properties["RETURNS"] = f"TABLE ({reader.parenthesised()})"
        properties["TABLE"] = True
        return
    properties["RETURNS"] = str(read_type(reader))
    if reader.accept("NOT", "NULL"):
        properties["NOT_NULL"] = True
    reader.accept("NULL")


def _read_rights(reader: Reader, properties: dict[str, Any]) -> None:
    if reader.token.word == "RESTRICTED":
        raise UnsupportedError("procedures EXECUTE AS RESTRICTED CALLER")
    word = reader.accept_any("OWNER", "CALLER")
    if word is None:
        raise StatementSyntaxError("EXECUTE AS takes OWNER or CALLER.")
    properties["EXECUTE_AS"] = word


def _execute_as(context: Context, record: Record, reader: Reader) -> None:
    reader.expect("AS")
    _read_rights(reader, record.properties)


def _renamed(context: Context, record: Record, path: Path) -> None:
    """A procedure may move to another schema of any database."""


def required(arguments: Iterable[list[str | None]]) -> int:
    """How many arguments have no default."""
    return sum(default is None for _, _, default in arguments)


def _shown_arguments(context: Context, record: Record) -> str:
    shown = ", ".join(
        ("DEFAULT " if default is not None else "") + bare_type(str(type_))
        for _, type_, default in record.properties[ARGUMENTS]
    )
    returns = record.properties["RETURNS"]
    if not record.properties.get("TABLE"):
        returns = bare_type(returns)
    return f"{record.name}({shown}) RETURN {returns}"


def _describe(context: Context, record: Record) -> Result:
    properties = record.properties
    signature = ", ".join(
        f"{name} {bare_type(str(type_))}" for name, type_, _ in properties[ARGUMENTS]
    )
    returns = properties["RETURNS"] + (" NOT NULL" if properties.get("NOT_NULL") else "")
    rows = [
        ("signature", f"({signature})"),
        ("returns", returns),
        ("language", "SQL"),
        (
            "null handling",
            "RETURNS NULL ON NULL INPUT" if properties.get("STRICT") else "CALLED ON NULL INPUT",
        ),
        ("volatility", "VOLATILE"),
        ("execute as", properties["EXECUTE_AS"]),
        ("body", properties["BODY"]),
    ]
    return Result([Column("property"), Column("value")], rows)


def _count(context: Context, record: Record) -> int:
    return len(record.properties[ARGUMENTS])


KIND: Final = Kind(
    name="PROCEDURE",
    plural="PROCEDURES",
    scope=Scope.SCHEMA,
    properties=(value.COMMENT,),
    parameters=at_level("PROCEDURE"),
    modifiers=("SECURE",),
    privileges=("USAGE",),
    actions={"EXECUTE": _execute_as},
    create=_create,
    renamed=_renamed,
    describe=_describe,
    show=(
        column.CREATED_ON,
        column.NAME,
        column.SCHEMA_NAME,
        *(column.fixed(name, "N") for name in ("is_builtin", "is_aggregate", "is_ansi")),
        ShowColumn(
            "min_num_arguments",
            lambda context, record: required(record.properties[ARGUMENTS]),
            "fixed",
        ),
        ShowColumn("max_num_arguments", _count, "fixed"),
        ShowColumn("arguments", _shown_arguments),
        ShowColumn(
            "description", lambda context, record: record.comment or "user-defined procedure"
        ),
        ShowColumn("catalog_name", lambda context, record: record.path[0]),
        ShowColumn(
            "is_table_function",
            lambda context, record: "Y" if record.properties.get("TABLE") else "N",
        ),
        column.fixed("valid_for_clustering", "N"),
        ShowColumn(
            "is_secure", lambda context, record: "Y" if record.properties.get("SECURE") else "N"
        ),
        column.fixed("secrets", None),
        column.fixed("external_access_integrations", None),
    ),
)
