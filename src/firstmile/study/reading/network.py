"""What a download may do: addresses, sizes, times, and the connection to a checked address."""

import ipaddress
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpcore

from firstmile.errors import UserError
from firstmile.facts.public_addresses import Address, is_public
from firstmile.facts.web import resolved, trusted
from firstmile.study.reading.ceilings import MIB
from firstmile.study.reading.quoting import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicy:
    """What is allowed on the network; the defaults suit everything but tests.

    A host is refused when any of its addresses is not allowed. Proxies are not used: the
    address that was checked is the one connected to.
    """

    max_bytes: int = 512 * MIB
    max_seconds: float = 120.0
    connect_seconds: float = 15.0
    read_seconds: float = 30.0
    max_redirects: int = 5
    allows: Callable[[Address], bool] = is_public
    resolve: Callable[[str, int], list[str]] = resolved
    certificates: Callable[[], ssl.SSLContext] = trusted


class Deadline:
    """A moment after which everything on the network stops."""

    def __init__(self, seconds: float, host: str) -> None:
        self.seconds = seconds
        self.host = host
        self._end = time.monotonic() + seconds

    def left(self, at_most: float | None = None) -> float:
        """Return the seconds left; raises UserError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left if at_most is None else min(left, at_most)

    def passed(self) -> UserError:
        """Return the error for a download that takes too long."""
        return UserError(
            f"The download from {shown(self.host)} takes longer than {self.seconds:g} seconds; "
            "try again, or download it yourself and give the file."
        )


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to an address of the host only after all of them were allowed."""

    def __init__(self, policy: NetworkPolicy, deadline: Deadline) -> None:
        self._policy = policy
        self._deadline = deadline
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers; raises UserError for a forbidden one."""
        failure: Exception | None = None
        for address in self._addresses(host, port):
            try:
                stream = self._backend.connect_tcp(
                    address,
                    port,
                    timeout=self._deadline.left(self._policy.connect_seconds),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _BoundedStream(stream, self._deadline, self._policy.read_seconds)
        raise failure or httpcore.ConnectError("no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return all addresses of a host, each of them allowed."""
        addresses = self._resolved(host.strip("[]"), port)
        for text in addresses:
            address = ipaddress.ip_address(text.partition("%")[0])
            if not self._policy.allows(address):
                raise UserError(
                    f"{shown(host)} is at {address}, which is no public address; "
                    "download it yourself and give the file."
                )
        return addresses

    def _resolved(self, host: str, port: int) -> list[str]:
        """Look a host up, waiting no longer than the deadline allows."""
        answer: list[str] = []
        failures: list[Exception] = []

        def look_up() -> None:
            try:
                answer.extend(self._policy.resolve(host, port))
            except (OSError, UnicodeError) as error:
                failures.append(error)

        thread = threading.Thread(target=look_up, daemon=True)
        thread.start()
        thread.join(self._deadline.left(self._policy.connect_seconds))
        if not answer:
            raise UserError(f"The host {shown(host)} cannot be found; check the address.")
        return list(answer)


class _BoundedStream(httpcore.NetworkStream):
    """A connection on which no read or write outlasts the deadline."""

    def __init__(
        self, stream: httpcore.NetworkStream, deadline: Deadline, read_seconds: float
    ) -> None:
        self._stream = stream
        self._deadline = deadline
        self._read_seconds = read_seconds

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=self._deadline.left(self._read_seconds))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=self._deadline.left(self._read_seconds))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(
            ssl_context, server_hostname, timeout=self._deadline.left(self._read_seconds)
        )
        return _BoundedStream(stream, self._deadline, self._read_seconds)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
