"""Put together an application that speaks declared API families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web
from pydantic import BaseModel

from harmonie_daemon.web import docs
from harmonie_daemon.web.auth import AccessRules, access_middleware, cors_signal
from harmonie_daemon.web.endpoint import Endpoint, register
from harmonie_daemon.web.errors import ErrorFamilies, ErrorFamily, Renderer, error_middleware
from harmonie_daemon.web.keys import PROVIDED, Provided
from harmonie_daemon.web.openapi import document

MAX_BODY_BYTES = 2 * 1024 * 1024
"""A playlist request with 100,000 seeds fits."""


@dataclass(frozen=True, slots=True)
class Family:
    """One public contract."""

    prefixes: tuple[str, ...]
    """The paths whose errors it renders, those of unknown paths included."""
    endpoints: tuple[Endpoint, ...]
    error_model: type[BaseModel]
    render_error: Renderer


def make_application(
    families: Sequence[Family],
    rules: AccessRules,
    *,
    title: str,
    version: str,
    description: str = "",
    max_body_bytes: int = MAX_BODY_BYTES,
) -> web.Application:
    """An application that answers for ``families`` and nothing else; the first one also answers
    for paths that belong to nobody. What handlers work with is put into its ``PROVIDED``.
    """
    endpoints = tuple(endpoint for family in families for endpoint in family.endpoints)
    open_paths = ("/", *docs.OPEN_PATHS, *(e.path for e in endpoints if e.is_open))
    rules = replace(rules, open_paths=open_paths)
    errors = ErrorFamilies(tuple(ErrorFamily(f.prefixes, f.render_error) for f in families))
    app = web.Application(
        middlewares=[error_middleware(errors), access_middleware(rules)],
        client_max_size=max_body_bytes,
    )
    app[PROVIDED] = Provided()
    app.on_response_prepare.append(cors_signal(rules))
    register(app, endpoints)
    contract = document(
        endpoints,
        error_model=families[0].error_model,
        title=title,
        version=version,
        description=description,
    )
    docs.add_docs(app, contract, title=title)
    return app
