"""Parsing queries and DML with sqlglot, and naming the columns that a query leaves unnamed.

Snowflake names such a column by its own text in upper case (`COUNT(*)`), and drivers match on it.
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from sandbox.snowflake.data.foreign import refuse_foreign
from sandbox.snowflake.data.scope import upper_identifiers
from sandbox.snowflake.errors import StatementSyntaxError, UnsupportedError
from sandbox.snowflake.sql.reader import Reader

_DIALECT: Final = Snowflake()
_ENDS: Final = frozenset(
    {
        TokenType.FROM,
        TokenType.WHERE,
        TokenType.UNION,
        TokenType.INTERSECT,
        TokenType.EXCEPT,
        TokenType.GROUP_BY,
        TokenType.HAVING,
        TokenType.QUALIFY,
        TokenType.ORDER_BY,
        TokenType.LIMIT,
        TokenType.SEMICOLON,
    }
)
_QUANTIFIERS: Final = frozenset({TokenType.DISTINCT, TokenType.ALL})
_OPEN: Final = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
_CLOSE: Final = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})


def parse(text: str) -> exp.Expr:
    """The one statement in `text`, with its unnamed columns named."""
    try:
        found = _DIALECT.tokenize(text)
        trees = [tree for tree in _DIALECT.parser().parse(found, text) if tree is not None]
    except TokenError as error:
        raise StatementSyntaxError(f"syntax error: {error}") from None
    except ParseError as error:
        raise _syntax_error(error) from None
    refuse_foreign(found)
    if len(trees) != 1:
        raise UnsupportedError("several statements in one request")
    tree = trees[0]
    if isinstance(tree, exp.Query):
        name_columns(tree, found, text)
    return tree


def parse_expression(text: str) -> exp.Expr:
    """A scalar expression, as a column default."""
    found: exp.Expr = parse(f"SELECT {text}").expressions[0]
    return found.unalias()


def read_when(reader: Reader) -> exp.HistoricalData | None:
    """`AT | BEFORE (…)`, where the next word is one of these."""
    word = reader.accept_any("AT", "BEFORE")
    if word is None:
        return None
    table = parse(f"SELECT * FROM T {word} ({reader.parenthesised()})").find(exp.Table)
    when = table.args.get("when") if table is not None else None
    if not isinstance(when, exp.HistoricalData):
        raise reader.error()
    upper_identifiers(when)
    return when


def name_columns(tree: exp.Query, found: list[Token], text: str) -> None:
    """Gives each unnamed column of the outermost SELECT its own text as its name."""
    select = _first_select(tree)
    if select is None or not any(_unnamed(column) for column in select.expressions):
        return
    texts = _projections(found, text)
    if len(texts) != len(select.expressions):
        texts = [column.sql("snowflake") for column in select.expressions]
    for column, name in zip(list(select.expressions), texts, strict=True):
        if _unnamed(column):
            column.replace(exp.alias_(column.copy(), name.upper(), quoted=True))


def _first_select(tree: exp.Expr) -> exp.Select | None:
    while not isinstance(tree, exp.Select):
        if not isinstance(tree, exp.Subquery | exp.SetOperation):
            return None
        tree = tree.this
    return tree


def _unnamed(column: exp.Expr) -> bool:
    if isinstance(column, exp.Dot) and isinstance(column.expression, exp.Anonymous):
        return True
    return not isinstance(column, exp.Alias | exp.Aliases | exp.Column | exp.Star | exp.Dot)


def _projections(found: list[Token], text: str) -> list[str]:
    """The raw texts of the items between the outermost SELECT and its FROM."""
    base = next(i for i, token in enumerate(found) if token.token_type is not TokenType.L_PAREN)
    depth, items, first, last = 0, [], -1, -1
    for token in found:
        if depth == base and first >= 0 and token.token_type in _ENDS:
            break
        depth -= token.token_type in _CLOSE
        if depth < base and first >= 0:
            break
        if (depth == base and token.token_type is TokenType.SELECT and last < 0) or (
            depth == base and last >= 0 and first < 0 and token.token_type in _QUANTIFIERS
        ):
            last = token.end + 1
        elif depth == base and first >= 0 and token.token_type is TokenType.COMMA:
            items.append(text[first:last])
            first = -1
            last = token.end + 1
        elif last >= 0:
            first = token.start if first < 0 else first
            last = token.end + 1
        depth += token.token_type in _OPEN
    items = [*items, text[first:last]] if first >= 0 else items
    return [re.sub(r"(?i)^TOP\s+\d+\s+", "", item) for item in items]


def _syntax_error(error: ParseError) -> StatementSyntaxError:
    detail = error.errors[0] if error.errors else {}
    line, column = detail.get("line"), detail.get("col")
    if not line:
        return StatementSyntaxError(f"syntax error {error}")
    position = max((column or 1) - len(str(detail.get("highlight", ""))), 0)
    return StatementSyntaxError(
        f"syntax error line {line} at position {position} unexpected "
        f"'{detail.get('highlight') or '<EOF>'}'."
    )
