"""One tree of errors; each carries a stable ``code`` that clients and logs can rely on."""

from __future__ import annotations

from typing import ClassVar


class HarmonieError(Exception):
    """Something went wrong that a person can act on; the message says how."""

    code: ClassVar[str] = "harmonie_error"


class ConfigurationError(HarmonieError):
    """A setting is wrong; the message names it, its value and what is allowed."""

    code = "configuration"


class BadRequestError(HarmonieError):
    """A request contradicts itself or lacks something."""

    code = "bad_request"


class ParameterError(BadRequestError):
    """A parameter has a value that it cannot have."""

    code = "bad_parameter"

    def __init__(self, name: str, value: object, allowed: str) -> None:
        is_huge = isinstance(value, int) and value.bit_length() > 256  # Python writes none longer
        shown = "a huge number" if is_huge else repr(value)
        self.value = shown if len(shown) <= 80 else f"{shown[:79]}…"
        super().__init__(f"{name}={self.value}: must be {allowed}")
        self.name = name
        self.allowed = allowed


class TooFewTracksError(HarmonieError):
    """There is too little to be divided; the message says how much there is and is needed."""

    code = "too_few_tracks"


class FilterError(BadRequestError):
    """A filter does not follow the grammar."""

    code = "bad_filter"


class BriefError(BadRequestError):
    """What was asked for cannot be composed; the message says what to change."""

    code = "bad_brief"


class MidiError(BadRequestError):
    """A MIDI file is damaged, or has more in it than is played."""

    code = "bad_midi"


class TooManyListenersError(BadRequestError):
    """Nobody else is taken in; the message says how many there are."""

    code = "too_many_listeners"


class NotFoundError(HarmonieError):
    """What was asked for does not exist."""

    code = "not_found"


class TrackNotFoundError(NotFoundError):
    """No track has this id, path or tags."""

    code = "track_not_found"


class EntityNotFoundError(NotFoundError):
    """Nothing in the library goes by this name: no track, artist, album or genre."""

    code = "entity_not_found"


class PlaylistNotFoundError(NotFoundError):
    """No playlist is kept under this key."""

    code = "playlist_not_found"


class CompositionNotFoundError(NotFoundError):
    """There is no composition, no version of it or no file of that any more."""

    code = "composition_not_found"


class BusyError(HarmonieError):
    """There is too much of this at once; the same request will do later."""

    code = "busy"


class NotReadyError(HarmonieError):
    """The daemon is still starting; the same request will do in a moment."""

    code = "not_ready"


class DecodeError(HarmonieError):
    """A file could not be decoded as audio; the message is the reason that is recorded."""

    code = "decode"


class AnalysisError(HarmonieError):
    """Of all that was to be analysed nothing could be."""

    code = "analysis"


class ModelError(HarmonieError):
    """The weights of an embedding model are missing, wrong, or cannot be fetched."""

    code = "model"


class WorkerError(HarmonieError):
    """A worker process died, hung or outgrew its memory while it held a job."""

    code = "worker"


class StoreError(HarmonieError):
    """The database cannot be opened, read or written."""

    code = "store"


class UnusableDatabaseError(StoreError):
    """The database is damaged or not for us, and stays so until a person does something."""

    code = "unusable_database"


class SoundFontError(HarmonieError):
    """A file is no SoundFont, or a damaged one."""

    code = "soundfont"


class EncodingError(BadRequestError):
    """Sound cannot be written in this format here; the message says what is missing."""

    code = "encoding"


class CodeUnavailableError(HarmonieError):
    """This machine cannot evaluate programs of others safely; the message says why."""

    code = "code_unavailable"


class CodeError(HarmonieError):
    """A musicpy program does not make music; the message says which line and why."""

    code = "code"

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.reason = reason
        self.line = line
        """From 1; ``None`` where no one line is to blame."""


class OutsideServiceError(HarmonieError):
    """A service outside of this machine failed, and nothing here can answer in its place."""

    code = "outside_service"


class NotConfiguredError(HarmonieError):
    """This needs a setting that is not set; the message names its variables."""

    code = "not_configured"


class MediaServerError(HarmonieError):
    """A media server refused, failed or could not be reached."""

    code = "media_server"


_UNFORESEEN = (AttributeError, LookupError, NameError, TypeError, AssertionError)
"""Faults of the program; their texts speak of its insides."""


def in_words(error: BaseException) -> str:
    """What went wrong, on one line and never empty; without the names of Python's classes."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(dict.fromkeys(in_words(one) for one in error.exceptions))
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, _UNFORESEEN):
        return "an unexpected fault in harmonie; its log says more"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split()) or "it ended without saying why"
