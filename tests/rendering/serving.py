"""Serving a folder on loopback, for what a browser does only with a page that comes over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder and prints nothing."""

    def log_message(self, *parts: object) -> None:
        """Drop the line."""


@contextmanager
def serving(file: Path) -> Iterator[str]:
    """Serve a file's folder on loopback; the file's address there is what the block gets."""
    handler = partial(QuietHandler, directory=str(file.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/{file.name}"
        finally:
            server.shutdown()
