"""The client, in either kind: an object for each of the families."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from harmonie_client.generated import awaiting, blocking
from harmonie_client.transport import DEFAULT_TIMEOUT_S, AsyncTransport, Transport


class Client:
    """Blocks until there is an answer. Methods raise the errors of ``harmonie_client.errors``."""

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8842",
        *,
        api_key: str | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> None:
        self._transport = Transport(base_url, api_key, timeout_s)
        self.harmonie = blocking.Harmonie(self._transport)
        self.audiomuse = blocking.Audiomuse(self._transport)
        self.beatteller = blocking.Beatteller(self._transport)
        self.stalgia = blocking.Stalgia(self._transport)
        self.beatoven = blocking.Beatoven(self._transport)

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncClient:
    """As ``Client``, with methods to be awaited."""

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8842",
        *,
        api_key: str | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> None:
        self._transport = AsyncTransport(base_url, api_key, timeout_s)
        self.harmonie = awaiting.AsyncHarmonie(self._transport)
        self.audiomuse = awaiting.AsyncAudiomuse(self._transport)
        self.beatteller = awaiting.AsyncBeatteller(self._transport)
        self.stalgia = awaiting.AsyncStalgia(self._transport)
        self.beatoven = awaiting.AsyncBeatoven(self._transport)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
