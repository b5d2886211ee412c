"""Put together an application that speaks declared API families."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from harmonie_daemon.web.aside import add_aside
from harmonie_daemon.web.auth import AccessRules, access_middleware
from harmonie_daemon.web.cors import cors_signal, preflight_middleware
from harmonie_daemon.web.docs import add_docs
from harmonie_daemon.web.endpoint import Endpoint
from harmonie_daemon.web.families import Families, Family, error_middleware
from harmonie_daemon.web.keys import PROVIDED, Provided
from harmonie_daemon.web.metrics import RequestCounts, metrics_middleware
from harmonie_daemon.web.openapi import document
from harmonie_daemon.web.packing import packing_middleware
from harmonie_daemon.web.parsing import Parser, Policies
from harmonie_daemon.web.ratelimit import RateLimiter, limit_middleware, tell_allowance
from harmonie_daemon.web.responding import Responder
from harmonie_daemon.web.streams import add_streams

MAX_BODY_BYTES = 2 * 1024 * 1024
"""A playlist request with 100,000 seeds fits."""
_PARAMETER = re.compile(r"\{[^}]*\}")


def make_application(
    families: Sequence[Family],
    rules: AccessRules,
    *,
    title: str,
    version: str,
    description: str = "",
    max_body_bytes: int = MAX_BODY_BYTES,
    limiter: RateLimiter | None = None,
    counts: RequestCounts | None = None,
) -> web.Application:
    """An application that answers for ``families`` and nothing else; the first one also answers
    for paths that belong to nobody. What handlers work with is put into its ``PROVIDED``.
    ``limiter`` counts for those families that have a limit, ``counts`` for whoever measures.

    Raises ``ValueError`` if the families cannot stand in one document.
    """
    _check_names(families)
    routes = Families(families)
    app = web.Application(
        middlewares=[
            *([] if counts is None else [metrics_middleware(counts, routes)]),
            packing_middleware(),
            error_middleware(routes),
            preflight_middleware(rules),
            *([] if limiter is None else [limit_middleware(limiter, routes)]),
            access_middleware(rules, routes),
        ],
        client_max_size=max_body_bytes,
    )
    app[PROVIDED] = Provided()
    app.on_response_prepare.append(cors_signal(rules))
    app.on_response_prepare.append(tell_allowance)
    add_aside(app)
    add_streams(app)
    for family in families:
        _add_family(app, routes, family)
    contract = document(families, title=title, version=version, description=description)
    for handler in add_docs(app, contract, title=title):
        routes.add_open(handler)
    return app


def _check_names(families: Sequence[Family]) -> None:
    """A document knows one name for a parameter of a path, whatever the method."""
    spellings: dict[str, str] = {}
    for family in families:
        for endpoint in family.endpoints:
            known = spellings.setdefault(_PARAMETER.sub("{}", endpoint.path), endpoint.path)
            if known != endpoint.path:
                raise ValueError(f"{known} and {endpoint.path} are one path; name it alike")


def _add_family(app: web.Application, routes: Families, family: Family) -> None:
    """Add the endpoints' routes (aiohttp adds HEAD to every GET)."""
    for endpoint in family.endpoints:
        handler = _route_handler(endpoint, family.policies)
        routes.add(handler, family, endpoint)
        if endpoint.method == "GET":
            app.router.add_get(endpoint.path, handler)
        else:
            app.router.add_route(endpoint.method, endpoint.path, handler)


def _route_handler(
    endpoint: Endpoint, policies: Policies
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    parser = Parser(endpoint.models, policies, endpoint.max_body_bytes)
    responder = Responder(endpoint)

    async def respond(request: web.Request) -> web.StreamResponse:
        call = await parser.parsed(request)
        return await responder.response(request, await endpoint.handler(call))

    return respond
