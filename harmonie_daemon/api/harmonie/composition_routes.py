"""The operations that are about composed music."""

from __future__ import annotations

from harmonie_daemon.api.harmonie import compositions
from harmonie_daemon.domain.composition import MEDIA_TYPES
from harmonie_daemon.web.endpoint import Endpoint

NO_COMPOSITION = "There is no composition, version or file like that (any more)."


def composition_endpoints(path: str) -> tuple[Endpoint, ...]:
    """All of them, below ``path``."""
    tag = "Compositions"
    gone = {404: NO_COMPOSITION}
    return (
        Endpoint(
            "POST",
            path,
            compositions.compose,
            summary="Compose music from words",
            description="Answers at once; the composition says how far it is, and what came of it.",
            tag=tag,
            errors={400: "The words ask for what cannot be composed.", 503: "Too many wait."},
        ),
        Endpoint("GET", path, compositions.list_compositions, summary="List compositions", tag=tag),
        Endpoint(
            "GET",
            f"{path}/{{id}}",
            compositions.get_composition,
            summary="Get a composition",
            tag=tag,
            errors=gone,
        ),
        Endpoint(
            "DELETE",
            f"{path}/{{id}}",
            compositions.delete_composition,
            summary="Delete a composition with its files",
            description="If it is being made, that ends. What was put into the library stays.",
            tag=tag,
            status=204,
            errors=gone,
        ),
        Endpoint(
            "GET",
            f"{path}/{{id}}/audio",
            compositions.get_audio,
            summary="Its sound",
            tag=tag,
            errors=gone,
            media_types=tuple(dict.fromkeys(MEDIA_TYPES.values())),
        ),
        Endpoint(
            "GET",
            f"{path}/{{id}}/midi",
            compositions.get_midi,
            summary="Its notes",
            tag=tag,
            errors=gone,
            media_types=(MEDIA_TYPES["mid"],),
        ),
    )
