"""The archive: every page that was collected, as one file, in the order it came.

A page's records and the source's note of where to go on are one file that is written whole, so
a process that dies at any moment has either taken a page or not. Nothing in the archive is ever
changed; an edited issue comes again in a later file. `pages` reads it without network.

A page that brought nothing adds no file: where its source goes on and when it last looked stand
in one small note beside the files. It holds for the very file it followed: once that file is
removed or another took its place, the source goes on from the last file there is.
"""

import contextlib
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec

from firstmile.errors import UserError
from firstmile.rendering.files import write_whole
from firstmile.study.issues import Page, Record
from firstmile.study.reading.quoting import shown

FORMAT: Final = 1
NOTE: Final = "looked.json"
LEVEL: Final = 6
_BROKEN: Final = (msgspec.MsgspecError, RecursionError)
"""What reading JSON from outside raises: nesting of many thousands is the latter."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")


class PageHead(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of an archived page: what it holds, and where its source goes on.

    `redaction` is the version of the redaction rules and `redacted` how much of each kind they
    replaced; `repositories` says how many records are of each repository.
    """

    format: int = FORMAT
    source: str
    target: str
    state: Mapping[str, Any]
    done: bool
    fetched_at: str
    redaction: str
    redacted: Mapping[str, int] = {}
    repositories: Mapping[str, int] = {}
    deleted: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    requests: int = 0
    bytes: int = 0
    expected: int | None = None


class KeptRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A record as it is archived; `redacted` says how much of each kind was replaced in it.

    Archives of earlier versions say it of whole pages alone.
    """

    redacted: Mapping[str, int] = {}


class _Note(msgspec.Struct, frozen=True, kw_only=True):
    """What a source said when it brought nothing new, and the SHA-256 of the file before."""

    after: str
    head: PageHead


class ArchivedPage(msgspec.Struct, frozen=True, kw_only=True):
    """An archived page that can be read: its head, and the file that holds the records."""

    head: PageHead
    path: Path

    def records(self) -> Iterator[KeptRecord]:
        """Yield the page's records; raises UserError where the file is damaged."""
        lines = _lines(self.path)
        next(lines, None)
        for line in lines:
            try:
                yield msgspec.json.decode(line, type=KeptRecord)
            except _BROKEN as error:
                raise _damaged(self.path) from error


class Archive:
    """A folder with a folder a target, and in it a file a page."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def append(
        self,
        source: str,
        page: Page,
        records: Sequence[Record],
        *,
        fetched_at: str,
        redaction: str,
        redacted: Mapping[str, int],
    ) -> PageHead:
        """Write a page down; `records` are its records as they may be kept.

        A page that brought nothing is noted instead, see above. Raises UserError when the disk is
        full or the folder cannot be written; then the page counts as not taken.
        """
        counts: dict[str, int] = {}
        for record in records:
            counts[record.repository] = counts.get(record.repository, 0) + 1
        head = PageHead(
            source=source,
            target=page.target,
            state=page.state,
            done=page.done,
            fetched_at=fetched_at,
            redaction=redaction,
            redacted=redacted,
            repositories=counts,
            deleted=page.deleted,
            warnings=page.warnings,
            requests=page.requests,
            bytes=page.bytes,
            expected=page.expected,
        )
        folder = self._folder_of(source, page.target)
        folder.mkdir(parents=True, exist_ok=True)
        files = _files(folder)
        if files and self._brought_nothing(head):
            note = _Note(after=_digest(files[-1]), head=head)
            write_whole(folder / NOTE, msgspec.json.encode(note))
            return head
        encoder = msgspec.json.Encoder()
        body = b"".join(encoder.encode(item) + b"\n" for item in (head, *records))
        number = _number(files) + 1
        write_whole(folder / f"{number:08d}.jsonl.gz", gzip.compress(body, LEVEL, mtime=0))
        with contextlib.suppress(OSError):
            (folder / NOTE).unlink(missing_ok=True)
        return head

    def last(self, source: str, target: str) -> PageHead | None:
        """Return the head of a target's latest page, None before the first.

        Its `fetched_at` is when the target was last looked at.
        """
        folder = self._folder_of(source, target)
        files = _files(folder)
        if not files:
            return None
        head, note = _head(files[-1]), _note(folder)
        fits = note is not None and (note.head.source, note.head.target) == (source, target)
        return note.head if note and fits and note.after == _digest(files[-1]) else head

    def _brought_nothing(self, head: PageHead) -> bool:
        """Whether a page holds no issue, no deletion, and no warning that is not known."""
        if head.repositories or head.deleted:
            return False
        last = self.last(head.source, head.target) if head.warnings else None
        return last is None or set(head.warnings) <= set(last.warnings)

    def pages(self) -> Iterator[ArchivedPage]:
        """Yield every page: folder by folder in the order of their names, each in its order."""
        if not self._folder.is_dir():
            return
        for folder in (path for path in _inside(self._folder) if path.is_dir()):
            for path in _files(folder):
                yield ArchivedPage(head=_head(path), path=path)

    def _folder_of(self, source: str, target: str) -> Path:
        """Return a target's folder: its name where that is plain, its hash otherwise."""
        if _PLAIN.fullmatch(target):
            name = target.replace("/", "+")
        else:
            name = hashlib.sha256(target.encode()).hexdigest()[:24]
        return self._folder / f"{source}+{name}"


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in _inside(folder) if re.fullmatch(r"\d{8}\.jsonl\.gz", path.name)]


def _inside(folder: Path) -> list[Path]:
    """Return what is in a folder, in order; raises UserError where it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(
            f"The archive's folder {shown(str(folder))} cannot be read ({shown(reason)}): make it "
            "readable, or put a copy of it back."
        ) from error


def _number(files: Sequence[Path]) -> int:
    """Return the number of the last file, 0 where there is none."""
    return int(files[-1].name.split(".")[0]) if files else 0


def _note(folder: Path) -> _Note | None:
    """Return the note beside a target's files.

    Without it, or where it is damaged, the source goes on from the last file: it asks once more
    and misses nothing.
    """
    try:
        note = msgspec.json.decode((folder / NOTE).read_bytes(), type=_Note)
    except (OSError, *_BROKEN):
        return None
    return note if note.head.format <= FORMAT and _is_time(note.head.fetched_at) else None


def _head(path: Path) -> PageHead:
    line = next(_lines(path), b"")
    try:
        head = msgspec.json.decode(line, type=PageHead)
    except _BROKEN as error:
        raise _damaged(path) from error
    if head.format > FORMAT:
        raise UserError(
            f"{shown(path.name)} in the archive was written by a later firstmile: update firstmile."
        )
    if not _is_time(head.fetched_at):
        raise _damaged(path)
    return head


def _is_time(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise _damaged(path) from error


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) as file:
            yield from file
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> UserError:
    return UserError(
        f"The archive's file {shown(path.parent.name)}/{shown(path.name)} is damaged: "
        "put a copy of it back, or remove it and all later ones beside it and collect again."
    )
