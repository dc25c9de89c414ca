"""The query behind a view, as it was written, for reading it with the policies of what it reads.

https://docs.snowflake.com/en/sql-reference/sql/create-view
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from sandbox.snowflake.data.model import ObjectName, QueryContext
from sandbox.snowflake.data.reading import parse
from sandbox.snowflake.data.rewrite.queries import implied_recursion
from sandbox.snowflake.data.scope import upper_identifiers
from sandbox.snowflake.data.statements.definition import read_columns, read_options
from sandbox.snowflake.sql.reader import Reader


@dataclass(frozen=True)
class View:
    """The columns' names, where they were given, the query with upper-case names, the owner."""

    columns: tuple[str, ...]
    query: exp.Expr
    owner: str


def read_view(text: str, owner: str) -> View:
    """From the text of CREATE VIEW."""
    reader = Reader(text)
    while not reader.accept("VIEW"):
        reader.advance()
    reader.accept("IF", "NOT", "EXISTS")
    reader.path()
    reader.accept("IF", "NOT", "EXISTS")
    columns = read_columns(reader) if reader.token.value == "(" else []
    read_options(reader)
    reader.expect("AS")
    tree = parse(reader.raw_until_end())
    upper_identifiers(tree)
    query = tree.transform(implied_recursion, copy=False)
    return View(tuple(column.name for column in columns), query, owner)


def at_home(name: ObjectName, context: QueryContext) -> QueryContext:
    """The context in which a view's short names are read: the view's own schema.

    https://docs.snowflake.com/en/sql-reference/name-resolution
    """
    return replace(context, database=name.database, schema=name.schema)
