"""What an ordinary client does with an account, printed as JSON: run under every connector.

Needs nothing but a connector. `SNOWFLAKE_PORT` and `SNOWFLAKE_PASSWORD` say where; with
`SNOWFLAKE_KEY` (a PKCS #8 file) it logs in by key pair as the service user.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import snowflake.connector
from snowflake.connector import Error, ProgrammingError

KEY_USER = "ROBOT"
SCAN = """SELECT "name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE "owner" <> ''"""


def connect(account: str = "LEAP-SANDBOX", **more: Any) -> Any:
    """A session on the sandbox."""
    return snowflake.connector.connect(
        account=account,
        host="127.0.0.1",
        port=int(os.environ["SNOWFLAKE_PORT"]),
        protocol="http",
        **more,
    )


def by_key() -> list[Any]:
    """The user and role of a login by key pair."""
    with connect(
        user=KEY_USER, authenticator="SNOWFLAKE_JWT", private_key_file=os.environ["SNOWFLAKE_KEY"]
    ) as session:
        return list(session.cursor().execute("SELECT CURRENT_USER(), CURRENT_ROLE()").fetchone())


def by_password() -> dict[str, Any]:
    """Types, bindings, errors, and requests at once, on one session."""
    password = os.environ["SNOWFLAKE_PASSWORD"]
    with connect(user="LEAP_ADMIN", password=password, role="SYSADMIN") as session:
        cursor = session.cursor()
        cursor.execute("CREATE OR REPLACE WAREHOUSE CONVERSATION_WH")
        cursor.execute("CREATE OR REPLACE DATABASE CONVERSATION")
        cursor.execute("CREATE TABLE T (N NUMBER, TXT TEXT, D DATE, TS TIMESTAMP_NTZ, B BOOLEAN)")
        rows = [(n, f"row {n}", "2026-01-16", "2026-01-16 06:00:00", n % 2 == 0) for n in range(5)]
        cursor.executemany("INSERT INTO T VALUES (%s, %s, %s, %s, %s)", rows)
        cursor.execute("SELECT * FROM T ORDER BY N LIMIT 1")
        first = [str(value) for value in cursor.fetchone()]
        names = [column[0] for column in cursor.description]
        answers = {
            "names": names,
            "first": first,
            "variant": cursor.execute("SELECT PARSE_JSON('{\"a\": [1]}') V").fetchone()[0],
            "empty": cursor.execute("SELECT * FROM T WHERE N < 0").fetchall(),
            "many": len(
                cursor.execute("SELECT SEQ4() FROM TABLE(GENERATOR(ROWCOUNT => 20000))").fetchall()
            ),
            "error": _error(cursor, "SELECT * FROM MISSING"),
            "unsupported": _error(cursor, "CREATE DYNAMIC TABLE X TARGET_LAG = '1 minute' AS T"),
            "parallel": _parallel(session),
            "show": [row[1] for row in cursor.execute("SHOW SCHEMAS IN DATABASE").fetchall()],
            "scanned": cursor.execute(SCAN).fetchall(),
            "wrong account refused": _wrong_account_refused(password),
            "role": cursor.execute("SELECT CURRENT_ROLE()").fetchone()[0],
        }
        cursor.execute("DROP DATABASE CONVERSATION")
        cursor.execute("DROP WAREHOUSE CONVERSATION_WH")
        return answers


def _wrong_account_refused(password: str) -> bool:
    try:
        connect("LEAP-SANDBOX_DX", user="LEAP_ADMIN", password=password)
    except Error as error:
        return "403" in str(error)
    return False


def _error(cursor: Any, text: str) -> list[Any]:
    try:
        cursor.execute(text)
    except ProgrammingError as error:
        return [error.errno, error.sqlstate]
    return []


def _parallel(session: Any) -> list[int]:
    def ask(number: int) -> int:
        row = session.cursor().execute(f"SELECT {number}").fetchone()
        return int(row[0])

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(ask, range(24)))


if __name__ == "__main__":
    talk = by_key if "SNOWFLAKE_KEY" in os.environ else by_password
    print(json.dumps({"connector": snowflake.connector.__version__, "answers": talk()}))
