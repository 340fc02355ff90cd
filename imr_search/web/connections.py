"""HTTP connections that do not wait for ever: a client that connects and says nothing, or half a request, is let go."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0  # from the connection, or from the request before, until the head of a request has come


class TimedProtocol(H11Protocol):
    """Closes a connection on which no whole head comes in time. The body's time is the gate's to bound."""

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._bound()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._bound()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._limit is not None:
            self._limit.cancel()
        super().connection_lost(exc)

    def _bound(self) -> None:
        """The clock runs while no request is being answered; more pieces of the same head do not wind it up again."""
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering and self._limit is not None:
            self._limit.cancel()
            self._limit = None
        elif not answering and self._limit is None:
            self._limit = self.loop.call_later(HEAD_SECONDS, self.transport.close)
