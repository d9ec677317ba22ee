"""Terms of the codebook and the taxonomy they form."""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from firstmile.errors import UserError
from firstmile.taxonomy.toml_text import read_toml, text_of

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


class Axis(StrEnum):
    """What a term classifies: what was seen, why it happened, or when."""

    SYMPTOM = "symptom"
    CAUSE = "cause"
    STAGE = "stage"


FOLDERS: Final = {Axis.SYMPTOM: "symptoms", Axis.CAUSE: "causes", Axis.STAGE: "stages"}
"""The folder of each axis in a codebook folder."""

HEAD: Final = "codebook.toml"
"""The file of a codebook folder with its version and the order of its classes."""


class BoundaryRule(msgspec.Struct, frozen=True, kw_only=True):
    """How to decide between a term and a neighbor it is confused with (a code)."""

    against: str
    rule: str


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A real report that carries the term: a link and one line in our words."""

    url: str
    line: str


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """One term of the codebook.

    `label` is the published wording, exactly. `stage` is the stage code that the label's own
    name fixes, or None. `example_from` is "published" where the example carries this very
    label in the published data set, "elsewhere" where the assignment is ours. `extension`
    marks terms that the published set lacks; `not_applicable` names ecosystems in which the
    term cannot occur.
    """

    axis: Axis
    code: str
    label: str
    definition: str
    includes: tuple[str, ...]
    excludes: tuple[str, ...]
    boundary: tuple[BoundaryRule, ...]
    example: Example
    written_from: tuple[str, ...]
    example_from: str = "published"
    stage: str | None = None
    extension: bool = False
    not_applicable: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the published label."""
        return self.label.rsplit(" - ", 1)[-1]

    @property
    def parent(self) -> str | None:
        """The code one level up, or None for a class."""
        return self.code.rpartition("/")[0] or None

    @property
    def level(self) -> int:
        """1 for a class, 2 or 3 below it."""
        return self.code.count("/") + 1


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a codebook of a study's own came from; `sha256` is of the bytes read.

    For a folder it is that of the lines that `sha256sum` prints for its files, by name.
    """

    name: str
    file: str
    sha256: str


class Taxonomy(msgspec.Struct, frozen=True, dict=True):
    """All terms, in codebook order (classes in published order, each before its leaves).

    `origin` is None for the codebook that comes along.
    """

    version: str
    terms: tuple[Term, ...]
    origin: Origin | None = None

    @cached_property
    def by_code(self) -> Mapping[str, Term]:
        """Terms by code."""
        return {term.code: term for term in self.terms}

    @cached_property
    def _inner(self) -> frozenset[str]:
        return frozenset(term.parent for term in self.terms if term.parent)

    def term(self, code: str) -> Term:
        """Return the term of a code; raise UserError naming the nearest codes otherwise."""
        found = self.by_code.get(code)
        if found is None:
            raise UserError(
                f"There is no term {code!r} in the codebook{self.near_codes(code)}: see "
                "`firstmile taxonomy`."
            )
        return found

    def near_codes(self, code: str) -> str:
        """Return ' (nearest: ...)' for a mistyped code, or an empty string."""
        near = difflib.get_close_matches(code, self.by_code, n=3, cutoff=0.5)
        return f" (nearest: {', '.join(near)})" if near else ""

    def of(self, axis: Axis) -> tuple[Term, ...]:
        """Return the terms of an axis."""
        return tuple(term for term in self.terms if term.axis is axis)

    def classes(self, axis: Axis) -> tuple[Term, ...]:
        """Return the top-level terms of an axis, in published order."""
        return tuple(term for term in self.of(axis) if term.level == 1)

    def leaves(self, axis: Axis) -> tuple[Term, ...]:
        """Return the terms of an axis that have no term below them."""
        return tuple(term for term in self.of(axis) if term.code not in self._inner)

    def below(self, code: str) -> tuple[Term, ...]:
        """Return the leaves at or below a code."""
        term = self.term(code)
        return tuple(
            leaf
            for leaf in self.leaves(term.axis)
            if leaf.code == code or leaf.code.startswith(code + "/")
        )


class Classification(msgspec.Struct, frozen=True, kw_only=True):
    """Codes of a symptom, a cause and a stage, checked when made; None where not known."""

    symptom: str | None = None
    cause: str | None = None
    stage: str | None = None

    def __post_init__(self) -> None:
        taxonomy = load_taxonomy()
        for axis in Axis:
            code = getattr(self, axis.value)
            if code is not None and taxonomy.term(code).axis is not axis:
                raise UserError(f"{code!r} is no {axis.value} but a {taxonomy.term(code).axis}.")


@cache
def packaged_taxonomy() -> Taxonomy:
    """Read the packaged codebook; the result is shared and never changes."""
    from firstmile.taxonomy.index import indexed

    found = indexed(Path(__file__).with_name("codebook"))
    if found is not None:
        return found
    from importlib.resources import files

    return read_taxonomy(files("firstmile.taxonomy") / "codebook")


_IN_USE: Final[ContextVar[Taxonomy | None]] = ContextVar("codebook in use", default=None)


def load_taxonomy() -> Taxonomy:
    """Return the codebook in use: the packaged one, but inside `using` the one given there."""
    return _IN_USE.get() or packaged_taxonomy()


@contextmanager
def using(taxonomy: Taxonomy) -> Iterator[None]:
    """Let codes be read and named by a codebook; other threads keep theirs."""
    token = _IN_USE.set(taxonomy)
    try:
        yield
    finally:
        _IN_USE.reset(token)


def read_taxonomy(folder: "Traversable") -> Taxonomy:
    """Read a codebook folder: codebook.toml (version, order of classes) and a file a class.

    Raises UserError where a term is incomplete, defined twice, filed without its class, or
    otherwise unfit (`checking`).
    """
    texts = {HEAD: text_of(folder / HEAD, f"{HEAD} of the codebook")}
    for name in FOLDERS.values():
        for file in (folder / name).iterdir():
            if file.name.endswith(".toml"):
                inside = f"{name}/{file.name}"
                texts[inside] = text_of(file, f"{inside} of the codebook")
    return parse_taxonomy(texts)


def parse_taxonomy(texts: Mapping[str, str]) -> Taxonomy:
    """Read the files of a codebook folder, given by their names; raises as read_taxonomy does."""
    from firstmile.taxonomy.checking import check

    head = read_toml(texts[HEAD], f"{HEAD} of the codebook")
    terms: list[Term] = []
    for axis, folder in FOLDERS.items():
        found: list[Term] = []
        for name in sorted(name for name in texts if name.startswith(f"{folder}/")):
            tables = read_toml(texts[name], f"{name} of the codebook")
            found += [_term(axis, item, name) for item in tables["term"]]
        order = {code: place for place, code in enumerate(head["classes"][axis.value])}
        _require_classes(found, order, axis)
        terms += as_tree(sorted(found, key=lambda term: order[term.code.split("/")[0]]))
    taxonomy = Taxonomy(version=head["version"], terms=tuple(terms))
    check(taxonomy)
    require_distinct(taxonomy)
    return taxonomy


def require_distinct(taxonomy: Taxonomy) -> None:
    """Raise UserError where two terms have one code."""
    if len(taxonomy.by_code) != len(taxonomy.terms):
        codes = [term.code for term in taxonomy.terms]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        raise UserError(f"The codebook defines {', '.join(twice)} twice.")


def fingerprints(taxonomy: Taxonomy) -> Mapping[str, str]:
    """Return a short hash of each term's meaning: label, definition, lists, rules."""
    return {term.code: _fingerprint(term) for term in taxonomy.terms}


def _fingerprint(term: Term) -> str:
    from hashlib import sha256

    rules = sorted((rule.against, rule.rule) for rule in term.boundary)
    meaning = (term.label, term.definition, term.includes, term.excludes, rules)
    # Compact, as the hashes in studies that exist already were made.
    text = json.dumps(meaning, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:16]


def as_tree(terms: list[Term]) -> list[Term]:
    """Return each term followed by all that is below it, otherwise in the order given."""
    below: dict[str | None, list[Term]] = {}
    for term in terms:
        below.setdefault(term.parent, []).append(term)

    def walk(parent: str | None) -> Iterator[Term]:
        for term in below.get(parent, ()):
            yield term
            yield from walk(term.code)

    tree = list(walk(None))
    if len(tree) != len(terms):
        lost = sorted({term.code for term in terms} - {term.code for term in tree})
        raise UserError(f"The codebook defines {', '.join(lost)} without the term above.")
    return tree


def _require_classes(terms: Iterable[Term], order: Mapping[str, int], axis: Axis) -> None:
    for term in terms:
        if term.code.split("/")[0] not in order:
            raise UserError(
                f"The codebook's list of {axis.value} classes lacks {term.code.split('/')[0]!r}."
            )


def _term(axis: Axis, data: Mapping[str, Any], file: str) -> Term:
    try:
        return Term(
            axis=axis,
            code=data["code"],
            label=data["label"],
            definition=data["definition"],
            includes=tuple(data["includes"]),
            excludes=tuple(data["excludes"]),
            boundary=tuple(BoundaryRule(**rule) for rule in data["boundary"]),
            example=Example(**data["example"]),
            written_from=tuple(data["written_from"]),
            example_from=data.get("example_from", "published"),
            stage=data.get("stage"),
            extension=data.get("extension", False),
            not_applicable=tuple(data.get("not_applicable", ())),
            formerly=tuple(data.get("formerly", ())),
        )
    except (KeyError, TypeError) as error:
        code = data.get("code", "a term without code")
        raise UserError(f"{code} in {file} of the codebook is incomplete: {error}.") from error
