"""The operations of the family."""

from __future__ import annotations

from harmonie_daemon.api.stalgia import downloads, pieces, tags
from harmonie_daemon.api.stalgia.errors import GenerationFailure, StalgiaError, render_error
from harmonie_daemon.domain.composition import MEDIA_TYPES
from harmonie_daemon.web.endpoint import Endpoint, OtherAnswer
from harmonie_daemon.web.families import Family
from harmonie_daemon.web.parsing import Policies

PREFIXES = ("/tags", "/generate", "/render-code", "/revise", "/download")
TAG = "STALGIA"
NOTHING = "Nothing has been made yet, or it is not there any more."
BUSY = (
    "Too much is being made at once, programs cannot be evaluated safely on this machine, or the "
    "daemon is still starting."
)
FAILED = OtherAnswer(GenerationFailure, "Nothing that plays has come of it.")
NO_SOUND = OtherAnswer(StalgiaError, "The sound could not be made.")


def stalgia_family() -> Family:
    """The family, ready to be served."""
    return Family(
        name="stalgia",
        prefixes=PREFIXES,
        endpoints=(*_words(), *_files()),
        error_model=StalgiaError,
        render_error=render_error,
        policies=Policies(repeated_parameter_is_error=False),
    )


def _words() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "GET",
            "/tags",
            tags.list_tags,
            summary="What can be chosen",
            description="By kind: categories with their entries; `instruments` is one list.",
            tag=TAG,
        ),
        Endpoint(
            "POST",
            "/generate",
            pieces.generate_music,
            summary="Music for a wish",
            description="By a language model where there is a key, else by our own composer. The "
            "prompts of the examples are answered at once.",
            tag=TAG,
            errors={503: BUSY},
            others={500: FAILED},
        ),
        Endpoint(
            "POST",
            "/render-code",
            pieces.render_code,
            summary="What a program plays",
            description="In our dialect of musicpy; nothing is executed as Python.",
            tag=TAG,
            errors={503: BUSY},
            others={500: FAILED},
        ),
        Endpoint(
            "POST",
            "/revise",
            pieces.revise_music,
            summary="Another piece for the same wish",
            description="`change`: the same piece, changed as requested; `regenerate`: a new one.",
            tag=TAG,
            errors={503: BUSY},
            others={500: FAILED},
        ),
    )


def _files() -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            "GET",
            "/download/midi",
            downloads.download_midi,
            summary="The MIDI file of the latest piece",
            tag=TAG,
            media_types=(MEDIA_TYPES["mid"],),
            errors={404: NOTHING},
        ),
        Endpoint(
            "GET",
            "/download/audio",
            downloads.download_audio,
            summary="The sound of the latest piece",
            tag=TAG,
            media_types=tuple(dict.fromkeys(MEDIA_TYPES[one] for one in downloads.FORMATS)),
            errors={404: NOTHING, 503: BUSY},
            others={500: NO_SOUND},
        ),
    )
