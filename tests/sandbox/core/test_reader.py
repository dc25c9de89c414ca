"""The reader takes statements apart as Snowflake does."""

from __future__ import annotations

import pytest

from sandbox.snowflake.errors import StatementSyntaxError
from sandbox.snowflake.sql.names import dotted, dotted_quoted
from sandbox.snowflake.sql.reader import Reader


def test_a_bare_identifier_is_upper_cased_and_a_quoted_one_is_kept() -> None:
    assert Reader('raw."Mixed Case".t').path() == ("RAW", "Mixed Case", "T")


def test_two_dots_mean_the_public_schema() -> None:
    assert Reader("db..t").path() == ("DB", "PUBLIC", "T")


def test_the_identifier_function_is_read_as_a_name() -> None:
    assert Reader("IDENTIFIER('db.s')").path() == ("DB", "S")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("'plain'", "plain"),
        ("'it''s'", "it's"),
        (r"'it\'s'", "it's"),
        (r"'a\nb'", "a\nb"),
        ("$$raw 'text'$$", "raw 'text'"),
    ],
)
def test_a_string_is_unescaped(written: str, meant: str) -> None:
    assert Reader(written).string() == meant


def test_comments_and_a_trailing_semicolon_are_passed_over() -> None:
    reader = Reader("SHOW /* all */ ROLES -- now\n ;")
    assert reader.accept("SHOW", "ROLES")
    assert reader.at_end


def test_a_failed_accept_leaves_the_place() -> None:
    reader = Reader("IF NOT EXISTS x")
    assert not reader.accept("IF", "EXISTS")
    assert reader.accept("IF", "NOT", "EXISTS")


def test_the_error_names_line_position_and_what_stands_there() -> None:
    reader = Reader("CREATE ROLE\n  ?")
    reader.expect("CREATE", "ROLE")
    with pytest.raises(StatementSyntaxError, match=r"line 2 at position 2 unexpected '\?'"):
        reader.identifier()


def test_parentheses_are_read_to_their_own_end() -> None:
    reader = Reader("(a, (b), ')') rest")
    assert reader.parenthesised() == "a, (b), ')'"
    assert reader.accept("REST")


def test_an_open_parenthesis_is_an_error() -> None:
    with pytest.raises(StatementSyntaxError):
        Reader("(a, (b)").parenthesised()


def test_names_are_written_bare_only_where_they_may_be() -> None:
    assert dotted(("DB", "lower", 'q"')) == 'DB."lower"."q"""'
    assert dotted_quoted(("DB", "S")) == '"DB"."S"'
