"""Which statement a text is: the white list of what the data plane carries out.

Queries and DML are parsed by sqlglot, DDL by our own reader, because there every clause matters and
what is not understood must not pass for done.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from sqlglot import exp

from sandbox.snowflake.data.reading import parse, read_when
from sandbox.snowflake.data.statements import alter, load
from sandbox.snowflake.data.statements.base import Statement
from sandbox.snowflake.data.statements.change import Change, Truncate
from sandbox.snowflake.data.statements.create import Create, Header
from sandbox.snowflake.data.statements.definition import Options, read_columns, read_options
from sandbox.snowflake.data.statements.describe import Describe, ShowColumns
from sandbox.snowflake.data.statements.drop import Drop
from sandbox.snowflake.data.statements.query import Explain, Query
from sandbox.snowflake.data.statements.session import (
    AlterSession,
    SetVariables,
    Transaction,
    UnsetVariables,
)
from sandbox.snowflake.errors import UnsupportedError
from sandbox.snowflake.sql.reader import Reader

_CHANGES: Final[dict[str, type[exp.Expr]]] = {
    "INSERT": exp.Insert,
    "UPDATE": exp.Update,
    "DELETE": exp.Delete,
    "MERGE": exp.Merge,
}


@lru_cache(maxsize=64)
def read_statement(text: str) -> Statement:
    """The statement in `text`; UnsupportedError for one that is not on the list."""
    reader = Reader(text)
    word = reader.token.word
    if word in {"SELECT", "WITH", "VALUES"} or reader.token.value == "(":
        return _query(text)
    if word in _CHANGES:
        tree = parse(text)
        if not isinstance(tree, _CHANGES[word]):
            raise unsupported(text)
        return Change(tree, word)
    read = _READERS.get(word)
    if read is None:
        raise unsupported(text)
    statement = read(reader)
    reader.expect_end()
    return statement


def unsupported(text: str) -> UnsupportedError:
    """The refusal that names the statement's beginning."""
    words = " ".join(text.split())
    return UnsupportedError(words if len(words) <= 80 else f"{words[:77]}…")


def _query(text: str) -> Query:
    tree = parse(text)
    if not isinstance(tree, exp.Query | exp.Values):
        raise unsupported(text)
    if isinstance(tree, exp.Values):
        tree = exp.select("*").from_(tree)
    if tree.find(exp.Into):
        raise unsupported(text)
    return Query(tree)


def _create(reader: Reader) -> Statement:
    text = reader.text
    reader.expect("CREATE")
    replace = reader.accept("OR", "REPLACE")
    marks: set[str] = set()
    known = ("LOCAL", "GLOBAL", "TEMP", "TEMPORARY", "VOLATILE", "TRANSIENT", "SECURE", "RECURSIVE")
    while mark := reader.accept_any(*known):
        marks.add(mark)
    kind = reader.accept_any("TABLE", "VIEW")
    if kind is None:
        raise unsupported(text)
    exists = reader.accept("IF", "NOT", "EXISTS")
    header = Header(
        path=reader.path(),
        replace=replace,
        if_not_exists=exists or reader.accept("IF", "NOT", "EXISTS"),
        temporary=bool(marks & {"TEMP", "TEMPORARY", "VOLATILE"}),
        transient="TRANSIENT" in marks,
        secure="SECURE" in marks,
    )
    columns = read_columns(reader) if reader.token.value == "(" else []
    options = read_options(reader)
    return _body(reader, Create(kind, header, text, columns, options))


def _body(reader: Reader, create: Create) -> Create:
    query = like = clone = when = None
    if reader.accept("AS"):
        query = _query(reader.raw_until_end()).tree
    elif reader.accept("LIKE"):
        like = reader.path()
    elif reader.accept("CLONE"):
        clone = reader.path()
        when = read_when(reader)
        if reader.token.word in {"AT", "BEFORE"}:
            raise UnsupportedError("CLONE … AT | BEFORE (time travel)")
    elif not create.columns:
        raise reader.error()
    if query is None and create.columns and create.kind == "VIEW":
        raise reader.error()
    later: Options = read_options(reader)
    options = create.options
    options.copy_grants |= later.copy_grants
    options.comment = options.comment or later.comment
    options.properties |= later.properties
    options.governed += later.governed
    return Create(
        create.kind, create.header, create.text, create.columns, options, query, like, clone, when
    )


def _drop(reader: Reader) -> Statement:
    reader.expect("DROP")
    kind = reader.accept_any("TABLE", "VIEW")
    if kind is None:
        raise unsupported(reader.text)
    exists = reader.accept("IF", "EXISTS")
    path = reader.path()
    reader.accept_any("CASCADE", "RESTRICT")
    return Drop(kind, path, exists)


def _truncate(reader: Reader) -> Statement:
    reader.expect("TRUNCATE")
    reader.accept("TABLE")
    exists = reader.accept("IF", "EXISTS")
    return Truncate(reader.path(), exists)


def _describe(reader: Reader) -> Statement:
    reader.advance()
    kind = reader.accept_any("TABLE", "VIEW") or "TABLE"
    path = reader.path()
    stage = False
    if reader.accept("TYPE"):
        reader.accept_symbol("=")
        stage = reader.accept_any("STAGE", "COLUMNS") == "STAGE"
    return Describe(path, kind, stage)


def _show(reader: Reader) -> Statement:
    reader.expect("SHOW")
    if not reader.accept("COLUMNS"):
        raise unsupported(reader.text)
    like = reader.string() if reader.accept("LIKE") else None
    scope = "DATABASE"
    path: tuple[str, ...] = ()
    if reader.accept_any("IN", "FROM"):
        scope = reader.accept_any("TABLE", "VIEW", "SCHEMA", "DATABASE", "ACCOUNT") or "TABLE"
        path = reader.path() if not reader.at_end else ()
    return ShowColumns("TABLE" if scope == "VIEW" else scope, path, like)


def _transaction(reader: Reader) -> Statement:
    word = reader.advance().word
    reader.accept_any("TRANSACTION", "WORK")
    if reader.accept("NAME"):
        reader.identifier()
    return Transaction({"COMMIT": "COMMIT", "ROLLBACK": "ROLLBACK"}.get(word, "BEGIN_TRANSACTION"))


def _set(reader: Reader) -> Statement:
    reader.expect("SET")
    names: list[str] = []
    if reader.accept_symbol("("):
        names.append(reader.identifier())
        while reader.accept_symbol(","):
            names.append(reader.identifier())
        reader.expect_symbol(")")
        reader.expect_symbol("=")
        expressions = reader.parenthesised()
    else:
        names.append(reader.identifier())
        reader.expect_symbol("=")
        expressions = reader.raw_until_end()
    tree = parse(f"SELECT {expressions}")
    if not isinstance(tree, exp.Select) or len(tree.expressions) != len(names):
        raise reader.error()
    return SetVariables(names, tree)


def _unset(reader: Reader) -> Statement:
    reader.expect("UNSET")
    reader.accept_symbol("(")
    names = [reader.identifier()]
    while reader.accept_symbol(","):
        names.append(reader.identifier())
    reader.accept_symbol(")")
    return UnsetVariables(names)


def _alter(reader: Reader) -> Statement:
    reader.expect("ALTER")
    if not reader.accept("SESSION"):
        return alter.read_alter(reader, unsupported)
    parameters: dict[str, str | None] = {}
    if reader.accept("UNSET"):
        parameters[reader.identifier()] = None
        while reader.accept_symbol(","):
            parameters[reader.identifier()] = None
        return AlterSession(parameters)
    reader.expect("SET")
    while not reader.at_end:
        name = reader.identifier()
        reader.expect_symbol("=")
        parameters[name] = reader.advance().value
        reader.accept_symbol(",")
    return AlterSession(parameters)


def _explain(reader: Reader) -> Statement:
    reader.expect("EXPLAIN")
    if reader.accept("USING"):
        reader.accept_any("TEXT", "TABULAR", "JSON")
    return Explain(_query(reader.raw_until_end()))


_READERS: Final[dict[str, Callable[[Reader], Statement]]] = {
    "CREATE": _create,
    "ALTER": _alter,
    "DROP": _drop,
    "TRUNCATE": _truncate,
    "DESCRIBE": _describe,
    "DESC": _describe,
    "SHOW": _show,
    "COMMENT": alter.read_comment,
    "BEGIN": _transaction,
    "START": _transaction,
    "COMMIT": _transaction,
    "ROLLBACK": _transaction,
    "SET": _set,
    "UNSET": _unset,
    "EXPLAIN": _explain,
    "COPY": load.read_copy,
    "LIST": load.read_list,
    "LS": load.read_list,
}
