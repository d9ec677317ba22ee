"""A real HTTP server that speaks the OpenAI chat-completions dialect, with faults on a switch."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Model = Callable[[list[dict[str, str]]], str]
"""What a fake model replies to messages."""


@dataclass
class Server:
    """A running endpoint. `faults` are met first, one a request; then the model answers.

    A fault is a status, or "silent" (no answer), "broken" (the connection ends within the body),
    "garbage" (a body that is no completion), "length" (a reply cut off), "refusal".
    """

    model: Model
    key: str = "secret-key"
    faults: list[Any] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    usage: dict[str, int] | None = field(
        default_factory=lambda: {"prompt_tokens": 1000, "completion_tokens": 50}
    )
    refuses: str | None = None
    address: str = ""


def last_message(messages: list[dict[str, str]]) -> str:
    """Return what the user said last."""
    return messages[-1]["content"]


def reply(**fields: Any) -> str:
    """Return a reply of the schema."""
    return json.dumps(
        {
            "symptom": None,
            "cause": None,
            "stage": None,
            "confidence": "probable",
            "quote": "",
            "note": "",
        }
        | fields
    )


@contextmanager
def serving(model: Model, **options: Any) -> Iterator[Server]:
    """Serve on a free port of the loopback interface."""
    server = Server(model=model, **options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            request = json.loads(self.rfile.read(size))
            server.requests.append(request)
            server.keys.append(self.headers.get("Authorization", ""))
            fault = server.faults.pop(0) if server.faults else None
            if self.path != "/v1/chat/completions":
                self.answer(404, {"error": {"message": "no such path"}})
            elif self.headers.get("Authorization") != f"Bearer {server.key}":
                self.answer(401, {"error": {"message": f"bad key {server.keys[-1]}"}})
            elif server.refuses and server.refuses in request:
                message = f"{server.refuses} is not supported"
                if server.refuses == "max_tokens":
                    message += ", use max_completion_tokens"
                self.answer(400, {"error": {"message": message}})
            elif isinstance(fault, int):
                wait = {"Retry-After": "7"} if fault == 429 else {}
                message = f"failing, {server.keys[-1]} \x1b[31m"
                self.answer(fault, {"error": {"message": message}}, wait)
            elif fault == "silent":
                time.sleep(1.5)
                self.close_connection = True
            elif fault == "broken":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b'{"choices": [')
                self.close_connection = True
            elif fault == "garbage":
                self.answer(200, {"hello": "there"})
            elif fault == "length":
                self.complete('{"symptom": "cra', "length")
            elif fault == "refusal":
                self.complete(None, "stop", refusal="I cannot help with that.")
            else:
                self.complete(server.model(request["messages"]), "stop")

        def complete(self, content: str | None, finish: str, refusal: str | None = None) -> None:
            message = {"role": "assistant", "content": content, "refusal": refusal}
            body: dict[str, Any] = {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            }
            if server.usage is not None:
                body["usage"] = server.usage
            self.answer(200, body)

        def answer(
            self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
        ) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is called
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.block_on_close = False
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.address = f"http://127.0.0.1:{http.server_port}/v1"
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
