"""Whether Gemini is there, without asking a model anything."""

from __future__ import annotations

import asyncio

from harmonie_daemon.providers.bounded_session import open_session
from harmonie_daemon.providers.gemini_errors import FORESEEN, GeminiFault, failure, refusal
from harmonie_daemon.providers.standing import Standing
from harmonie_daemon.providers.troubles import RedirectedError

LOOK_TIMEOUT_S = 10.0
_NOT_THERE = (
    GeminiFault.TIMEOUT,
    GeminiFault.UNREACHABLE,
    GeminiFault.WRONG_ADDRESS,
    GeminiFault.FAILED,
)


def standing_of(fault: GeminiFault | None) -> Standing:
    """How the service stands whose last answer was this; ``None`` for a good one."""
    if fault is GeminiFault.UNAUTHORIZED:
        return Standing.UNAUTHORIZED
    return Standing.UNREACHABLE if fault in _NOT_THERE else Standing.CONNECTED


async def look(url: str, api_key: str, model: str) -> GeminiFault | None:
    """What is wrong with the service when it is asked whether it has a model, which is free.

    ``url`` is the model's; ``None`` if nothing is.
    """
    try:
        async with (
            asyncio.timeout(LOOK_TIMEOUT_S),
            open_session() as session,
            session.get(url, headers={"x-goog-api-key": api_key}) as response,
        ):
            said = (await response.read()).decode("utf-8", "replace")
            if 300 <= response.status < 400:
                raise RedirectedError
    except FORESEEN as error:
        return failure(error).fault
    if response.status < 300:
        return None
    return refusal(response.status, said, None, response.headers, model).fault
