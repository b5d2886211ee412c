"""Reading what a media server answers, within bounds: it may be anything that listens there."""

from __future__ import annotations

import json

import aiohttp

from harmonie_daemon.domain.errors import in_words
from harmonie_daemon.mediaservers.errors import GarbledError, TooLargeError

LARGEST_ANSWER_BYTES = 8 * 2**20
"""A page of 500 items takes half a megabyte; parsed, an answer takes up to ten times its size."""


def trouble(error: BaseException) -> str:
    """Why a server cannot be reached."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        why = getattr(error.certificate_error, "verify_message", "") or "it is for another name"
        return f"its certificate is not trusted ({why}): let SSL_CERT_FILE name a file with it"
    if isinstance(error, aiohttp.ClientResponseError):
        return "what answers there does not speak HTTP"
    return in_words(error)


async def read_json(response: aiohttp.ClientResponse, who: str) -> object | None:
    """The parsed answer; ``None`` when it is empty. Raises ``GarbledError``, ``TooLargeError``.

    The size counts after decompression. Time is bounded by the session's total time-out.
    """
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LARGEST_ANSWER_BYTES:
            megabytes = LARGEST_ANSWER_BYTES // 2**20
            raise TooLargeError(f"{who} answered with more than {megabytes} MB; it was not read")
    return parse_json(bytes(body), who) if body else None


def parse_json(body: bytes, who: str) -> object:
    """Parse an answer. Raises ``GarbledError``, for one that is nested without end too."""
    try:
        return json.loads(body.decode("utf-8", "replace"))
    except RecursionError:
        raise GarbledError(f"{who} answered with JSON that is nested too deeply") from None
    except ValueError as error:
        raise GarbledError(f"{who} did not answer with JSON; is its address right?") from error
