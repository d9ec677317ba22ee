"""The same server over HTTP/2, for one connection: what GitHub itself speaks."""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, RequestReceived, StreamEnded

from .serving import Asked, GitHubServer


class _Conversation:
    """One connection: gathers requests, and answers each when it is whole."""

    def __init__(self, owner: GitHubServer, connection: ssl.SSLSocket) -> None:
        self._owner = owner
        self._socket = connection
        self._http = H2Connection(H2Configuration(client_side=False))
        self._open: dict[int, tuple[dict[str, str], bytearray]] = {}

    def run(self) -> None:
        self._http.initiate_connection()
        self._socket.sendall(self._http.data_to_send())
        while data := self._socket.recv(65_536):
            for event in self._http.receive_data(data):
                self._take(event)
            self._socket.sendall(self._http.data_to_send())

    def _take(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            headers = {_text(name): _text(value) for name, value in event.headers or ()}
            self._open[event.stream_id or 0] = (headers, bytearray())
        elif isinstance(event, DataReceived):
            self._open[event.stream_id or 0][1].extend(event.data or b"")
        elif isinstance(event, StreamEnded):
            self._answer(event.stream_id or 0)

    def _answer(self, stream: int) -> None:
        headers, body = self._open.pop(stream)
        content: Any = json.loads(body) if body else None
        asked = Asked(headers[":method"], headers[":path"], headers, content)
        self._owner.asked.append(asked)
        token = headers.get("authorization", "").partition(" ")[2]
        reply, _ = self._owner.reply(asked, token, "")
        sent = b"" if reply.body is None else json.dumps(reply.body).encode()
        fields = [(":status", str(reply.status)), ("content-length", str(len(sent)))]
        fields += [(name.lower(), value) for name, value in reply.headers.items()]
        self._http.send_headers(stream, fields)
        size = self._http.max_outbound_frame_size
        for start in range(0, len(sent), size):
            self._http.send_data(stream, sent[start : start + size])
        self._http.end_stream(stream)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


@contextlib.contextmanager
def serve_http2(owner: GitHubServer, certificate: Path) -> Iterator[GitHubServer]:
    """Answer one connection after the other over HTTP/2; bodies must fit a window (64 KiB)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2"])
    listening = socket.create_server(("127.0.0.1", 0))
    owner.url = f"https://127.0.0.1:{listening.getsockname()[1]}"

    def answer() -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _ = listening.accept()
                with (
                    contextlib.suppress(OSError),
                    context.wrap_socket(plain, server_side=True) as connection,
                ):
                    _Conversation(owner, connection).run()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield owner
    finally:
        # Closing alone leaves accept() waiting.
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)
