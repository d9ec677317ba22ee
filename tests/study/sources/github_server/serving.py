"""The server on its port: routes a request, breaks its answer if asked, and counts."""

import contextlib
import gzip
import hashlib
import json
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Final

from . import graphql, rest
from .faults import Faults
from .limits import Tokens
from .rest import Reply
from .world import World

SECONDARY: Final = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)
WRONG: Final = (
    "Something went wrong while executing your query. This may be the result of a timeout, or "
    "it could be a GitHub bug."
)
CHANGES: Final = frozenset(
    {"add", "comment", "edit", "close", "hold", "delete", "transfer", "rename"}
)


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any = None


@dataclass
class GitHubServer:
    """A running server: its world, its rules, and what was asked of it.

    `url` is what to give as the `api` of a source and as Perceval's base URL.
    """

    world: World
    faults: Faults = field(default_factory=Faults)
    tokens: Tokens = field(default_factory=Tokens)
    asked: list[Asked] = field(default_factory=list)
    bytes_sent: int = 0
    url: str = ""

    @property
    def requests(self) -> int:
        """How many requests came in."""
        return len(self.asked)

    def forget(self) -> None:
        """Start counting anew."""
        self.asked.clear()
        self.bytes_sent = 0

    def reply(self, asked: Asked, token: str, fault: str) -> tuple[Reply, str]:
        """Return the answer, and the resource that it counts against."""
        root = "/api/v3"
        path = asked.path
        if path == "/control":
            return self._control(asked), ""
        resource = "graphql" if path in ("/graphql", "/api/graphql") else "core"
        if token in self.tokens.revoked:
            return Reply(401, {"message": "Bad credentials"}), ""
        if token in self.tokens.powerless:
            text = "Resource not accessible by personal access token"
            return Reply(403, {"message": text}), resource
        base = f"{self.url}{root}" if path.startswith(root) else self.url
        address = path.removeprefix(root)
        if address.split("?")[0] == "/rate_limit":
            return Reply(200, self.tokens.summary(token)), resource
        allowance = self.tokens.of(token, resource)
        if fault == "primary":
            allowance.left = 0
            allowance.ends = min(allowance.ends, time.time() + max(0.5, self.faults.retry_seconds))
        if allowance.left <= 0:
            return self._limited(resource), resource
        if fault.startswith("secondary"):
            return self._secondary(fault), resource
        if resource == "graphql":
            reply, cost = self._graphql(asked, token, fault)
        else:
            etag = asked.headers.get("if-none-match")
            reply = rest.respond(self.world, address, token=token, base=base, etag=etag)
            reply, cost = self._tagged(reply, etag, fault), 1
        allowance.left -= 0 if reply.status == 304 else cost
        return reply, resource

    def _limited(self, resource: str) -> Reply:
        text = "API rate limit exceeded for user ID 1."
        if resource == "graphql":
            return Reply(200, {"errors": [{"type": "RATE_LIMITED", "message": text}]})
        return Reply(403, {"message": text})

    def _secondary(self, fault: str) -> Reply:
        if fault == "secondary-in-200":
            return Reply(200, {"errors": [{"message": SECONDARY}]})
        headers = (
            {} if fault == "secondary-silent" else {"Retry-After": str(self.faults.retry_seconds)}
        )
        return Reply(403, {"message": SECONDARY}, headers)

    def _graphql(self, asked: Asked, token: str, fault: str) -> tuple[Reply, int]:
        if not token:
            text = "This endpoint requires you to be authenticated."
            return Reply(401, {"message": text}), 0
        if not isinstance(asked.body, dict) or not isinstance(asked.body.get("query"), str):
            return Reply(400, {"message": "Problems parsing JSON"}), 0
        variables = asked.body.get("variables") or {}
        body, cost, largest = graphql.answer(
            self.world, asked.body["query"], variables, token=token, base="https://github.com"
        )
        if largest > self.faults.largest_page:
            return Reply(502, {"data": None, "errors": [{"message": WRONG}]}), cost
        if fault == "forbidden":
            text = "Resource protected by organization SAML enforcement."
            problem = {"type": "FORBIDDEN", "path": ["repository"], "message": text}
            return Reply(200, {"data": {"repository": None}, "errors": [problem]}), cost
        if fault == "wrong":
            return Reply(200, {"data": None, "errors": [{"message": WRONG}]}), cost
        if fault in ("partial", "resources"):
            _pierce(body, fault)
        return Reply(200, body), cost

    def _tagged(self, reply: Reply, etag: str | None, fault: str) -> Reply:
        if fault == "unasked-304" or (fault == "stale" and etag):
            return Reply(304, None, {"ETag": etag or 'W/"0"'})
        if fault == "new-etag" and reply.status in (200, 304):
            digest = hashlib.sha256(str(time.time()).encode()).hexdigest()
            reply.headers["ETag"] = f'W/"{digest}"'
            if reply.status == 304:
                return Reply(200, [], reply.headers)
        return reply

    def _control(self, asked: Asked) -> Reply:
        order = asked.body if isinstance(asked.body, dict) else {}
        change = order.pop("change", None)
        if change in CHANGES:
            return Reply(200, {"result": getattr(self.world, change)(**order)})
        kinds = list(self.faults.happened)
        return Reply(200, {"requests": self.requests, "bytes": self.bytes_sent, "faults": kinds})


def _pierce(body: dict[str, Any], fault: str) -> None:
    """Take part of an answer away, as GitHub does when a part of a query fails."""
    repository = (body.get("data") or {}).get("repository") or {}
    nodes = (repository.get("issues") or {}).get("nodes")
    if not nodes:
        return
    error: dict[str, Any] = {"path": ["repository", "issues", "nodes", 0], "message": WRONG}
    if fault == "resources":
        error |= {
            "type": "RESOURCE_LIMITS_EXCEEDED",
            "message": "Resource limits for this query exceeded.",
        }
    body["errors"] = [*body.get("errors", []), error]
    nodes[0] = None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: "_Server"

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self._answer(json.loads(raw))
        except ValueError:
            self._answer(None)

    def _answer(self, body: Any) -> None:
        owner = self.server.owner
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, body)
        fault = ""
        if self.path != "/control":
            owner.asked.append(asked)
            fault = owner.faults.next()
        token = headers.get("authorization", "").partition(" ")[2]
        if fault == "reset":
            self._reset()
            return
        if fault == "slow":
            time.sleep(owner.faults.slow_seconds)
        if fault in ("502", "503", "504"):
            reply, resource = Reply(int(fault), {"message": "Server Error"}), ""
        elif fault == "redirect":
            reply, resource = Reply(302, None, {"Location": owner.faults.redirect_to}), ""
        else:
            reply, resource = owner.reply(asked, token, fault)
        self._send(reply, owner.tokens.headers(token, resource) if resource else {}, fault)

    def _send(self, reply: Reply, limits: dict[str, str], fault: str) -> None:
        if fault == "odd":
            reply.body = self.server.owner.faults.mangle(reply.body)
        content = b"" if reply.body is None else json.dumps(reply.body).encode()
        if fault == "garbled":
            content = content[: len(content) * 2 // 3]
        headers = {"Content-Type": "application/json; charset=utf-8", **limits, **reply.headers}
        if len(content) > 1_000 and "gzip" in self.headers.get("Accept-Encoding", ""):
            content = gzip.compress(content, 1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if reply.status != 304:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        sent = content[: len(content) // 2] if fault == "cut" else content
        self.server.owner.bytes_sent += len(sent)
        with contextlib.suppress(OSError):
            self.wfile.write(sent)
            self.wfile.flush()
        if fault == "cut":
            self.close_connection = True

    def _reset(self) -> None:
        """End the connection with a reset instead of an answer."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


class _Server(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = True
    block_on_close = False
    owner: GitHubServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: clients that are killed are what is tested."""

    def shutdown_request(self, request: Any) -> None:
        with contextlib.suppress(OSError):
            super().shutdown_request(request)


def listen(owner: GitHubServer, port: int = 0) -> HTTPServer:
    """Open the port and write the address into `owner.url`."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.owner = owner
    owner.url = f"http://127.0.0.1:{server.server_port}"
    return server


@contextlib.contextmanager
def serve(
    world: World, faults: Faults | None = None, *, certificate: Path | None = None, **rules: Any
) -> Iterator[GitHubServer]:
    """Run a server as long as the block lasts; `rules` are those of `Tokens`.

    With a certificate (a PEM file with its key) it speaks https.
    """
    owner = GitHubServer(world, faults or Faults(), Tokens(**rules))
    server = listen(owner)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        owner.url = owner.url.replace("http://", "https://")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield owner
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
