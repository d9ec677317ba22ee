"""A study is a folder: where its parts lie, its lock, and its key."""

import contextlib
import hmac
import os
import secrets
from collections.abc import Iterator
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

from firstmile.errors import UserError
from firstmile.rendering.files import bring_back, remove_abandoned, write_whole
from firstmile.study.archive import Archive
from firstmile.study.decisions import OWNER_ALONE, Decisions
from firstmile.study.design import FILE, Design, read_design
from firstmile.study.plain_files import PlainFolder, refuse_strange
from firstmile.study.reading.mapping import nearest
from firstmile.study.reading.quoting import quoted, shown
from firstmile.study.store import Store
from firstmile.taxonomy import Taxonomy, load_taxonomy
from firstmile.taxonomy.terms import read_taxonomy
from firstmile.taxonomy.toml_text import read_toml, text_of

CODEBOOK: Final = "codebook"
"""The folder of a study's own codebook."""

HEAD: Final = "codebook.toml"
"""The file of a codebook that holds its version; without it the other files are none."""

DECISIONS: Final = "decisions.sqlite"
"""The file with what raters decided."""

STORE: Final = "store"
"""The folder of what can be made again."""

ARCHIVE: Final = "archive"
"""The folder of what was collected."""

PUBLISHED: Final = "published"
"""The folder of a study's published data set."""

REPORT: Final = "report"
"""The folder of a study in which its report is written and looked for."""

IGNORED: Final = "# What must not be published or can be made again.\nkey\nstore/\n.lock\n"
"""The .gitignore of a new study."""


class StudyInUseError(UserError):
    """Another process holds the study."""


class StudyFolder:
    """A study on disk.

    `study.toml` is the design, `archive/` what was collected, `decisions.sqlite` what raters
    said, `key` the secret that pseudonyms and raters' tokens come from, `store/` what can be
    made again from all of these, `codebook/` the study's own codebook where it has one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._store = PlainFolder(path / STORE)
        self._archive = PlainFolder(path / ARCHIVE, deep=True)
        self._codebook_as_read: tuple[tuple[str, int, int], ...] = ()

    @classmethod
    def open(cls, path: Path) -> "StudyFolder":
        """Return the study in a folder; raises UserError where there is none.

        A published folder that a killed `publish` had set aside stands in its place again.
        """
        refuse_strange(path / FILE)
        if not (path / FILE).is_file():
            raise UserError(
                f"{shown(str(path))} holds no {FILE}: `firstmile study init {shown(str(path))}` "
                "starts a study there."
            )
        bring_back(path / PUBLISHED)
        return cls(path)

    @cached_property
    def design(self) -> Design:
        """The study's design; raises UserError, also for an ecosystem the codebook lacks."""
        design = read_design(self.path / FILE)
        _check_ecosystem(design, self.taxonomy)
        return design

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The study's codebook: its own where it has one, else the one that comes along."""
        self._codebook_as_read = self._codebook_files()
        return self._read_codebook()

    def reread_codebook(self) -> bool:
        """Take the codebook in again if its files have changed; return whether they had.

        Raises UserError where it cannot be used; then the one that was read before stays.
        """
        found = self._codebook_files()
        if found == self._codebook_as_read:
            return False
        made = self._read_codebook()
        _check_ecosystem(self.design, made)
        self.taxonomy, self._codebook_as_read = made, found
        return True

    def _codebook_files(self) -> tuple[tuple[str, int, int], ...]:
        """Return the files of the study's own codebook with what changes when they do."""
        own = self.path / CODEBOOK
        found = []
        for path in _codebook_parts(own):
            refuse_strange(path)
            with contextlib.suppress(OSError):
                state = path.stat()
                found.append((str(path.relative_to(own)), state.st_mtime_ns, state.st_size))
        return tuple(found)

    def _read_codebook(self) -> Taxonomy:
        own = self.path / CODEBOOK
        refuse_headless_codebook(own)
        if not (own / HEAD).is_file():
            return load_taxonomy()
        try:
            return read_taxonomy(own)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UserError(
                f"The study's codebook in {shown(str(own))} cannot be read "
                f"({shown(type(error).__name__)}: {shown(str(error))}): mend the file, or remove "
                "the folder to use the codebook that comes along."
            ) from error

    @property
    def archive(self) -> Archive:
        """What was collected; raises UserError where a pipe or device stands among its files."""
        self._archive.check()
        return Archive(self.path / ARCHIVE)

    @property
    def store(self) -> Store:
        """The collected issues as columns; raises UserError as `archive` does."""
        self._store.check()
        return Store(self.path / STORE)

    @property
    def published(self) -> Path:
        """Where the data set is published to."""
        return self.path / PUBLISHED

    def decisions(self) -> Decisions:
        """Open the decisions; close them, or use them as a context.

        Raises UserError where they were lost: an empty file in their place would be taken for a
        study in which nothing was decided yet.
        """
        for ending in ("", "-wal", "-shm", "-journal"):
            refuse_strange(self.path / f"{DECISIONS}{ending}")
        self._refuse_lost_decisions()
        return Decisions(self.path / DECISIONS)

    def _refuse_lost_decisions(self) -> None:
        size = _size(self.path / DECISIONS)
        if size:
            return
        # SQLite writes the file's head before it makes the log beside it, and `study screen`
        # opens the decisions before it writes the order of reading.
        signs = [f"{DECISIONS}-wal"] if _size(self.path / f"{DECISIONS}-wal") else []
        signs += [PUBLISHED] if self.published.is_dir() else []
        if size == 0 and _size(self.path / STORE / "ranking.json"):
            signs.append(f"{STORE}/ranking.json")
        if signs:
            state = "gone" if size is None else "empty"
            aside = " and ".join(signs if size is None else [DECISIONS, *signs])
            raise UserError(
                f"{DECISIONS} of {shown(str(self.path))} is {state}, but {signs[0]} shows that "
                f"there were decisions: put a copy of it back or, to begin anew without them, "
                f"move {aside} away."
            )

    @cached_property
    def key(self) -> bytes:
        """The study's secret, readable by its owner alone.

        Made when first asked for, unless something was collected or decided under an earlier one:
        then a new one would give every author and rater another name. Raises UserError.
        """
        path = self.path / "key"
        refuse_strange(path)
        try:
            if not path.exists():
                self._refuse_second_key()
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE)
                with os.fdopen(descriptor, "w", encoding="ascii") as file:
                    file.write(secrets.token_hex(32) + "\n")
                    file.flush()
                    os.fsync(file.fileno())
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
            with contextlib.suppress(OSError):
                # A copy that was put back may be readable by all.
                if path.stat().st_mode & 0o077:
                    path.chmod(OWNER_ALONE)
        except (OSError, ValueError) as error:
            raise UserError(
                f"The study's key {shown(str(path))} cannot be used: put a copy of it back, "
                "since pseudonyms and tokens come from it."
            ) from error
        if len(key) != 32:
            raise UserError(f"The study's key {shown(str(path))} is cut short: put a copy back.")
        return key

    def _refuse_second_key(self) -> None:
        used = (self.path / ARCHIVE).exists()
        if not used and (self.path / DECISIONS).exists():
            with self.decisions() as decisions:
                used = bool(decisions.history())
        if used:
            raise UserError(
                f"The study's key {shown(str(self.path / 'key'))} is gone: put a copy of it back, "
                "since pseudonyms and tokens come from it."
            )

    def token(self, rater: str) -> str:
        """Return the token that a rater opens the pages with; it follows from the key."""
        return hmac.new(self.key, f"rater:{rater}".encode(), sha256).hexdigest()[:32]

    def rater_of(self, token: str) -> str | None:
        """Return the rater whom a token belongs to, None for a token of nobody."""
        found = None
        for rater in self.design.raters:
            if hmac.compare_digest(self.token(rater.name).encode(), token.encode()):
                found = rater.name
        return found

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the study's archive and store; raises StudyInUseError where another one does."""
        from filelock import FileLock, Timeout

        held = FileLock(self.path / ".lock", timeout=0)
        try:
            held.acquire()
        except Timeout as error:
            raise StudyInUseError(
                f"Another process works on the study in {shown(str(self.path))}: wait until it "
                "has ended."
            ) from error
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UserError(
                f"{shown(str(self.path / '.lock'))}, which keeps two processes apart, cannot be "
                f"used ({shown(reason)}): remove it, or make the study's folder writable."
            ) from error
        try:
            self._remove_abandoned()
            yield
        finally:
            held.release()

    def _remove_abandoned(self) -> None:
        """Remove what killed processes had begun to write, which may hold texts of issues."""
        archived = (one for one in (self.path / ARCHIVE).glob("*") if one.is_dir())
        for place in (self.path, self.path / STORE, *archived):
            remove_abandoned(place)


def _size(path: Path) -> int | None:
    """Return the bytes of a file, None where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def _check_ecosystem(design: Design, taxonomy: Taxonomy) -> None:
    """Raise UserError where no term of the codebook speaks of the study's ecosystem."""
    ecosystem = design.study.ecosystem
    known = {name for term in taxonomy.terms for name in term.not_applicable}
    if ecosystem and ecosystem not in known:
        there = f"it can be {', '.join(sorted(known))}" if known else "there is none"
        raise UserError(
            f"study.ecosystem of {FILE} is {quoted(ecosystem)}, which no term of the codebook "
            f"speaks of; {there}{nearest(ecosystem, known)}."
        )


def refuse_headless_codebook(own: Path) -> None:
    """Raise UserError where a study's codebook has terms and no head.

    To take the codebook that comes along instead would label under other terms without a word.
    """
    if not (own / HEAD).is_file() and _codebook_parts(own):
        raise UserError(
            f"The study's codebook in {shown(str(own))} has lost its {HEAD}: put it back, or "
            "remove the folder to use the codebook that comes along."
        )


def _codebook_parts(own: Path) -> list[Path]:
    return sorted((*own.glob("*.toml"), *own.glob("*/*.toml")))


def is_study(path: Path) -> bool:
    """Whether a folder holds a study, and not just labels with a study.toml that maps columns."""
    try:
        return (path / FILE).is_file() and "study" in read_toml(text_of(path / FILE, FILE), FILE)
    except (OSError, UserError):
        return False


def make_study(path: Path, text: str) -> StudyFolder:
    """Write a new study with a given study.toml; raises UserError where one is already."""
    if (path / FILE).exists():
        raise UserError(
            f"There is a study in {shown(str(path))} already: `firstmile study status "
            f"{shown(str(path))}` says how far it is."
        )
    if path.exists() and not path.is_dir():
        raise UserError(f"{shown(str(path))} is a file: name a folder.")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"{shown(str(path))} cannot be made ({reason}): name another.") from error
    if not (path / ".gitignore").exists():
        write_whole(path / ".gitignore", IGNORED)
    folder = StudyFolder(path)
    _ = folder.key
    write_whole(path / FILE, text)
    return folder
