"""The Snowflake wire protocol over HTTP: login, queries, sessions. Knows no objects.

Every failure is HTTP 200 with `success: false`, for the Go driver retries a 5xx for ever; only a
login to an unknown account is a 403. Requests on one session run one after the other, in the order
in which they came.
"""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.snowflake import control
from sandbox.snowflake.account import Account
from sandbox.snowflake.errors import SessionGoneError, SnowflakeError
from sandbox.snowflake.faults import Faults
from sandbox.snowflake.session import Session
from sandbox.snowflake.sharing.organization import Organization

_log = logging.getLogger(__name__)
_METHODS = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")
_REMEMBERED = 1_000_000
"""Bytes of an answer that are kept for a client that asks again."""
Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(account: Account) -> Starlette:
    """The front of an account, and of the others of its organization."""
    front = _Front(account.organization or Organization(account))
    return Starlette(
        routes=[
            Route("/session/v1/login-request", _guarded(front.login), methods=["POST"]),
            Route("/session/token-request", _guarded(front.renew), methods=["POST"]),
            Route("/session/heartbeat", _guarded(front.heartbeat), methods=["POST"]),
            Route("/session", _guarded(front.close), methods=["POST"]),
            Route("/queries/v1/query-request", _guarded(front.query), methods=["POST"]),
            Route("/queries/v1/abort-request", _guarded(front.nothing), methods=["POST"]),
            Route("/telemetry/send", _guarded(front.nothing), methods=["POST"]),
            Route("/monitoring/queries/{id}", _guarded(front.monitoring), methods=["GET"]),
            Route("/leap/clock", _guarded(front.clock), methods=["POST"]),
            Route("/{path:path}", _guarded(front.unknown), methods=_METHODS),
        ]
    )


def _guarded(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except SnowflakeError as error:
            return _failure(error, "")
        except Exception:  # noqa: BLE001  # a 5xx would hang the Go driver
            _log.exception("unexpected failure on %s", request.url.path)
            return _failure(SnowflakeError("Internal error of the LEAP sandbox; see its log."), "")

    return answer


def _failure(error: SnowflakeError, query_id: str) -> JSONResponse:
    data = {
        "errorCode": error.code,
        "sqlState": error.sqlstate,
        "queryId": query_id,
        "internalError": False,
    }
    return JSONResponse(
        {"success": False, "code": error.code, "message": error.message, "data": data}
    )


def _no_account(named: str) -> JSONResponse:
    """What drivers understand: "Verify the account name is correct"."""
    return JSONResponse({"message": f"There is no account '{named}'."}, HTTPStatus.FORBIDDEN)


def _success(data: Any) -> JSONResponse:
    return JSONResponse({"success": True, "code": None, "message": None, "data": data})


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if request.headers.get("content-encoding") == "gzip":
        raw = gzip.decompress(raw)
    try:
        body = json.loads(raw or b"{}")
    except ValueError as error:
        raise SnowflakeError("The request body is no JSON.") from error
    return body if isinstance(body, dict) else {}


def _token(request: Request) -> str:
    header = request.headers.get("authorization", "")
    prefix = 'Snowflake Token="'
    if not header.startswith(prefix):
        raise SessionGoneError
    return header[len(prefix) : -1]


class _Front:
    """The endpoints."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._faults = Faults.asked_for()

    def _of(self, request: Request) -> tuple[Account, str]:
        """The account whose session the request's token is of, and the token."""
        token = _token(request)
        return self._organization.of_session(token), token

    def _session(self, request: Request) -> tuple[Account, Session]:
        account, token = self._of(request)
        return account, account.session_of(token)

    async def login(self, request: Request) -> JSONResponse:
        body = await _body(request)
        data = body.get("data", {})
        named = str(data.get("ACCOUNT_NAME", ""))
        account = await run_in_threadpool(self._organization.of_login, named)
        if account is None:
            return _no_account(named)
        wanted = {
            "database": request.query_params.get("databaseName"),
            "schema": request.query_params.get("schemaName"),
            "warehouse": request.query_params.get("warehouse"),
            "role": request.query_params.get("roleName"),
        }
        address = request.client.host if request.client is not None else "127.0.0.1"
        session = await run_in_threadpool(account.log_in, data, wanted, address)
        return _success(account.login_answer(session))

    async def renew(self, request: Request) -> JSONResponse:
        account, token = self._of(request)
        session = account.sessions.renew(token)
        return _success(
            {
                "sessionToken": session.token,
                "validityInSecondsST": 3600,
                "masterToken": session.master_token,
                "validityInSecondsMT": 14400,
                "sessionId": session.id,
            }
        )

    async def heartbeat(self, request: Request) -> JSONResponse:
        self._session(request)
        return _success(None)

    async def close(self, request: Request) -> JSONResponse:
        if request.query_params.get("delete"):
            account, token = self._of(request)
            await run_in_threadpool(account.log_out, token)
        return _success(None)

    async def query(self, request: Request) -> Response:
        account, session = self._session(request)
        async with session.lock:
            # inside the lock, so that a large body does not let a later request pass
            body = await _body(request)
            text = str(body.get("sqlText", ""))
            # A client that got no answer asks again by the same id, and must not run it twice.
            asked = request.query_params.get("requestId")
            if asked is not None and session.answered is not None and asked == session.answered[0]:
                return Response(session.answered[1], media_type="application/json")
            if (spoilt := await self._faults.strike(text, after=False)) is not None:
                return spoilt
            answer = await run_in_threadpool(self._query, account, session, body)
            small = asked is not None and len(answer.body) <= _REMEMBERED
            session.answered = (str(asked), bytes(answer.body)) if small else None
            return await self._faults.strike(text, after=True) or answer

    @staticmethod
    def _query(account: Account, session: Session, body: dict[str, Any]) -> JSONResponse:
        try:
            statement, result = account.execute(
                session,
                str(body.get("sqlText", "")),
                body.get("bindings"),
                describe_only=bool(body.get("describeOnly")),
            )
        except SnowflakeError as error:
            return _failure(error, session.last_query_id or "")
        return _success(
            result.to_wire() | {"queryId": statement.id} | account.session_facts(session)
        )

    async def monitoring(self, request: Request) -> JSONResponse:
        account, _ = self._session(request)
        query = account.history.find(request.path_params["id"])
        found = [{"id": query.id, "status": query.status}] if query is not None else []
        return _success({"queries": found})

    async def clock(self, request: Request) -> Response:
        account, session = self._session(request)
        lines = control.clock_lines(account, session, await _body(request))
        return StreamingResponse(lines, media_type="application/x-ndjson")

    async def nothing(self, request: Request) -> JSONResponse:
        return _success(None)

    async def unknown(self, request: Request) -> JSONResponse:
        raise SnowflakeError(f"The LEAP sandbox does not serve {request.url.path}.")
