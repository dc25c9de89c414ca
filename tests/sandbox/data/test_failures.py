"""Errors are Snowflake's: code, SQLSTATE and the words that clients match on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sandbox.snowflake.errors import SnowflakeError

if TYPE_CHECKING:
    from tests.sandbox.data.conftest import Client

_MISSING = "does not exist or not authorized"


@pytest.mark.parametrize(
    ("sql", "code", "words"),
    [
        ("select * from nope", "002003", f"Object 'LEAP.MARTS.NOPE' {_MISSING}"),
        ("select * from raw.nope", "002003", f"Object 'LEAP.RAW.NOPE' {_MISSING}"),
        ("select * from leap.none.t", "002003", f"Schema 'LEAP.NONE' {_MISSING}"),
        ("select * from nodb.s.t", "002003", f"Database 'NODB' {_MISSING}"),
        ("insert into nope values (1)", "002003", f"Object 'LEAP.MARTS.NOPE' {_MISSING}"),
        ("insert into t select * from nope", "002003", f"Object 'LEAP.MARTS.NOPE' {_MISSING}"),
        ("describe table nope", "002003", f"Table 'LEAP.MARTS.NOPE' {_MISSING}"),
        ("drop table nope", "002003", f"Table 'LEAP.MARTS.NOPE' {_MISSING}"),
        ("drop view nope", "002003", f"View 'LEAP.MARTS.NOPE' {_MISSING}"),
        ("alter table nope add column a int", "002003", _MISSING),
        ("create view v as select * from nope", "002003", _MISSING),
        ("create table leap.none.t (a int)", "002003", f"Schema 'LEAP.NONE' {_MISSING}"),
        ("select nope from t", "000904", "invalid identifier 'NOPE'"),
        ("insert into t (nope) values (1)", "000904", "invalid identifier 'NOPE'"),
        ("update t set nope = 1", "000904", "invalid identifier 'NOPE'"),
        ("select a from t x, t y", "001006", "ambiguous column name 'A'"),
        ("select a, count(*) from t", "002043", "'A' is not a valid group by expression"),
        ("select nofunc(1)", "002140", "Unknown function NOFUNC"),
        ("select list_value(1)", "002140", "Unknown function LIST_VALUE"),
        ("select strftime(current_date, '%Y')", "002140", "Unknown function STRFTIME"),
        ("select string_agg(b) from t", "002140", "Unknown function STRING_AGG"),
        ("select getvariable('leap')", "002140", "Unknown function GETVARIABLE"),
        ("select current_setting('threads')", "002140", "Unknown function CURRENT_SETTING"),
        ("select 1 frm t", "001003", "syntax error line 1 at position"),
        ("select (1", "001003", "syntax error"),
        ("create table t (a int)", "002002", "Object 'LEAP.MARTS.T' already exists."),
        ("create table x (a nosuchtype)", "002043", "Unsupported data type 'NOSUCHTYPE'."),
        ("create table x (a int, a int)", "002043", "duplicate column name 'A'"),
        ("create table x as select 1 as a, 2 as a", "002043", "duplicate column name 'A'"),
        ("create table x (a int) badoption = 1", "001003", "unexpected 'badoption'"),
        ("select 'x'::int", "100038", "Numeric value 'x' is not recognized"),
        ("select '2020-13-01'::date", "100038", "Date value '2020-13-01' is not recognized"),
        ("select 'maybe'::boolean", "100038", "Boolean value 'maybe' is not recognized"),
        ("select 1/0", "100051", "Division by zero"),
        ("select a/(a-a) from t", "100051", "Division by zero"),
        ("select parse_json('{')", "100069", "Error parsing JSON"),
        ("insert into t (a) values (null)", "100072", "NULL result in a non-nullable column"),
        ("insert into t values (1, 2, 3)", "002020", "expecting 2 but got 3"),
        ("select 99999::number(3,0)", "100039", "Numeric value out of range"),
        ("select * from t at (offset => -60)", "000707", "Time travel data is not available"),
        ("select * from @~/x", "002040", "does not support"),
    ],
)
def test_an_error_is_told_as_snowflake_tells_it(
    ask: Client, sql: str, code: str, words: str
) -> None:
    ask("create table t (a int not null, b varchar)")
    ask("insert into t values (1, 'x')")

    with pytest.raises(SnowflakeError) as raised:
        ask(sql)

    assert raised.value.code == code
    assert words in raised.value.message


def test_without_a_database_a_bare_name_says_so(connect: Callable[..., Client]) -> None:
    with pytest.raises(SnowflakeError, match="does not have a current database"):
        connect(database=None, schema=None)("select * from t")


def test_without_a_schema_a_bare_name_says_so(connect: Callable[..., Client]) -> None:
    with pytest.raises(SnowflakeError, match="does not have a current schema"):
        connect(schema=None)("select * from t")


def test_an_error_in_a_transaction_needs_a_rollback(ask: Client) -> None:
    """Differs from Snowflake, where the transaction goes on; `docs/sandbox.md` says so."""
    ask("create table t (a int)")
    ask("begin")
    ask("insert into t values (1)")
    with pytest.raises(SnowflakeError):
        ask("insert into t values ('x')")

    with pytest.raises(SnowflakeError, match="needs ROLLBACK"):
        ask("select * from t")

    ask("rollback")
    assert ask("select * from t") == []


@pytest.mark.parametrize("sql", ["select * from nope", "insert into nope values (1)"])
def test_the_first_error_in_a_transaction_is_the_statements_own(ask: Client, sql: str) -> None:
    ask("begin")

    with pytest.raises(SnowflakeError, match=r"'LEAP\.MARTS\.NOPE' does not exist"):
        ask(sql)


def test_two_statements_in_one_text_are_refused(ask: Client) -> None:
    with pytest.raises(SnowflakeError, match="several statements"):
        ask("select 1; select 2")
