"""Downloads kept by the hash of what they hold."""

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from firstmile.errors import UserError
from firstmile.study.reading.quoting import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What an address held when it was fetched; `sha256` names the file that holds it.

    `url` is without query and fragment, `fetched_at` an ISO 8601 time in UTC, `etag` what the
    server named this state, `content_type` what it said it is.
    """

    url: str
    name: str
    sha256: str
    bytes: int
    fetched_at: str
    etag: str | None = None
    content_type: str | None = None


class Cache:
    """A folder with downloads (`<sha256>`) and what is known of each address (`<key>.json`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, download: Download) -> Path:
        """Return where a download lies."""
        return self._folder / download.sha256

    def find(self, address: str) -> Download | None:
        """Return what was fetched from an address; None where it is not there or was changed."""
        try:
            download = msgspec.json.decode(self._note(address).read_bytes(), type=Download)
            if len(download.sha256) != 64 or not download.sha256.isalnum():
                return None
            with self.path(download).open("rb") as file:
                whole = hashlib.file_digest(file, "sha256").hexdigest() == download.sha256
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        return download if whole else None

    def keep(self, address: str, download: Download, file: Path) -> None:
        """Move a downloaded file in, then note where it came from."""
        os.replace(file, self.path(download))  # noqa: PTH105 - the atomic call, by name
        self.note(address, download)

    def note(self, address: str, download: Download) -> None:
        """Write down what an address held."""
        with self.temporary() as (path, file):
            file.write(msgspec.json.encode(download))
            file.flush()
            os.fsync(file.fileno())
            os.replace(path, self._note(address))  # noqa: PTH105 - the atomic call, by name
        _sync_folder(self._folder)

    @contextlib.contextmanager
    def temporary(self) -> Iterator[tuple[Path, IO[bytes]]]:
        """Open a new file beside the downloads that is gone afterwards, unless it was moved."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".fetching-")
            path = Path(name)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    yield path, file
            finally:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise UserError(
                f"The cache folder {shown(str(self._folder))} cannot be written: "
                f"{(error.strerror or str(error)).lower()}; name another one."
            ) from error

    def _note(self, address: str) -> Path:
        return self._folder / f"{hashlib.sha256(address.encode()).hexdigest()}.json"


def default_cache() -> Path:
    """Return the user's cache folder for downloads, as the platform has it."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "firstmile" / "sources"


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
