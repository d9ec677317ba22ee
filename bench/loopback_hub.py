"""A Hub on the loopback that holds folders: what tools ask for that read no folder themselves."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

OWNER: Final = "acme"
_RANGE: Final = re.compile(r"bytes=(\d+)-(\d+)")
_PIECE: Final = 1 << 20


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """Serve each folder NAME of `root` as the repository acme/NAME; yields the address."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing: what is printed is compared."""

        def do_GET(self) -> None:
            parts = [unquote(part) for part in urlsplit(self.path).path.split("/") if part]
            if parts[:2] == ["api", "models"] and len(parts) >= 4:
                folder = root / parts[3]
                about = _tree(folder) if "tree" in parts[4:] else _about(folder, parts[3])
                self._tell(200, json.dumps(about).encode())
            elif len(parts) > 4 and parts[2] == "resolve":
                self._file(root / parts[1] / "/".join(parts[4:]))
            else:
                self._tell(404, b"{}")

        def _file(self, file: Path) -> None:
            if not file.is_file():
                self._tell(404, b"{}")
                return
            size = file.stat().st_size
            asked = _RANGE.fullmatch(self.headers.get("Range", ""))
            start, end = (int(asked[1]), min(int(asked[2]) + 1, size)) if asked else (0, size)
            if start >= end:
                self._tell(416, b"")
                return
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(end - start))
            self.end_headers()
            with file.open("rb") as opened:
                opened.seek(start)
                while start < end and (piece := opened.read(min(_PIECE, end - start))):
                    self.wfile.write(piece)
                    start += len(piece)

        def _tell(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _tree(folder: Path) -> list[dict[str, Any]]:
    return [
        {
            "type": "file",
            "path": file.relative_to(folder).as_posix(),
            "size": file.stat().st_size,
        }
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    ]


def _about(folder: Path, name: str) -> dict[str, Any]:
    """Return what is said of a repository: the Hub shows its config where it is JSON."""
    told: dict[str, Any] = {"id": f"{OWNER}/{name}", "library_name": "transformers", "tags": []}
    with suppress(OSError, ValueError):
        told["config"] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return told
