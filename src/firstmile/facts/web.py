"""Pieces of files over https, with ceilings on bytes, time and requests.

Each host is looked up once a request, and the connection goes to an address that was checked: a
name that leads to a private address is refused, also after a redirect. Proxies are not used.
"""

import contextlib
import http.client
import io
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec

from firstmile.facts.machine import UnreadableError
from firstmile.facts.public_addresses import Address, is_public

MIB: Final = 1024 * 1024
_MOVED: Final = frozenset((301, 302, 303, 307, 308))
_PIECE: Final = 64 * 1024
MOST_ADDRESSES: Final = 8
"""Of a host that are tried one after the other."""


class RefusedError(UnreadableError):
    """A server answered with a status that is no success; `status` is that."""

    def __init__(self, status: int) -> None:
        """Take the status."""
        super().__init__(f"the server answered with status {status}")
        self.status = status


def resolved(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def trusted() -> ssl.SSLContext:
    """Return a context that trusts the system's authorities, and certifi's where it is there."""
    context = ssl.create_default_context()
    with contextlib.suppress(ImportError, OSError):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


class Ceilings(msgspec.Struct, frozen=True, kw_only=True):
    """What one look at a repository may take in all; the defaults suit everything but tests."""

    most_bytes: int = 160 * MIB
    most_requests: int = 600
    seconds: float = 60.0
    connect_seconds: float = 10.0
    request_seconds: float = 20.0
    most_redirects: int = 4
    allows: Callable[[Address], bool] = is_public
    resolve: Callable[[str, int], list[str]] = resolved
    certificates: Callable[[], ssl.SSLContext] = trusted


class _Counted(io.RawIOBase):
    """What comes over a connection, each byte of it counted: heads and trailers have no length."""

    def __init__(self, source: socket.socket, count: Callable[[int], None]) -> None:
        self._source, self._count = source, count

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read into a buffer what has come."""
        size = self._source.recv_into(buffer)
        self._count(size)
        return size


class _Line:
    """A connection as `http.client` uses it, which reads no byte uncounted."""

    def __init__(self, source: socket.socket, count: Callable[[int], None]) -> None:
        self._source, self._count = source, count
        self.sendall = source.sendall

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """Return the answer as a file."""
        return io.BufferedReader(_Counted(self._source, self._count), _PIECE)

    def close(self) -> None:
        """Leave closing to whoever opened it: an answer is read after its connection is done."""


class Web(msgspec.Struct):
    """Reads over https until a ceiling is met; may be asked by several threads at once.

    `token` is sent to `token_host` alone ("host" or "host:port"), and never once a redirect led
    elsewhere.
    """

    ceilings: Ceilings = Ceilings()
    token: str | None = None
    token_host: str = ""
    _bytes: int = 0
    _requests: int = 0
    _end: float = msgspec.field(default=0.0)
    _context: ssl.SSLContext | None = None
    _lock: threading.Lock = msgspec.field(default_factory=threading.Lock)

    def get(self, url: str, *, start: int = 0, length: int, whole: bool = False) -> bytes:
        """Return at most so many bytes of what stands at an address; raises UnreadableError.

        `whole` asks without a range; one that is longer is refused. A server that knows no
        ranges is read from its first byte on, which counts.
        """
        ends = time.monotonic() + self.ceilings.request_seconds
        span = None if whole else f"bytes={start}-{start + length - 1}"
        may_hold_token = True
        for _ in range(self.ceilings.most_redirects + 1):
            parts = _checked(url)
            headers = {"User-Agent": "firstmile", "Accept-Encoding": "identity"}
            if span is not None:
                headers["Range"] = span
            may_hold_token = may_hold_token and parts.netloc == self.token_host
            if self.token and may_hold_token:
                headers["Authorization"] = f"Bearer {self.token}"
            with self._asked(parts, headers, ends) as answer:
                if answer.status in _MOVED:
                    url = urljoin(url, answer.getheader("Location") or "")
                    continue
                if answer.status == 416:
                    return b""
                if answer.status not in (200, 206):
                    raise RefusedError(answer.status)
                skipped = start if answer.status == 200 else 0
                if answer.status == 206 and _start_of(answer) != start:
                    raise UnreadableError("the server sent another piece than was asked for")
                data = self._body(answer, skipped + length + (1 if whole else 0))[skipped:]
                if whole and len(data) > length:
                    raise UnreadableError(f"it is longer than {length:,} bytes")
                return data
        raise UnreadableError("the server sends on too often")

    @contextlib.contextmanager
    def _asked(
        self, parts: SplitResult, headers: Mapping[str, str], ends: float
    ) -> Iterator[http.client.HTTPResponse]:
        left = min(self._taken(), ends - time.monotonic())
        if left <= 0:
            raise UnreadableError("the server takes too long")
        host, port = parts.hostname or "", parts.port or 443
        late = threading.Event()
        connection = http.client.HTTPSConnection(host, port, timeout=left)
        plain: list[socket.socket] = []

        def give_up() -> None:
            late.set()
            for each in plain:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(left, give_up)
        timer.daemon = True
        timer.start()
        try:
            opened = self._connected(host, port, time.monotonic() + left)
            plain.append(opened)
            secured = self._secure().wrap_socket(
                opened, server_hostname=host, do_handshake_on_connect=False
            )
            plain[:] = [secured]
            if late.is_set():
                raise UnreadableError("the server takes too long")
            secured.do_handshake()
            line: Any = _Line(secured, self._counted)
            connection.sock = line
            target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            connection.request("GET", target, headers=dict(headers))
            yield connection.getresponse()
        except UnreadableError as error:
            if late.is_set():
                raise UnreadableError("the server takes too long") from error
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            if late.is_set() or isinstance(error, TimeoutError):
                raise UnreadableError("the server takes too long") from error
            reason = "its certificate is refused" if isinstance(error, ssl.SSLError) else "it ended"
            raise UnreadableError(f"the connection failed: {reason}") from error
        finally:
            timer.cancel()
            connection.close()
            for each in plain:
                each.close()

    def _secure(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                self._context = self.ceilings.certificates()
            return self._context

    def _taken(self) -> float:
        """Count a request, and return the seconds that are left for it."""
        with self._lock:
            now = time.monotonic()
            self._end = self._end or now + self.ceilings.seconds
            self._requests += 1
            if self._requests > self.ceilings.most_requests:
                raise UnreadableError("it would take more requests than are made for one model")
            if now >= self._end:
                raise UnreadableError(f"it takes longer than {self.ceilings.seconds:g} s")
            return self._end - now

    def _connected(self, host: str, port: int, ends: float) -> socket.socket:
        """Connect to the first address that answers; all of them share the time that is left."""
        addresses = self._addresses(host, port, ends - time.monotonic())
        failure: OSError = TimeoutError("no time is left")
        for address in addresses[:MOST_ADDRESSES]:
            left = ends - time.monotonic()
            if left <= 0:
                break
            seconds = min(left, self.ceilings.connect_seconds)
            try:
                opened = socket.create_connection((address, port), timeout=seconds)
            except OSError as error:
                failure = error
            else:
                opened.settimeout(left)
                return opened
        raise failure

    def _addresses(self, host: str, port: int, left: float) -> list[str]:
        """Return the addresses of a host, each of them allowed; waits no longer than it may."""
        found: list[str] = []

        def look_up() -> None:
            with contextlib.suppress(OSError, UnicodeError):
                found.extend(self.ceilings.resolve(host, port))

        thread = threading.Thread(target=look_up, daemon=True)
        thread.start()
        thread.join(min(left, self.ceilings.connect_seconds))
        addresses = list(found)
        if not addresses:
            raise UnreadableError("the host cannot be found")
        for text in addresses:
            if not self.ceilings.allows(ipaddress.ip_address(text.partition("%")[0])):
                raise UnreadableError(f"the host is at {text}, which is no public address")
        return addresses

    def _counted(self, size: int) -> None:
        with self._lock:
            self._bytes += size
            if self._bytes > self.ceilings.most_bytes:
                raise UnreadableError("it would take more bytes than are read of one model")

    def _body(self, answer: http.client.HTTPResponse, most: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        while size < most:
            piece = answer.read1(min(_PIECE, most - size))
            if not piece:
                break
            parts.append(piece)
            size += len(piece)
        if size < most and answer.length:
            raise UnreadableError("the server ended before all of it came")
        return b"".join(parts)


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc
        _ = parts.port
    except ValueError:
        is_usable = False
    if not is_usable or not url.isascii() or not url.isprintable() or " " in url:
        raise UnreadableError("it leads to an address that is not read: https alone is spoken")
    return parts


def _start_of(answer: http.client.HTTPResponse) -> int | None:
    """Return the place of the first byte that a server says that it sends."""
    said = (answer.getheader("Content-Range") or "").removeprefix("bytes ").partition("-")[0]
    return int(said) if said.isdecimal() and len(said) < 20 else None
