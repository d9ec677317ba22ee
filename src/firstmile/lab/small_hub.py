"""A small Hub: answers on the loopback as the Hugging Face Hub does, also with its refusals."""

import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

NOT_FOUND: Final = (
    404,
    {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"},
)
GATED: Final = (
    403,
    {
        "X-Error-Code": "GatedRepo",
        "X-Error-Message": "Access to model acme/tiny is restricted and you are not in the "
        "authorized list. Visit the page of the model to ask for access.",
    },
)
_COMMIT: Final = "0123456789abcdef0123456789abcdef01234567"


@contextmanager
def hub(
    files: Mapping[str, bytes] | None = None,
    *,
    refusal: tuple[int, Mapping[str, str]] | None = None,
    certificate: Path | None = None,
    lost_bytes: int = 0,
) -> Iterator[str]:
    """Serve some files, or one refusal for everything; yields the address.

    `lost_bytes` are left out at the end of each file, as by a connection that broke.
    """
    held = files or {}

    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def log_message(self, *_: object) -> None:
            """Say nothing: the log is the client's."""

        def _answer(self, *, with_body: bool) -> None:
            name = self.path.partition("?")[0].rpartition("/main/")[2]
            status, headers = refusal or ((200, {}) if name in held else (404, _ENTRY_MISSING))
            body = held.get(name, b"") if status == 200 else b""
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("X-Repo-Commit", _COMMIT)
            self.send_header("ETag", f'"{name}-1"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if with_body:
                self.wfile.write(body[: len(body) - lost_bytes])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{scheme}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


_ENTRY_MISSING: Final = {"X-Error-Code": "EntryNotFound"}


def self_signed(folder: Path) -> Path:
    """Make a certificate that nobody trusts, with its key in the same file."""
    file = folder / "proxy.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-keyout", str(file), "-out", str(folder / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - openssl, fixed
    file.write_text(file.read_text() + (folder / "cert.pem").read_text())
    return file
