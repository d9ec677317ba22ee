"""Connects only to checked addresses, and bounds every request in time."""

import time
from collections.abc import Iterator
from typing import Final

import httpcore
import httpx

from firstmile.study.reading.network import CheckedBackend, Deadline, NetworkPolicy

_TIMEOUTS: Final = (httpcore.TimeoutException,)
_BROKEN: Final = (httpcore.NetworkError, httpcore.ProtocolError)


class RequestDeadline(Deadline):
    """The moment after which one request stops; the next starts its own.

    Passing it is a time-out like any other, after which a request is tried again.
    """

    def restart(self) -> None:
        """Give the next request its full time."""
        self._end = time.monotonic() + self.seconds

    def left(self, at_most: float | None = None) -> float:
        """Return the seconds left; raises httpcore.ReadTimeout when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout(f"no whole answer within {self.seconds:g} seconds")
        return left if at_most is None else min(left, at_most)


class CheckedTransport(httpx.BaseTransport):
    """httpx's way to the network, through a connection whose address was checked.

    `secure` false spares reading the certificates where no connection uses TLS.
    """

    def __init__(self, policy: NetworkPolicy, host: str, *, secure: bool = True) -> None:
        self._deadline = RequestDeadline(policy.max_seconds, host)
        self._pool = httpcore.ConnectionPool(
            ssl_context=policy.certificates() if secure else None,
            http2=True,
            max_connections=1,
            network_backend=CheckedBackend(policy, self._deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; raises httpx.TransportError."""
        self._deadline.restart()
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = self._pool.handle_request(asked)
        except _TIMEOUTS as error:
            raise httpx.ReadTimeout(str(error), request=request) from error
        except _BROKEN as error:
            raise httpx.NetworkError(str(error), request=request) from error
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer, request),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """End all connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """A body whose failures are httpx's, so that there is one kind to catch."""

    def __init__(self, answer: httpcore.Response, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._answer.iter_stream()
        except _TIMEOUTS as error:
            raise httpx.ReadTimeout(str(error), request=self._request) from error
        except _BROKEN as error:
            raise httpx.NetworkError(str(error), request=self._request) from error

    def close(self) -> None:
        self._answer.close()
