"""Procedures: overloads, arguments, rights, and what SHOW, DESCRIBE and GRANT make of them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.snowflake.errors import (
    AlreadyExistsError,
    DoesNotExistError,
    SnowflakeError,
    StatementSyntaxError,
    UnsupportedError,
)
from sandbox.snowflake.result import Result
from sandbox.snowflake.script.failure import (
    NestingError,
    OpenTransactionError,
    UncaughtError,
)
from sandbox.snowflake.script.procedure import ArgumentTypesError, UnknownProcedureError

ADD = (
    "CREATE PROCEDURE ADD_UP(A NUMBER, B NUMBER DEFAULT 10) RETURNS NUMBER LANGUAGE SQL "
    "COMMENT = 'adds' AS $$ BEGIN RETURN A + B; END $$"
)


@pytest.fixture
def home(lake: Any) -> Any:
    """A procedure with a default, in the session's schema."""
    lake("USE SCHEMA DB.RAW", ADD)
    return lake


def value(client: Any, text: str) -> Any:
    result = client.account.execute(client.session, text)[1]
    if isinstance(result, Result):
        ((cell,),) = result.rows
        return cell
    ((cell,),) = client.query(text)
    return cell


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("CALL ADD_UP(1)", 11),
        ("CALL DB.RAW.ADD_UP(1, 2)", 3),
        ("CALL ADD_UP(B => 5, A => 2 * 3)", 11),
        ("CALL ADD_UP((SELECT MAX(X) FROM (SELECT 4 AS X)), 1)", 5),
    ],
)
def test_a_call_binds_its_arguments(home: Any, call: str, answer: int) -> None:
    assert value(home, call) == answer


def test_a_call_takes_bind_variables(home: Any) -> None:
    bindings = {str(n): {"type": "FIXED", "value": str(n)} for n in (1, 2)}
    result = home.account.execute(home.session, "CALL ADD_UP(?, ?)", bindings)[1]
    assert (result.columns[0].name, result.rows[0][0]) == ("ADD_UP", 3)


def test_overloads_stand_beside_each_other(home: Any) -> None:
    home("CREATE PROCEDURE ADD_UP(A TEXT) RETURNS TEXT LANGUAGE SQL AS 'BEGIN RETURN A; END'")
    assert value(home, "CALL ADD_UP('x')") == "x"
    assert value(home, "CALL ADD_UP(1)") == 11
    rows = home("SHOW PROCEDURES LIKE 'add%' IN SCHEMA DB.RAW")
    assert [row["arguments"] for row in rows] == [
        "ADD_UP(NUMBER, DEFAULT NUMBER) RETURN NUMBER",
        "ADD_UP(VARCHAR) RETURN VARCHAR",
    ]
    home("DROP PROCEDURE ADD_UP(STRING)")
    assert len(home("SHOW PROCEDURES")) == 1
    with pytest.raises(DoesNotExistError):
        home("DROP PROCEDURE ADD_UP(STRING)")
    home("DROP PROCEDURE IF EXISTS ADD_UP(STRING)")


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("CALL NOPE()", UnknownProcedureError),
        ("CALL ADD_UP()", ArgumentTypesError),
        ("CALL ADD_UP(1, 2, 3)", ArgumentTypesError),
        ("CALL ADD_UP(1, C => 2)", ArgumentTypesError),
        (ADD, AlreadyExistsError),
        (
            "CREATE PROCEDURE P() RETURNS TEXT LANGUAGE PYTHON HANDLER = 'x' AS 'y'",
            UnsupportedError,
        ),
        ("CREATE PROCEDURE P() RETURNS TEXT LANGUAGE JAVASCRIPT AS 'y'", UnsupportedError),
        ("CREATE PROCEDURE P() RETURNS TEXT AS 'BEGIN RETURN 1'", StatementSyntaxError),
        ("CREATE PROCEDURE P(A TEXT DEFAULT 'x', B TEXT) RETURNS TEXT AS 'z'", SnowflakeError),
    ],
)
def test_what_is_wrong_is_told(home: Any, statement: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        home(statement)


def test_it_is_described_changed_and_renamed(home: Any) -> None:
    told = {row["property"]: row["value"] for row in home("DESCRIBE PROCEDURE ADD_UP(INT, INT)")}
    assert told["signature"] == "(A NUMBER, B NUMBER)"
    assert (told["language"], told["execute as"]) == ("SQL", "OWNER")
    home(
        "ALTER PROCEDURE ADD_UP(NUMBER, NUMBER) EXECUTE AS CALLER",
        "ALTER PROCEDURE ADD_UP(NUMBER, NUMBER) SET COMMENT = 'sums'",
        "ALTER PROCEDURE ADD_UP(NUMBER, NUMBER) RENAME TO DB.RAW.SUM_UP",
    )
    row = home.one("SHOW PROCEDURES")
    assert (row["name"], row["description"]) == ("SUM_UP", "sums")
    assert value(home, "CALL SUM_UP(2)") == 12


def test_grants_follow_the_signature(home: Any) -> None:
    home("CREATE ROLE R", "GRANT USAGE ON PROCEDURE ADD_UP(NUMBER, NUMBER) TO ROLE R")
    rows = home("SHOW GRANTS ON PROCEDURE DB.RAW.ADD_UP(NUMBER, NUMBER)")
    assert {row["privilege"]: row["grantee_name"] for row in rows} == {
        "OWNERSHIP": "ACCOUNTADMIN",
        "USAGE": "R",
    }
    replace = ADD.replace("CREATE", "CREATE OR REPLACE")
    home(replace.replace(" RETURNS", " COPY GRANTS RETURNS"))
    assert len(home("SHOW GRANTS ON PROCEDURE ADD_UP(NUMBER, NUMBER)")) == 2
    home(replace)
    assert len(home("SHOW GRANTS ON PROCEDURE ADD_UP(NUMBER, NUMBER)")) == 1


@pytest.fixture
def guest(home: Any) -> Any:
    """The session as role GUEST, without secondary roles; AS_OWNER and AS_CALLER tell the role."""
    for name, rights in (("AS_OWNER", "OWNER"), ("AS_CALLER", "CALLER")):
        home(
            f"CREATE PROCEDURE {name}() RETURNS TEXT LANGUAGE SQL EXECUTE AS {rights} AS "
            "$$ BEGIN RETURN CURRENT_ROLE() || '/' || CURRENT_SCHEMA(); END $$"
        )
    home(
        "CREATE ROLE GUEST",
        "GRANT ROLE GUEST TO USER LEAP_ADMIN",
        "GRANT USAGE ON DATABASE DB TO ROLE GUEST",
        "GRANT USAGE ON ALL SCHEMAS IN DATABASE DB TO ROLE GUEST",
        "GRANT USAGE ON ALL PROCEDURES IN SCHEMA DB.RAW TO ROLE GUEST",
        "CREATE SCHEMA DB.OTHER",
        "GRANT USAGE ON SCHEMA DB.OTHER TO ROLE GUEST",
        "USE ROLE GUEST",
        "USE SECONDARY ROLES NONE",
        "USE SCHEMA DB.OTHER",
    )
    return home


def test_the_owners_rights_are_the_owners_role_and_schema(guest: Any) -> None:
    assert value(guest, "CALL DB.RAW.AS_OWNER()") == "ACCOUNTADMIN/RAW"
    assert value(guest, "CALL DB.RAW.AS_CALLER()") == "GUEST/OTHER"
    assert value(guest, "SELECT CURRENT_ROLE() || '/' || CURRENT_SCHEMA()") == "GUEST/OTHER"


def test_a_failed_call_gives_the_role_back(guest: Any) -> None:
    guest("USE ROLE ACCOUNTADMIN")
    guest("CREATE PROCEDURE DB.RAW.BAD() RETURNS TEXT AS 'BEGIN SELECT * FROM NOPE; END'")
    guest("GRANT USAGE ON PROCEDURE DB.RAW.BAD() TO ROLE GUEST", "USE ROLE GUEST")
    with pytest.raises(UncaughtError):
        guest("CALL DB.RAW.BAD()")
    assert value(guest, "SELECT CURRENT_ROLE()") == "GUEST"


def test_the_owners_procedure_makes_what_the_caller_could_not(home: Any) -> None:
    home(
        "CREATE PROCEDURE MAKE(NAME TEXT, QUOTA NUMBER) RETURNS TEXT AS $$\n"
        "DECLARE wh TEXT DEFAULT NAME || '_WH';\n"
        "BEGIN\n"
        "  CREATE RESOURCE MONITOR IDENTIFIER(:NAME) WITH CREDIT_QUOTA = :QUOTA;\n"
        "  EXECUTE IMMEDIATE 'CREATE WAREHOUSE ' || wh || ' RESOURCE_MONITOR = ' || NAME;\n"
        "  GRANT USAGE ON WAREHOUSE IDENTIFIER(:wh) TO ROLE PUBLIC;\n"
        "  RETURN wh;\n"
        "END $$"
    )
    assert value(home, "CALL MAKE('DEV_ANN', 5)") == "DEV_ANN_WH"
    assert home.one("SHOW WAREHOUSES LIKE 'DEV_ANN_WH'")["resource_monitor"] == "DEV_ANN"


@pytest.mark.parametrize("statement", ["USE ROLE PUBLIC", "ALTER SESSION SET QUERY_TAG = 'x'"])
def test_the_owners_rights_do_not_change_the_session(home: Any, statement: str) -> None:
    body = f"BEGIN {statement}; RETURN 'done'; END"
    home(f"CREATE PROCEDURE O() RETURNS TEXT AS $${body}$$")
    home(f"CREATE PROCEDURE C() RETURNS TEXT EXECUTE AS CALLER AS $${body}$$")
    with pytest.raises(UncaughtError, match="Unsupported statement type"):
        home("CALL O()")
    assert value(home, "CALL C()") == "done"


def test_a_transaction_ends_where_it_began(home: Any) -> None:
    home("CREATE TABLE T (X NUMBER)")
    body = "BEGIN BEGIN TRANSACTION; INSERT INTO T VALUES (1); END"
    home(f"CREATE PROCEDURE OPEN_IT() RETURNS TEXT AS '{body}'")
    with pytest.raises(OpenTransactionError):
        home("CALL OPEN_IT()")
    assert value(home, "SELECT COUNT(*) FROM T") == 0


def test_calls_do_not_nest_for_ever(home: Any) -> None:
    home("CREATE PROCEDURE AGAIN() RETURNS TEXT AS 'BEGIN CALL AGAIN(); END'")
    with pytest.raises(UncaughtError, match="16 levels") as failure:
        home("CALL AGAIN()")
    assert failure.value.code == NestingError.code


def test_a_block_calls_into_a_variable(home: Any) -> None:
    assert value(home, "BEGIN LET r := 0; CALL ADD_UP(1) INTO :r; RETURN r; END") == 11


def test_procedures_outlive_a_restart_and_go_with_their_schema(home: Any, restarted: Any) -> None:
    again = restarted()
    again("USE SCHEMA DB.RAW")
    assert value(again, "CALL ADD_UP(1)") == 11
    again("DROP SCHEMA DB.RAW")
    assert again("SHOW PROCEDURES IN ACCOUNT") == []


def test_ownership_and_comments_follow_the_signature(home: Any) -> None:
    home(
        "CREATE ROLE R",
        "COMMENT ON PROCEDURE ADD_UP(NUMBER, NUMBER) IS 'said'",
        "GRANT OWNERSHIP ON PROCEDURE DB.RAW.ADD_UP(NUMBER, NUMBER) TO ROLE R COPY CURRENT GRANTS",
    )
    rows = home("SHOW GRANTS ON PROCEDURE ADD_UP(NUMBER, NUMBER)")
    assert [row["grantee_name"] for row in rows] == ["R"]
    assert home.one("SHOW PROCEDURES")["description"] == "said"
