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


class FilterError(BadRequestError):
    """A filter does not follow the grammar."""

    code = "bad_filter"


class NotFoundError(HarmonieError):
    """What was asked for does not exist."""

    code = "not_found"


class TrackNotFoundError(NotFoundError):
    """No track has this id, path or tags."""

    code = "track_not_found"


class NotReadyError(HarmonieError):
    """The daemon is still starting; the same request will do in a moment."""

    code = "not_ready"


class DecodeError(HarmonieError):
    """A file could not be decoded as audio; the message is the reason that is recorded."""

    code = "decode"


class ModelError(HarmonieError):
    """The weights of an embedding model are missing, wrong, or cannot be fetched."""

    code = "model"


class WorkerError(HarmonieError):
    """A worker process died, hung or outgrew its memory while it held a job."""

    code = "worker"


class StoreError(HarmonieError):
    """The database cannot be opened, read or written."""

    code = "store"


class MediaServerError(HarmonieError):
    """A media server refused, failed or could not be reached."""

    code = "media_server"
