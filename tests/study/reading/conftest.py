"""What the tests of reading share: a refusal, a finder of findings, and a site on loopback."""

import http.server
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest

from firstmile.findings import Finding, Outcome
from firstmile.study.reading import read_source
from firstmile.study.reading.network import NetworkPolicy
from reading.sources import PEM, Refusal, SilentServer, Site, loopback_certificates


@pytest.fixture
def refusal() -> Refusal:
    """Return a caller that expects a UserError."""
    return Refusal()


@pytest.fixture
def found() -> Callable[..., Finding]:
    """Return a reader that gives the one finding of a rule."""

    def find(source: object, rule: str) -> Finding:
        findings = [f for f in read_source(str(source)).findings if f.source == rule]
        assert len(findings) == 1, [f.message for f in findings]
        assert findings[0].outcome is not Outcome.ERROR
        return findings[0]

    return find


@pytest.fixture
def site() -> Iterator[Site]:
    """Run an https server on loopback."""
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
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def policy() -> NetworkPolicy:
    """Allow the one address at which the servers here are, with short patience."""
    return NetworkPolicy(
        max_bytes=200_000,
        max_seconds=5.0,
        allows=lambda address: address == ipaddress.ip_address("127.0.0.1"),
        certificates=loopback_certificates,
    )
