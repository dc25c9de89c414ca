"""Snowflake Scripting: blocks, control flow, cursors, result sets, exceptions, transactions."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import SnowflakeError, StatementSyntaxError, UnsupportedError
from sandbox.snowflake.result import Result
from sandbox.snowflake.script.failure import UncaughtError


@pytest.fixture
def home(lake: Any) -> Any:
    """A table N of the numbers 1, 2 and 3."""
    lake(
        "USE SCHEMA DB.RAW",
        "CREATE TABLE N (I NUMBER, NAME TEXT)",
        "INSERT INTO N VALUES (1, 'one'), (2, 'two'), (3, 'three')",
    )
    return lake


def run(client: Any, text: str) -> list[tuple[Any, ...]]:
    """The rows of a statement, in whichever form they come."""
    result = client.account.execute(client.session, text)[1]
    if isinstance(result, Result):
        return [tuple(row) for row in result.rows]
    return list(client.query(text))


def value(client: Any, text: str) -> Any:
    ((cell,),) = run(client, text)
    return cell


@pytest.mark.parametrize(
    ("block", "answer"),
    [
        ("BEGIN RETURN 1 + 1; END", 2),
        ("BEGIN LET x := 2; x := x * 21; RETURN :x; END;", 42),
        ("DECLARE x NUMBER DEFAULT 1; y TEXT; BEGIN y := 'a' || x; RETURN y; END", "a1"),
        ("BEGIN LET x NUMBER(10,2) := '1.239'; RETURN x::TEXT; END", "1.24"),
        ("BEGIN IF (1 > 2) THEN RETURN 'a'; ELSEIF (2 > 1) THEN RETURN 'b'; END IF; END", "b"),
        ("BEGIN IF (NULL) THEN RETURN 'a'; ELSE RETURN 'c'; END IF; END", "c"),
        ("BEGIN LET x := 2; CASE (x) WHEN 1 THEN RETURN 'a'; ELSE RETURN 'b'; END; END", "b"),
        ("BEGIN LET x := 2; CASE WHEN x = 2 THEN RETURN 'a'; END CASE; END", "a"),
        ("BEGIN LET s := 0; FOR i IN 1 TO 4 DO s := s + i; END FOR; RETURN s; END", 10),
        (
            "BEGIN LET s := ''; FOR i IN REVERSE 1 TO 3 LOOP s := s || i; END LOOP; RETURN s; END",
            "321",
        ),
        ("BEGIN LET i := 0; WHILE (i < 5) DO i := i + 2; END WHILE; RETURN i; END", 6),
        ("BEGIN LET i := 0; REPEAT i := i + 2; UNTIL (i > 4) END REPEAT; RETURN i; END", 6),
        (
            "BEGIN LET i := 0; LOOP i := i + 1; IF (i < 3) THEN CONTINUE; END IF; BREAK; END LOOP;"
            " RETURN i; END",
            3,
        ),
        (
            "BEGIN LET n := 0; FOR i IN 1 TO 3 DO FOR j IN 1 TO 3 DO IF (j = 2) THEN BREAK outer_;"
            " END IF; n := n + 1; END FOR; END FOR outer_; RETURN n; END",
            1,
        ),
        ("BEGIN LET x := 1; BEGIN LET x := 2; END; RETURN x; END", 1),
        ("BEGIN SELECT 1; END", None),
        ("BEGIN LET d := '2024-01-02'::DATE; RETURN DATEADD(day, 1, d)::TEXT; END", "2024-01-03"),
        ("BEGIN LET v := PARSE_JSON('{\"a\": [1, 2]}'); RETURN v:a[1]::NUMBER; END", 2),
        ("BEGIN LET q := 'it''s'; RETURN q; END", "it's"),
        ("EXECUTE IMMEDIATE $$ BEGIN RETURN 'x'; END $$", "x"),
        ("EXECUTE IMMEDIATE 'SELECT ? + :2' USING (1, 2)", 3),
    ],
)
def test_what_a_block_answers(home: Any, block: str, answer: Any) -> None:
    assert value(home, block) == answer


@pytest.mark.parametrize(
    ("block", "answer"),
    [
        ("BEGIN LET n := 0; SELECT COUNT(*) INTO :n FROM N WHERE I > 1; RETURN n; END", 2),
        (
            "BEGIN LET a := 0; LET b := ''; SELECT I, NAME INTO :a, :b FROM N WHERE I = 2;"
            " RETURN a || b; END",
            "2two",
        ),
        ("BEGIN LET x := 2; RETURN (SELECT NAME FROM N WHERE I = :x); END", "two"),
        ("BEGIN LET t := 'N'; LET n := 0; SELECT SUM(I) INTO n FROM N; RETURN 1; END", None),
        (
            "BEGIN LET t := 'N'; LET n := 0; SELECT SUM(I) INTO :n FROM IDENTIFIER(:t); "
            "RETURN n; END",
            6,
        ),
        (
            "DECLARE s NUMBER DEFAULT 0; c CURSOR FOR SELECT I FROM N; "
            "BEGIN FOR r IN c DO s := s + r.i; END FOR; RETURN s; END",
            6,
        ),
        (
            "BEGIN LET rs RESULTSET := (SELECT I, NAME FROM N ORDER BY I); LET t := '';"
            " FOR r IN rs DO t := t || r.NAME; END FOR; RETURN t; END",
            "onetwothree",
        ),
        (
            "BEGIN LET rs RESULTSET := (SELECT I FROM N); LET n := 0;"
            " SELECT MAX(I) INTO :n FROM TABLE(rs); RETURN n; END",
            3,
        ),
        (
            "DECLARE a NUMBER; b NUMBER; c CURSOR FOR SELECT I FROM N WHERE I >= ? ORDER BY I;"
            " BEGIN LET least := 2; OPEN c USING (least); FETCH c INTO a; FETCH c INTO b;"
            " CLOSE c; RETURN a * 10 + b; END",
            23,
        ),
        (
            "BEGIN INSERT INTO N SELECT I + 10, NAME FROM N; LET a := SQLROWCOUNT;"
            " DELETE FROM N WHERE I > 10; RETURN a || '/' || SQLROWCOUNT || SQLFOUND; END",
            "3/3true",
        ),
        (
            "BEGIN SELECT 7 AS S; LET id := SQLID; LET n := 0;"
            " SELECT S INTO :n FROM TABLE(RESULT_SCAN(:id)); RETURN n; END",
            7,
        ),
        (
            "BEGIN LET q := 'CREATE TABLE MADE AS SELECT 5 AS F'; EXECUTE IMMEDIATE :q;"
            " EXECUTE IMMEDIATE 'INSERT INTO MADE VALUES (?)' USING (q); "
            "RETURN 1; EXCEPTION WHEN OTHER THEN RETURN (SELECT SUM(F) FROM MADE); END",
            5,
        ),
        (
            "BEGIN LET rs RESULTSET := (EXECUTE IMMEDIATE 'SELECT COUNT(*) AS C FROM N');"
            " LET t := 0; FOR r IN rs DO t := r.C; END FOR; RETURN t; END",
            3,
        ),
        (
            "BEGIN BEGIN TRANSACTION; DELETE FROM N; ROLLBACK;"
            " RETURN (SELECT COUNT(*) FROM N); END",
            3,
        ),
        (
            "BEGIN LET rs RESULTSET; rs := (SELECT I FROM N); FOR r IN rs DO RETURN r.I; END FOR;"
            " END",
            1,
        ),
        (
            "BEGIN LET rs RESULTSET := (SHOW TABLES LIKE 'N' IN SCHEMA DB.RAW); "
            'FOR r IN rs DO RETURN r."NAME"; END FOR; END',
            "N",
        ),
    ],
)
def test_a_block_works_with_rows(home: Any, block: str, answer: Any) -> None:
    if answer is None:
        with pytest.raises(UncaughtError):
            run(home, block)
    else:
        assert value(home, block) == answer


def test_a_result_set_is_returned_as_a_table(home: Any) -> None:
    query = "SELECT I, NAME FROM N ORDER BY I DESC"
    block = f"BEGIN LET rs RESULTSET := ({query}); RETURN TABLE(rs); END"
    assert run(home, block) == [(3, "three"), (2, "two"), (1, "one")]


@pytest.mark.parametrize(
    ("block", "answer"),
    [
        (
            "BEGIN SELECT * FROM NOPE; EXCEPTION WHEN STATEMENT_ERROR THEN "
            "RETURN SQLCODE || ' ' || SQLSTATE; END",
            "2003 42S02",
        ),
        ("BEGIN RETURN 1 / 0; EXCEPTION WHEN EXPRESSION_ERROR THEN RETURN 'zero'; END", "zero"),
        (
            "DECLARE e EXCEPTION (-20002, 'mine'); BEGIN RAISE e; EXCEPTION WHEN e THEN "
            "RETURN SQLCODE || SQLERRM; WHEN OTHER THEN RETURN 'other'; END",
            "-20002mine",
        ),
        (
            "DECLARE a EXCEPTION; b EXCEPTION; BEGIN RAISE b; "
            "EXCEPTION WHEN a OR b THEN RETURN SQLERRM; END",
            "Raised B.",
        ),
        (
            "BEGIN BEGIN SELECT * FROM NOPE; EXCEPTION WHEN OTHER THEN RAISE; END;"
            " EXCEPTION WHEN OTHER THEN RETURN 'again'; END",
            "again",
        ),
        (
            "BEGIN LET n := 1; DROP TABLE NOPE; n := 2; RETURN n;"
            " EXCEPTION WHEN OTHER CONTINUE THEN n := 5; END",
            2,
        ),
    ],
)
def test_exceptions_are_handled(home: Any, block: str, answer: Any) -> None:
    assert value(home, block) == answer


def test_what_nobody_handles_tells_where(home: Any) -> None:
    with pytest.raises(UncaughtError) as failure:
        run(home, "BEGIN\n  LET x := 1;\n  SELECT * FROM NOPE;\nEND")
    assert failure.value.message.startswith(
        "Uncaught exception of type 'STATEMENT_ERROR' on line 3 at position 2 : "
        "SQL compilation error:"
    )
    assert (failure.value.code, failure.value.sqlstate) == ("002003", "42S02")
    with pytest.raises(UncaughtError, match=r"'E' on line 1 at position 27 : Raised E\."):
        run(home, "DECLARE e EXCEPTION; BEGIN RAISE e; END")


@pytest.mark.parametrize(
    ("block", "error"),
    [
        ("BEGIN RETURN 1 END", StatementSyntaxError),
        ("BEGIN IF (TRUE) RETURN 1; END IF; END", StatementSyntaxError),
        ("BEGIN LET x := 1; LOOP BREAK; END; END", StatementSyntaxError),
        ("BEGIN LET r RESULTSET := ASYNC (SELECT 1); END", UnsupportedError),
        ("BEGIN RETURN nope; END", UncaughtError),
        ("BEGIN SELECT :nope; END", UncaughtError),
        ("BEGIN nope := 1; END", UncaughtError),
        ("BEGIN FETCH nope INTO x; END", UncaughtError),
        ("BEGIN SELECT I INTO :x FROM N; END", UncaughtError),
        ("BEGIN BREAK; END", SnowflakeError),
        ("EXECUTE IMMEDIATE 'NONSENSE'", UnsupportedError),
        ("EXECUTE IMMEDIATE 'SELECT ?' USING ()", SnowflakeError),
    ],
)
def test_what_is_wrong_is_told(home: Any, block: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        run(home, block)


def test_begin_alone_still_opens_a_transaction(home: Any) -> None:
    home("BEGIN", "DELETE FROM N", "ROLLBACK", "BEGIN TRANSACTION", "COMMIT")
    assert value(home, "SELECT COUNT(*) FROM N") == 3


def test_every_statement_of_a_block_is_in_the_history(home: Any) -> None:
    run(home, "BEGIN INSERT INTO N VALUES (9, 'nine'); DELETE FROM N WHERE I = 9; END")
    told = [query.kind for query in home.account.history.latest(3)]
    assert told == ["BEGIN", "DELETE", "INSERT"]
