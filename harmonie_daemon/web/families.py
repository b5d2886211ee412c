"""Public contracts side by side: which one answers, and in whose words it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import BaseModel

from harmonie_daemon.web.access import KEY, OPEN, Access
from harmonie_daemon.web.endpoint import Endpoint
from harmonie_daemon.web.errors import Renderer, problem_of
from harmonie_daemon.web.parsing import Policies


@dataclass(frozen=True, slots=True)
class Family:
    """One public contract."""

    name: str
    prefixes: tuple[str, ...]
    """The paths it answers for where no route does, a wrong method included. Each stands for
    itself and everything below it; of several families the longest decides."""
    endpoints: tuple[Endpoint, ...]
    error_model: type[BaseModel]
    render_error: Renderer
    policies: Policies = field(default_factory=Policies)
    is_limited: bool = False
    """Whether each client may ask only so often (``ratelimit``)."""


@dataclass(frozen=True, slots=True)
class _Place:
    family: Family
    access: Access
    is_unlimited: bool = False


class Families:
    """Who answers a request: the family of the route that matches; by its path where none does."""

    def __init__(self, families: Sequence[Family]) -> None:
        self._default = families[0]
        pairs = ((prefix, family) for family in families for prefix in family.prefixes)
        self._longest_first = sorted(pairs, key=lambda pair: len(pair[0]), reverse=True)
        self._places: dict[Handler, _Place] = {}

    def add(self, handler: Handler, family: Family, endpoint: Endpoint) -> None:
        """Say which endpoint the route with this handler is, and whose."""
        self._places[handler] = _Place(family, endpoint.access, endpoint.is_unlimited)

    def add_open(self, handler: Handler) -> None:
        """The route with this handler belongs to nobody, and is open."""
        self._places[handler] = _Place(self._default, OPEN)

    def family(self, request: web.Request) -> Family:
        """Whose words an answer to ``request`` is in."""
        place = self._places.get(request.match_info.handler)
        return self._at(request.path) if place is None else place.family

    def is_counted(self, request: web.Request) -> bool:
        """Whether ``request`` counts where there is a limit: what no route has may be meant for
        somebody else, and uses up nothing.
        """
        place = self._places.get(request.match_info.handler)
        return place is not None and not place.is_unlimited

    async def access(self, request: web.Request) -> Access:
        """What is asked of ``request``: where nothing is, the key, so that nothing is told.

        A wrong method at an open path is told the right ones.
        """
        place = self._places.get(request.match_info.handler)
        if place is not None:
            return place.access
        missed = getattr(request.match_info, "http_exception", None)
        if isinstance(missed, web.HTTPMethodNotAllowed):
            for method in missed.allowed_methods:
                near = await request.app.router.resolve(request.clone(method=method))
                place = self._places.get(near.handler)
                if place is not None and place.access == OPEN:
                    return OPEN
        return KEY

    def _at(self, path: str) -> Family:
        for prefix, family in self._longest_first:
            if path == prefix or path.startswith(prefix.rstrip("/") + "/"):
                return family
        return self._default


def error_middleware(families: Families) -> Middleware:
    """The one border at which a request's exceptions end."""

    @web.middleware
    async def render_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            caught: Exception = error
        except Exception as error:  # noqa: BLE001 - the request border
            caught = error
        family = families.family(request)
        problem = problem_of(caught, request, family.policies.malformed_status)
        response = family.render_error(problem)
        response.headers.update(problem.headers)
        return response

    return render_errors
