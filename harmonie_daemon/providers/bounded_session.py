"""The HTTP session that services elsewhere are asked through, with the bounds that libraries lack.

google-genai would read an answer of any length, unpack it without a limit, and follow a redirect
with the key in its headers.
"""

from __future__ import annotations

from types import SimpleNamespace

import aiohttp

from harmonie_daemon.providers.troubles import EndlessError, RedirectedError

LARGEST_ANSWER_BYTES = 1024 * 1024
"""The longest answer that is asked for has some 60,000 characters."""
CONNECT_TIMEOUT_S = 10.0


class BoundedResponse(aiohttp.ClientResponse):
    """A response of which no more is read than was expected."""

    async def read(self) -> bytes:
        """The body. Raises ``EndlessError``."""
        if self._body is None:
            body = bytearray()
            async for piece in self.content.iter_any():
                body += piece
                if len(body) > LARGEST_ANSWER_BYTES:
                    self.close()
                    raise EndlessError(f"more than {LARGEST_ANSWER_BYTES} bytes")
            self._body = bytes(body)
        return await super().read()


def open_session() -> aiohttp.ClientSession:
    """A session that follows no redirect, keeps no cookie and unpacks nothing."""
    tracing = aiohttp.TraceConfig()
    tracing.on_request_redirect.append(_refuse)
    return aiohttp.ClientSession(
        response_class=BoundedResponse,
        trace_configs=[tracing],
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        headers={aiohttp.hdrs.ACCEPT_ENCODING: "identity"},
        connector=aiohttp.TCPConnector(limit=8),
    )


async def _refuse(
    _: aiohttp.ClientSession, __: SimpleNamespace, ___: aiohttp.TraceRequestRedirectParams
) -> None:
    raise RedirectedError
