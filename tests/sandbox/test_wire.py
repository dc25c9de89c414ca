"""The wire protocol as drivers speak it: over a socket, without a driver.

Every answer is HTTP 200: the Go driver would repeat a request with a 5xx for ever.
https://docs.snowflake.com/en/developer-guide/sql-api is another protocol; this one is the drivers'.
"""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
import uvicorn

from sandbox.snowflake.account import Account
from sandbox.snowflake.context import Statement
from sandbox.snowflake.result import AnyResult, status
from sandbox.snowflake.session import Session
from sandbox.snowflake.transport import create_app

PASSWORD = "a-test's password"
LOGIN = "/session/v1/login-request"
QUERY = "/queries/v1/query-request"


@dataclass(frozen=True)
class Wire:
    """Sends requests; `token` proves the session."""

    port: int
    token: str = ""

    def __call__(
        self, path: str, body: Any = None, *, method: str = "POST", packed: bool = False
    ) -> dict[str, Any]:
        """The JSON of the answer, which must be an HTTP 200."""
        raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        headers = {"content-type": "application/json"}
        if packed:
            raw, headers["content-encoding"] = gzip.compress(raw), "gzip"
        if self.token:
            headers["authorization"] = f'Snowflake Token="{self.token}"'
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, raw, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        assert answer.status == 200
        decoded: dict[str, Any] = json.loads(text)
        return decoded

    def log_in(self, path: str = LOGIN, **data: Any) -> dict[str, Any]:
        """The answer to a login of the first administrator."""
        wanted = {"LOGIN_NAME": "LEAP_ADMIN", "PASSWORD": PASSWORD} | data
        return self(path, {"data": wanted})

    def logged_in(self) -> Wire:
        """The same with a session."""
        return replace(self, token=self.log_in()["data"]["token"])

    def run(self, text: str) -> dict[str, Any]:
        """The answer to a statement."""
        return self(QUERY, {"sqlText": text, "asyncExec": False, "sequenceId": 1})


@pytest.fixture
def wire(account: Account) -> Iterator[Wire]:
    """The account behind its front, on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(create_app(account), log_config=None, lifespan="off", ws="none")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield Wire(listener.getsockname()[1])
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()


@pytest.fixture
def session(wire: Wire) -> Wire:
    """A logged-in session."""
    return wire.logged_in()


def test_a_login_answers_what_drivers_need(wire: Wire) -> None:
    answer = wire.log_in()
    assert answer["success"] is True
    data = answer["data"]
    assert isinstance(data["sessionId"], int)
    assert data["token"] != data["masterToken"]
    assert data["sessionInfo"] == {
        "databaseName": None,
        "schemaName": None,
        "warehouseName": None,
        "roleName": "ACCOUNTADMIN",
    }
    assert {"name", "value"} == set(data["parameters"][0])


def test_a_login_may_ask_for_a_place_and_a_role(session: Wire, wire: Wire) -> None:
    for text in ("CREATE DATABASE DB", "CREATE SCHEMA DB.RAW", "CREATE WAREHOUSE WH"):
        assert session.run(text)["success"]
    asked = f"{LOGIN}?databaseName=DB&schemaName=RAW&warehouse=WH&roleName=SYSADMIN"
    assert wire.log_in(asked)["data"]["sessionInfo"] == {
        "databaseName": "DB",
        "schemaName": "RAW",
        "warehouseName": "WH",
        "roleName": "SYSADMIN",
    }


@pytest.mark.parametrize("data", [{"PASSWORD": "wrong"}, {"LOGIN_NAME": "NOBODY"}])
def test_a_wrong_login_is_an_answer(wire: Wire, data: dict[str, str]) -> None:
    answer = wire.log_in(**data)
    assert (answer["success"], answer["code"]) == (False, "390100")
    assert answer["message"] == "Incorrect username or password was specified."


def test_a_login_without_session_parameters_or_data_is_an_answer(wire: Wire) -> None:
    assert wire(LOGIN, {})["success"] is False
    assert wire(LOGIN, {"data": None})["success"] is False
    assert wire(LOGIN, b"no json")["success"] is False


def test_a_compressed_body_is_read(wire: Wire) -> None:
    login = {"data": {"LOGIN_NAME": "LEAP_ADMIN", "PASSWORD": PASSWORD}}
    session = replace(wire, token=wire(LOGIN, login, packed=True)["data"]["token"])
    assert session(QUERY, {"sqlText": "SHOW ROLES"}, packed=True)["success"]


def test_a_broken_compressed_body_is_an_answer(wire: Wire) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", wire.port, timeout=30)
    connection.request("POST", LOGIN, b"not gzip", {"content-encoding": "gzip"})
    answer = connection.getresponse()
    assert answer.status == 200
    assert json.loads(answer.read())["success"] is False
    connection.close()


def test_rows_are_text_with_typed_columns(session: Wire) -> None:
    data = session.run("SHOW ROLES LIKE 'SYSADMIN'")["data"]
    types = {column["name"]: column["type"] for column in data["rowtype"]}
    assert (types["name"], types["created_on"]) == ("text", "timestamp_ltz")
    row = dict(zip(types, data["rowset"][0], strict=True))
    assert row["name"] == "SYSADMIN"
    assert float(row["created_on"]) > 0
    assert all(cell is None or isinstance(cell, str) for cell in data["rowset"][0])
    assert (data["queryResultFormat"], data["returned"], data["total"]) == ("json", 1, 1)
    assert data["queryId"]


def test_a_ddl_statement_has_a_ddl_type_and_a_status(session: Wire) -> None:
    data = session.run("CREATE ROLE R")["data"]
    assert data["statementTypeId"] == 0x6000
    assert data["rowset"] == [["Role R successfully created."]]


def test_an_answer_tells_where_the_session_is(session: Wire) -> None:
    data = session.run("CREATE DATABASE DB")["data"]
    assert (data["finalDatabaseName"], data["finalSchemaName"]) == ("DB", "PUBLIC")
    data = session.run("USE ROLE SYSADMIN")["data"]
    assert data["finalRoleName"] == "SYSADMIN"


@pytest.mark.parametrize(
    ("text", "code", "state"),
    [
        ("CREATE ROLE", "001003", "42000"),
        ("DROP ROLE MISSING", "002003", "02000"),
        ("CREATE ROLE SYSADMIN", "002002", "42710"),
    ],
)
def test_an_error_is_an_answer_with_code_and_state(
    session: Wire, text: str, code: str, state: str
) -> None:
    answer = session.run(text)
    assert answer["success"] is False
    assert answer["message"]
    assert answer["data"]["errorCode"] == answer["code"]
    assert (answer["code"], answer["data"]["sqlState"]) == (code, state)


def test_an_unexpected_failure_is_an_answer(
    session: Wire, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(account, "execute", fail)
    answer = session.run("SHOW ROLES")
    assert (answer["success"], answer["code"]) == (False, "000603")
    assert "sandbox" in answer["message"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
def test_an_unknown_route_is_an_answer(session: Wire, method: str) -> None:
    answer = session("/v2/unknown", method=method)
    assert answer["success"] is False
    assert "/v2/unknown" in answer["message"]


def test_a_known_route_by_another_method_is_an_answer(session: Wire) -> None:
    assert session(QUERY, method="GET")["success"] is False


def test_a_token_that_no_session_holds_asks_for_a_new_login(wire: Wire) -> None:
    answer = replace(wire, token="stale").run("SHOW ROLES")
    assert (answer["success"], answer["code"]) == (False, "390104")
    assert wire.run("SHOW ROLES")["code"] == "390104"


def test_a_session_is_renewed_by_its_master_token(wire: Wire) -> None:
    login = wire.log_in()["data"]
    old = replace(wire, token=login["token"])
    assert old.run("CREATE DATABASE DB")["success"]
    renewed = replace(wire, token=login["masterToken"])(
        "/session/token-request", {"oldSessionToken": login["token"], "requestType": "RENEW"}
    )["data"]
    new = replace(wire, token=renewed["sessionToken"])
    assert new.run("SHOW ROLES")["data"]["finalDatabaseName"] == "DB"
    assert old.run("SHOW ROLES")["code"] == "390104"


def test_a_closed_session_is_gone(session: Wire) -> None:
    assert session("/session/heartbeat")["success"]
    assert session("/session?delete=true")["success"]
    assert session.run("SHOW ROLES")["code"] == "390104"
    assert session("/session/heartbeat")["success"] is False


def test_telemetry_and_aborts_are_taken(session: Wire) -> None:
    assert session("/telemetry/send", {"logs": []})["success"]
    assert session("/queries/v1/abort-request", {"sqlText": "SELECT 1"})["success"]


def test_requests_on_one_session_run_one_after_the_other(
    session: Wire, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, most, order = [0], [0], []

    def execute(
        session: Session, text: str, *rest: object, **more: object
    ) -> tuple[Statement, AnyResult]:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        time.sleep(0.05)
        order.append(text)
        under_way[0] -= 1
        return Statement("id", text, text, account.now()), status(text)

    monkeypatch.setattr(account, "execute", execute)
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(session.run, f"statement {n}") for n in _spaced(8)]
        answers = [future.result()["data"]["rowset"][0][0] for future in sent]
    assert answers == [f"statement {n}" for n in range(8)]
    assert order == answers
    assert most[0] == 1


def _spaced(count: int) -> Iterator[int]:
    """Numbers with a pause between them, shorter than a statement: the order of arrival."""
    for number in range(count):
        yield number
        time.sleep(0.01)


def test_sessions_run_side_by_side(
    wire: Wire, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_in = threading.Barrier(2, timeout=20)

    def execute(*arguments: object, **more: object) -> tuple[Statement, AnyResult]:
        both_in.wait()
        return Statement("id", "", "", account.now()), status("met")

    sessions = [wire.logged_in(), wire.logged_in()]
    monkeypatch.setattr(account, "execute", execute)
    with ThreadPoolExecutor(2) as pool:
        met: list[Callable[[], dict[str, Any]]] = [
            pool.submit(one.run, "meet").result for one in sessions
        ]
        assert [answer()["data"]["rowset"] for answer in met] == [[["met"]], [["met"]]]


def test_the_providers_comment_is_kept_apart(session: Wire, account: Account) -> None:
    session.run(
        'CREATE ROLE "R" --terraform_provider_usage_tracking '
        '{"json_schema_version":"1","version":"v1.2.3","resource":"account_role",'
        '"operation":"create"}'
    )
    newest = account.history.latest(1)[0]
    assert (newest.resource, newest.operation) == ("account_role", "create")
    assert "terraform_provider_usage_tracking" in newest.text
