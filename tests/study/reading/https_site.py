"""An https site on loopback, and the network policy that reaches it and nothing else."""

import contextlib
import http.server
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firstmile.study.reading.network import NetworkPolicy

Handler = http.server.BaseHTTPRequestHandler
Answer = Callable[[Handler], None]

PEM = Path(__file__).with_name("loopback.pem")


class SilentServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: clients that hang up are what is tested."""


@dataclass
class Site:
    """A server on loopback: what it answers by path, and which paths were asked for."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def serve(self, path: str, body: bytes, *, kind: str = "", etag: str = "") -> str:
        """Answer a path with a body, and return its address."""

        def answer(handler: Handler) -> None:
            if etag and handler.headers.get("If-None-Match") == etag:
                handler.send_response(304)
                handler.end_headers()
                return
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            if kind:
                handler.send_header("Content-Type", kind)
            if etag:
                handler.send_header("ETag", etag)
            handler.end_headers()
            handler.wfile.write(body)

        return self.answer(path, answer)

    def redirect(self, path: str, target: str, status: int = 302) -> str:
        """Redirect a path, and return its address."""

        def answer(handler: Handler) -> None:
            handler.send_response(status)
            handler.send_header("Location", target)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        return self.answer(path, answer)

    def answer(self, path: str, answer: Answer) -> str:
        """Answer a path with a function, and return its address."""
        self.answers[path] = answer
        return f"{self.url}{path}"


def loopback_certificates() -> ssl.SSLContext:
    """Trust the certificate of the servers here, and nothing else."""
    return ssl.create_default_context(cafile=str(PEM))


@contextlib.contextmanager
def serve_site() -> Iterator[Site]:
    """Run an https server on loopback for as long as the context lasts."""
    site = Site(url="")

    class AnswerByPath(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.headers.append(dict(self.headers))
            self.close_connection = True
            answer = site.answers.get(self.path)
            self.send_error(404) if answer is None else answer(self)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = SilentServer(("127.0.0.1", 0), AnswerByPath)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    site.url = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def loopback_policy(**changes: Any) -> NetworkPolicy:
    """Allow the one address at which the servers here are, with short patience."""
    values: dict[str, Any] = {
        "max_bytes": 200_000,
        "max_seconds": 5.0,
        "allows": lambda address: address == ipaddress.ip_address("127.0.0.1"),
        "certificates": loopback_certificates,
        **changes,
    }
    return NetworkPolicy(**values)
