"""Entries: known failure modes, each with signatures, an explanation, a fix and samples."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from firstmile.errors import UserError
from firstmile.knowledge.index import heads_of
from firstmile.taxonomy import Classification

PACKAGED: Final = Path(__file__).with_name("entries")
LONGEST_ENTRY: Final = 64_000
"""Characters of a file; a page of explanation has some thousands."""
LONGEST_PATTERN: Final = 500
MOST_SIGNATURES: Final = 40


class Status(StrEnum):
    """Where the failure was seen: made on purpose in the lab, or only in public reports."""

    LAB = "lab"
    FIELD = "field"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Lines by which an entry is known.

    `pattern` (RE2) is looked for in single lines. It counts where every pattern of `also` is
    found in some line of the same text, and none of `unless` is. A `hint` makes the entry
    likelier but does not decide; a `consequence` is what tends to follow another failure, so
    it never outranks one that came first.
    """

    pattern: str
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    hint: bool = False
    consequence: bool = False

    @property
    def patterns(self) -> tuple[str, ...]:
        """All patterns it holds; the first is the one that lines meet."""
        return (self.pattern, *self.also, *self.unless)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What an entry says to its reader, where it comes from, and its samples."""

    references: tuple[str, ...]
    written_from: tuple[str, ...]
    what_happens: str
    why: str
    fix: str
    match: tuple[str, ...]
    no_match: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an answer tells of an entry, or needs of its page."""

    written_from: tuple[str, ...]
    fix: str


class LatePage:
    """The page of an entry whose head stands in the index; its file is read when asked for."""

    __slots__ = ("_file", "_page", "_told")

    def __init__(self, file: Path, told: Told | None = None) -> None:
        """Keep the file of one entry, and what is known of it without reading it."""
        self._file = file
        self._page: Page | None = None
        self._told = told

    def read(self) -> Page:
        """Return the page. Raises UserError where its file is gone or broken."""
        if self._page is None:
            self._page = read_entry(self._file.stem, _text(self._file)).page
        return self._page

    @property
    def written_from(self) -> tuple[str, ...]:
        """The reports it was written from."""
        return (self._told or self.read()).written_from

    @property
    def fix(self) -> str:
        """What helps, and how to see that it did."""
        return (self._told or self.read()).fix


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One known failure mode.

    The stage is None where the failure meets both. `match` and `no_match` are samples: texts
    that must rank this entry first, and texts that must not meet it.
    """

    id: str
    title: str
    classification: Classification
    signatures: tuple[Signature, ...]
    stack: tuple[str, ...]
    status: Status
    formerly: tuple[str, ...]
    asked: tuple[str, ...]
    source: Page | LatePage = field(repr=False, compare=False)

    @property
    def page(self) -> Page:
        """What it says, and its samples; read from its file now if that was not done before."""
        return self.source if isinstance(self.source, Page) else self.source.read()

    @property
    def references(self) -> tuple[str, ...]:
        """Where to read on."""
        return self.page.references

    @property
    def written_from(self) -> tuple[str, ...]:
        """The reports it was written from."""
        return self.source.written_from

    @property
    def what_happens(self) -> str:
        """What its user sees."""
        return self.page.what_happens

    @property
    def why(self) -> str:
        """Where it comes from."""
        return self.page.why

    @property
    def fix(self) -> str:
        """What helps, and how to see that it did."""
        return self.source.fix

    @property
    def match(self) -> tuple[str, ...]:
        """Texts that must rank it first."""
        return self.page.match

    @property
    def no_match(self) -> tuple[str, ...]:
        """Texts that must not meet it."""
        return self.page.no_match


@cache
def load_entries() -> tuple[Entry, ...]:
    """Return the packaged entries, in order of ids; the result is shared and never changes.

    What is needed to match them comes from the index, and a page from its file when asked for;
    where the index is not that of the files, all are read.
    """
    heads = heads_of(PACKAGED)
    if heads is None:
        return read_entries(PACKAGED)
    return tuple(_of_head(head) for head in heads)


def _of_head(head: Mapping[str, Any]) -> Entry:
    return Entry(
        id=head["id"],
        title=head["title"],
        classification=Classification(
            symptom=head["symptom"], cause=head["cause"], stage=head.get("stage")
        ),
        signatures=tuple(_signature(item) for item in head["signatures"]),
        stack=tuple(head.get("stack", ())),
        status=Status(head["status"]),
        formerly=tuple(head.get("formerly", ())),
        asked=tuple(head.get("asked", ())),
        source=LatePage(PACKAGED / f"{head['id']}.md"),
    )


def read_entries(folder: Traversable | Path) -> tuple[Entry, ...]:
    """Read a folder of entries. Raises UserError that names the file of a broken one."""
    found = [
        read_entry(file.name.removesuffix(".md"), _text(file))
        for file in sorted(folder.iterdir(), key=lambda item: item.name)
        if file.name.endswith(".md") and file.is_file()
    ]
    return tuple(found)


def _text(file: Traversable) -> str:
    try:
        with file.open("rb") as opened:
            text = opened.read(4 * LONGEST_ENTRY + 1).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The entry {file.name} cannot be read as text: {error}.") from error
    if len(text) > LONGEST_ENTRY:
        raise UserError(
            f"The entry {file.name} is too long: {LONGEST_ENTRY:,} characters are allowed."
        )
    return text


def read_entry(name: str, text: str) -> Entry:
    """Read one entry from its Markdown. Raises UserError that says what is wrong with it."""
    try:
        return _entry(name, text)
    except (KeyError, TypeError, ValueError, UserError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise UserError(f"The entry {name} cannot be read: {reason.rstrip('.')}.") from error
    except RecursionError as error:
        raise UserError(f"The entry {name} cannot be read: it is nested too deep.") from error


_KEYS: Final = frozenset(
    (
        *("title", "symptom", "cause", "stage", "stack", "status", "references"),
        *("written_from", "formerly", "asked", "signatures"),
    )
)
_SIGNATURE_KEYS: Final = frozenset(("pattern", "also", "unless", "hint", "consequence"))
_SECTIONS: Final = ("What happens", "Why", "Fix", "Examples")
_FRONT: Final = re.compile(r"\+\+\+\n(?P<front>.*?\n)\+\+\+\n(?P<rest>.*)", re.DOTALL)
_FENCE: Final = re.compile(r"^(?P<fence>`{3,})(?P<kind>match|no-match)\n", re.MULTILINE)


def _entry(name: str, text: str) -> Entry:
    parts = _FRONT.fullmatch(text.replace("\r\n", "\n"))
    if parts is None:
        raise ValueError("it does not begin with a front matter between lines of +++")
    import tomllib  # not needed where the index is

    data = tomllib.loads(parts["front"])
    if strange := sorted(data.keys() - _KEYS):
        raise ValueError(f"unknown key {strange[0]!r}")
    sections = _sections(parts["rest"])
    if not all(isinstance(item, Mapping) for item in data["signatures"]):
        raise ValueError("each signature is a table that begins with [[signatures]]")
    signatures = tuple(_signature(item) for item in data["signatures"])
    if not 1 <= len(signatures) <= MOST_SIGNATURES:
        raise ValueError(f"it needs 1 to {MOST_SIGNATURES} signatures")
    return Entry(
        id=name,
        title=_one_line(data["title"]),
        classification=Classification(
            symptom=data["symptom"], cause=data["cause"], stage=data.get("stage")
        ),
        signatures=signatures,
        stack=_texts(data.get("stack", ())),
        status=Status(data["status"]),
        formerly=_texts(data.get("formerly", ())),
        asked=_texts(data.get("asked", ())),
        source=Page(
            references=_texts(data.get("references", ())),
            written_from=_texts(data["written_from"]),
            what_happens=sections["What happens"],
            why=sections["Why"],
            fix=sections["Fix"],
            match=_fenced(sections["Examples"], "match"),
            no_match=_fenced(sections["Examples"], "no-match"),
        ),
    )


def _signature(data: Mapping[str, Any]) -> Signature:
    if strange := sorted(data.keys() - _SIGNATURE_KEYS):
        raise ValueError(f"unknown key {strange[0]!r} in a signature")
    (pattern,) = _texts((data["pattern"],))
    signature = Signature(
        pattern=pattern,
        also=_texts(data.get("also", ())),
        unless=_texts(data.get("unless", ())),
        hint=data.get("hint", False) is True,
        consequence=data.get("consequence", False) is True,
    )
    for each in signature.patterns:
        if not 0 < len(each) <= LONGEST_PATTERN:
            raise ValueError(f"a pattern needs 1 to {LONGEST_PATTERN} characters")
    return signature


def _sections(text: str) -> dict[str, str]:
    """Split by second-level headings; those inside of fenced blocks are none."""
    found: dict[str, list[str]] = {}
    name, fence = "", ""
    for line in text.split("\n"):
        ticks = re.match(r"`{3,}", line)
        if ticks and not fence:
            fence = ticks[0]
        elif ticks and line.rstrip() == fence:
            fence = ""
        if line.startswith("## ") and not fence:
            name = line[3:].strip()
            if name not in _SECTIONS:
                raise ValueError(f"unknown heading {name!r}: the headings are {_SECTIONS}")
            if name in found:
                raise ValueError(f"the heading {name!r} stands twice")
            found[name] = []
        elif name:
            found[name].append(line)
        elif line.strip():
            raise ValueError("text stands before the first heading")
    return {name: "\n".join(lines).strip("\n").rstrip() for name, lines in found.items()}


def _fenced(text: str, kind: str) -> tuple[str, ...]:
    found = []
    for opening in _FENCE.finditer(text):
        end = text.find(f"\n{opening['fence']}", opening.end() - 1)
        if end < 0:
            raise ValueError("a fenced block is not closed")
        if opening["kind"] == kind:
            found.append(text[opening.end() : end])
    return tuple(found)


def _texts(values: Any) -> tuple[str, ...]:
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{values!r} is not a list of texts")
    return tuple(values)


def _one_line(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\n" in value:
        raise ValueError("the title is one line of text")
    return value
