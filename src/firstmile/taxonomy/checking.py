"""What a codebook from elsewhere must be before anything is labelled, named or drawn by it."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from firstmile.errors import UserError
from firstmile.taxonomy.terms import Axis, Taxonomy, Term

MOST_TERMS: Final = 200
"""Terms of one axis: the finest levels of two axes are crossed, which grows with their product."""

MOST_ITEMS: Final = 200
"""Items of one list of a term, such as what belongs to it."""

LONGEST_CODE: Final = 150
LONGEST_LABEL: Final = 300
LONGEST_TEXT: Final = 10_000
LONGEST_VERSION: Final = 60

_CODE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*){0,2}", re.ASCII)
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PLAIN: Final = frozenset("\n\t\u200c\u200d")
"""Line ends, tabs, and the joiners that Persian and emoji need."""


def check(taxonomy: Taxonomy) -> None:
    """Raise UserError, naming the term by its place and never by what it holds, if it is unfit."""
    if not _is_name(taxonomy.version, LONGEST_VERSION):
        raise UserError(
            f"The codebook's version is no text of one to {LONGEST_VERSION} visible characters: "
            'write one such as "1.0.0".'
        )
    for axis in Axis:
        terms = taxonomy.of(axis)
        if not terms:
            raise UserError(f"The codebook has no {axis.value}: every axis needs a term.")
        if len(terms) > MOST_TERMS:
            raise UserError(
                f"The codebook has {len(terms):,} terms for the {axis.value}: it can have "
                f"{MOST_TERMS}."
            )
        for place, term in enumerate(terms, 1):
            for wrong in _wrong(term):
                raise UserError(f"Term {place} for the {axis.value} in the codebook {wrong}.")
        _require_tellable(terms, axis)
    stages = {term.code for term in taxonomy.of(Axis.STAGE)}
    for term in taxonomy.terms:
        if term.stage is not None and term.stage not in stages:
            raise UserError(f"The codebook's {term.code} names a stage that it does not have.")


def _wrong(term: Term) -> Iterator[str]:
    """Yield what is wrong with a term, to stand after its name."""
    if not (_is_text(term.code, LONGEST_CODE) and _CODE.fullmatch(term.code)):
        yield (
            "has no code of small letters, digits and hyphens, in at most three levels "
            f"and {LONGEST_CODE} characters, such as crash/cuda/out-of-memory"
        )
        return
    if not _is_name(term.label, LONGEST_LABEL):
        yield f"({term.code}) has no label of one to {LONGEST_LABEL} visible characters"
    rules = [text for rule in term.boundary for text in (rule.against, rule.rule)]
    lists = (term.includes, term.excludes, rules, term.written_from, term.not_applicable)
    for items in (*lists, term.formerly):
        if len(items) > MOST_ITEMS * (2 if items is rules else 1):
            yield f"({term.code}) has a list of more than {MOST_ITEMS} items"
            return
    example = (term.example.url, term.example.line)
    for text in (term.definition, *example, *(text for items in lists for text in items)):
        if not _is_text(text, LONGEST_TEXT):
            yield f"({term.code}) holds what is no text of at most {LONGEST_TEXT:,} characters"
        elif not _is_inert(text):
            yield f"({term.code}) holds a control character or one that turns the direction of text"
    if not all(_is_text(text, LONGEST_TEXT) and _is_inert(text) for text in term.formerly):
        yield f"({term.code}) has a former name that is no plain text"
    if term.example.url and not term.example.url.startswith("https://"):
        yield f"({term.code}) has an example whose url is no https address"


def _require_tellable(terms: tuple[Term, ...], axis: Axis) -> None:
    """Raise UserError where labels, or the names shown for leaves of one class, fall together."""
    seen: dict[tuple[str, ...], str] = {}
    inner = {term.parent for term in terms}
    for term in terms:
        keys: list[tuple[str, ...]] = [("label", " ".join(term.label.casefold().split()))]
        if term.code not in inner:
            keys.append(("leaf", term.code.split("/")[0], term.name))
        for key in keys:
            if key in seen:
                what = "label" if key[0] == "label" else "last part of the label"
                raise UserError(
                    f"The codebook gives {seen[key]} and {term.code} one {what}: a reader could "
                    f"not tell the {axis.value} from the other."
                )
            seen[key] = term.code


def _is_text(value: object, longest: int) -> bool:
    """Whether a value is what its type says: TOML may hold anything."""
    return isinstance(value, str) and len(value) <= longest


def _is_name(text: object, longest: int) -> bool:
    return (
        isinstance(text, str)
        and 0 < len(text) <= longest
        and text == text.strip()
        and not any(unicodedata.category(one) in _UNSEEN for one in text)
    )


def _is_inert(text: str) -> bool:
    if text.isascii() and text.isprintable():
        return True
    return not any(c not in _PLAIN and unicodedata.category(c) in _UNSEEN for c in text)
