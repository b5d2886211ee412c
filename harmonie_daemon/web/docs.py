"""The document at ``/openapi.json`` and Swagger UI at ``/docs``, served without the internet.

Swagger UI is vendored from npm (``assets/swagger-ui``: licence, version and checksums beside
it). Every address in the page is relative, so that it works behind a path of a proxy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

ASSETS: Mapping[str, tuple[str, str]] = {
    "swagger-ui.css": ("swagger-ui/swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": ("swagger-ui/swagger-ui-bundle.js", "text/javascript"),
    "docs.js": ("docs.js", "text/javascript"),
}
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Swagger UI sets style attributes
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
ASSET_MAX_AGE_S = 3600


def add_docs(
    app: web.Application, document: Mapping[str, Any], *, title: str
) -> tuple[Handler, ...]:
    """Add the routes; ``document`` is the OpenAPI document of everything else.

    The handlers, which need no key.
    """
    page = (files(__package__) / "assets" / "docs.html").read_text(encoding="utf-8")
    page = page.replace("{{title}}", title)
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()

    async def openapi(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json", charset="utf-8")

    async def docs(_: web.Request) -> web.Response:
        return web.Response(
            text=page,
            content_type="text/html",
            headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY},
        )

    async def to_docs(request: web.Request) -> web.Response:
        up = "../" if request.path.endswith("/") else ""
        raise web.HTTPMovedPermanently(f"{up}docs")

    async def root(_: web.Request) -> web.Response:
        """Until there is a page; not for ever, as browsers remember the other kind."""
        raise web.HTTPFound("docs")

    app.router.add_get("/openapi.json", openapi)
    app.router.add_get("/docs", docs)
    app.router.add_get("/docs/assets/{name}", _asset)
    for path in ("/docs/", "/apidocs", "/apidocs/"):
        app.router.add_get(path, to_docs)
    app.router.add_get("/", root)
    return openapi, docs, to_docs, root, _asset


async def _asset(request: web.Request) -> web.Response:
    known = ASSETS.get(request.match_info["name"])
    if known is None:
        raise web.HTTPNotFound
    path, content_type = known
    return web.Response(
        body=(files(__package__) / "assets" / path).read_bytes(),
        content_type=content_type,
        charset="utf-8",
        headers={"Cache-Control": f"max-age={ASSET_MAX_AGE_S}"},
    )
