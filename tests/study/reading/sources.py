"""Sources to read: records in the published layout, and sites on loopback."""

import http.server
import json
import socketserver
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from firstmile.errors import UserError
from firstmile.study.reading import read_source

Row = dict[str, Any]
Handler = http.server.BaseHTTPRequestHandler
Answer = Callable[[Handler], None]

PEM = Path(__file__).with_name("loopback.pem")


def published_row(number: int = 1, /, **changes: Any) -> Row:
    """Return a record in the published layout; a change to None takes the field out."""
    row = {
        "number": number,
        "link": f"https://github.com/example/Qwen-demo/issues/{number + 100}",
        "status": "open",
        "SYMPTOM": "Crash - CUDA Error - Out of Memory",
        "ROOT CAUSE": "Hardware and Resource Limitations - GPU Memory Insufficiency",
        "STAGE": "Inference",
        "model": "Qwen-demo",
        "architecture": "Dense",
    } | {name.replace("_", " "): value for name, value in changes.items()}
    return {name: value for name, value in row.items() if value is not None}


def write_folder(folder: Path, **files: Sequence[Any]) -> Path:
    """Write JSON lists, `__` in a name being a folder, and return the folder."""
    for name, rows in files.items():
        path = folder / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(rows), encoding="utf-8")
    return folder


@dataclass
class Refusal:
    """Reads a source that must be refused, and returns the one sentence."""

    options: dict[str, Any] = field(default_factory=dict)

    def __call__(self, source: object, **options: Any) -> str:
        with pytest.raises(UserError) as caught:
            read_source(str(source), **(self.options | options))
        sentence = str(caught.value)
        assert sentence.isprintable(), "a control character reached the sentence"
        assert sentence.endswith("."), sentence
        assert "Traceback" not in sentence
        return sentence


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
