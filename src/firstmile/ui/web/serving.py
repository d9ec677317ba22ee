"""Binding to loopback and answering until Ctrl-C."""

import asyncio
import re
import socket
from collections.abc import Callable, Sequence
from typing import Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from firstmile.errors import UserError
from firstmile.study.reading.quoting import quoted
from firstmile.ui.web.app import make_app
from firstmile.ui.web.guard import Doors
from firstmile.ui.web.passes import Passes
from firstmile.ui.web.site import Site

HOST: Final = "127.0.0.1"
SECONDS_FOR_A_HEAD: Final = 10
"""How long a connection may take to send the head of its next request."""

_ORIGIN: Final = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::\d{1,5})?")


def bind(port: int) -> socket.socket:
    """Take a port on loopback (0: any free one); raises UserError where it is taken."""
    # asyncio turns Nagle's delay of 40 ms off only where a socket names its protocol.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise UserError(
            f"Port {port} on this machine cannot be used: give another one with --port, or "
            "--port 0 for any free one."
        ) from error
    return listening


def make_doors(site: Site, port: int, origin: str | None) -> Doors:
    """Say who may come in: loopback, and a stated reverse proxy; raises UserError."""
    hosts = {f"{HOST}:{port}", f"localhost:{port}"}
    origins = {f"http://{host}" for host in hosts}
    if origin is not None:
        address = origin.rstrip("/").lower()
        if not _ORIGIN.fullmatch(address):
            raise UserError(
                f"{quoted(origin)} is no origin: give scheme and host alone, such as "
                "https://label.example.org."
            )
        if address.startswith("http://"):
            raise UserError(
                f"{quoted(origin)} is not https: tokens would travel in the clear; let the "
                "reverse proxy speak https."
            )
        hosts.add(address.partition("://")[2])
        origins.add(address)
    return Doors(
        hosts=frozenset(hosts),
        origins=frozenset(origins),
        # Two servers on one machine share a browser's cookies: the port keeps them apart.
        cookie=f"firstmile-{site.id}-{port}",
        owner_of=site.folder.rater_of,
        passes=Passes([rater.name for rater in site.folder.design.raters]),
    )


def links(site: Site, base: str) -> Sequence[tuple[str, str]]:
    """Return each person's name and private link."""
    folder = site.folder
    return [(name, f"{base}/enter?token={folder.token(name)}") for name in folder.design.people()]


class _Impatient(H11Protocol):
    """Hangs up on connections that ask for nothing, or never end their question.

    Whoever holds a thousand of them open would leave none for raters. A body that comes slowly is
    the guard's matter.
    """

    _seen: RequestResponseCycle | None = None
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch = self.loop.call_later(SECONDS_FOR_A_HEAD, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        if self.conn.their_state is h11.IDLE and self.cycle is self._seen:
            self.transport.close()
            return
        self._seen = self.cycle
        self._watch = self.loop.call_later(SECONDS_FOR_A_HEAD, self._look)


def make_server(
    site: Site, doors: Doors, *, ready: Callable[[], None] = lambda: None
) -> uvicorn.Server:
    """Return a server; `ready` is called once it answers."""

    class _Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    return _Server(
        uvicorn.Config(
            make_app(site, doors),
            http=_Impatient,
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
            h11_max_incomplete_event_size=32 * 1024,
        )
    )
