"""HTTP for GitHub's API: tokens, limits, ETags, JSON, and the table of who answers what.

The plugin speaks to any host but github.com by Enterprise's paths: REST below `/api/v3`, GraphQL at
`/api/graphql`. What nobody handles is answered as GitHub answers the unknown: "Not Found".
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.github import (
    actions,
    collaborators,
    deployments,
    graphql,
    labels,
    organizations,
    protection,
    pulls,
    refs,
    repositories,
    rulesets,
)
from sandbox.github.call import Actor, Answer, Call, Handler, Right
from sandbox.github.errors import (
    BadCredentialsError,
    GithubError,
    InvalidBodyError,
    NotFoundError,
)
from sandbox.github.faults import Faults
from sandbox.github.limits import Limits
from sandbox.github.store import Store

_log = logging.getLogger(__name__)
_REST: Final = "/api/v3"
_METHODS: Final = ("DELETE", "GET", "PATCH", "POST", "PUT")
_RESOURCES: Final = (
    *(organizations, repositories, protection, refs),
    *(labels, deployments, actions, rulesets, collaborators, pulls),
)
ANONYMOUS: Final = Actor("anonymous", 0, Right.NOTHING)


@dataclass(frozen=True, slots=True)
class Site:
    """One GitHub: what it keeps, who may come in, under which address."""

    store: Store
    organization: str
    base_url: str
    tokens: Mapping[str, Actor]
    limits: Limits = field(default_factory=Limits)
    faults: Faults = field(default_factory=Faults.asked_for)


def create_app(site: Site) -> Starlette:
    """The API as an ASGI application."""
    routes = [
        Route(f"{_REST}{path}", _endpoint(site, handler), methods=[method])
        for module in _RESOURCES
        for method, path, handler in module.ENDPOINTS
    ]
    routes += [
        Route(path, _endpoint(site, handler), methods=[method])
        for method, path, handler in graphql.ENDPOINTS
    ]
    unknown = Route("/{path:path}", _endpoint(site, _unknown), methods=list(_METHODS))
    return Starlette(routes=[*routes, unknown])


def _unknown(_call: Call) -> Answer:
    raise NotFoundError


def _endpoint(site: Site, handler: Handler) -> Any:
    async def answer(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_answered, site, handler, request, body)

    return answer


def _answered(site: Site, handler: Handler, request: Request, body: bytes) -> Response:
    login = ANONYMOUS.login
    try:
        actor = _actor(site, request)
        login = actor.login
        site.faults.strike(f"{request.method} {request.url.path}")
        site.limits.allow(login)
        call = _call(site, actor, request, body)
        with site.store.turn():
            given = handler(call)
    except GithubError as error:
        site.limits.count(login)
        headers = {**site.limits.headers(login), **error.headers}
        return _response(error.body(), error.status, headers)
    except Exception:
        _log.exception("unexpected failure on %s %s", request.method, request.url.path)
        raise
    return _success(site, login, request, given)


def _success(site: Site, login: str, request: Request, given: Answer) -> Response:
    etag = 'W/"' + hashlib.sha256(json.dumps(given.body).encode()).hexdigest() + '"'
    readable = request.method == "GET" and given.body is not None
    if readable and request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag, **site.limits.headers(login)})
    site.limits.count(login)
    headers = site.limits.headers(login)
    return _response(given.body, given.status, {**headers, "ETag": etag} if readable else headers)


def _response(body: Any, status: int, headers: Mapping[str, str]) -> Response:
    content = None if body is None else json.dumps(body)
    return Response(content, status, dict(headers), "application/json; charset=utf-8")


def _actor(site: Site, request: Request) -> Actor:
    given = request.headers.get("authorization", "")
    if not given:
        return ANONYMOUS
    scheme, _, token = given.partition(" ")
    actor = site.tokens.get(token) if scheme.lower() in ("bearer", "token") else None
    if actor is None:
        raise BadCredentialsError
    return actor


def _call(site: Site, actor: Actor, request: Request, body: bytes) -> Call:
    try:
        given = json.loads(body) if body else {}
    except ValueError as error:
        raise InvalidBodyError from error
    if not isinstance(given, dict):
        raise InvalidBodyError
    return Call(
        store=site.store,
        actor=actor,
        params={name: str(value) for name, value in request.path_params.items()},
        query=dict(request.query_params),
        body=given,
        base_url=f"{site.base_url}{_REST}",
        organization=site.organization,
    )
