"""Labels as written to codes of the codebook: exactly, or by a named rule."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from firstmile.study.reading.mapping import nearest
from firstmile.study.reading.quoting import quoted
from firstmile.taxonomy import Axis, Taxonomy, Term

Rule = Callable[[str], str]

_LONGEST: Final = 1000
"""Characters above which a text is no label."""

_DASHES: Final = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")


def surplus_white_space(text: str) -> str:
    """Make every run of white space one space, and none at the ends."""
    return " ".join(text.split())


def invisible_characters(text: str) -> str:
    """Drop zero-width and other format characters."""
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def dash_variants(text: str) -> str:
    """Make every dash a hyphen, with one space on both sides where it separates parts."""
    return re.sub(r"\s+-\s*|\s*-\s+", " - ", _DASHES.sub("-", text))


def trailing_punctuation(text: str) -> str:
    """Drop punctuation after the last word."""
    return text.rstrip(" .,;:!?-")


def letter_case(text: str) -> str:
    """Ignore the case of letters."""
    return text.casefold()


def hyphenation(text: str) -> str:
    """Ignore whether words are joined by a hyphen, a space or nothing: fine-tuning, finetuning."""
    return re.sub(r"[\s-]+", "", text)


RULES: Final[tuple[Rule, ...]] = (
    invisible_characters,
    surplus_white_space,
    dash_variants,
    trailing_punctuation,
    letter_case,
    hyphenation,
)
"""In the order in which they are applied together."""

MISSING_WORDS: Final = "missing-words"


@dataclass(frozen=True, slots=True)
class Resolved:
    """The term a label stands for, and the rules (ids) that were needed to see it."""

    term: Term
    rules: tuple[str, ...] = ()


class Labels:
    """The labels and codes of one axis."""

    def __init__(self, taxonomy: Taxonomy, axis: Axis) -> None:
        self._axis = axis
        self._taxonomy = taxonomy
        self._terms = taxonomy.of(axis)
        self._exact = {term.code: term for term in self._terms}
        self._exact |= {term.label: term for term in self._terms}
        self._indexes: dict[tuple[Rule, ...], dict[str, Term | None]] = {}

    def resolve(self, written: str) -> Resolved | None:
        """Return the term of a label or code, or None where no rule leads to exactly one."""
        if written in self._exact:
            return Resolved(self._exact[written])
        if len(written) > _LONGEST:
            return None
        for rules in (*((rule,) for rule in RULES), RULES):
            term = self._index(rules).get(_apply(rules, written))
            if term is not None:
                return Resolved(term, _changing(rules, written))
        term = self._missing_words(written)
        if term is None:
            return None
        return Resolved(term, (*_changing(RULES[:-2], written), MISSING_WORDS))

    def near(self, written: str) -> str:
        """Return what to say about the nearest labels, beginning with '; ', or nothing."""
        for axis in Axis:
            if axis is not self._axis and Labels(self._taxonomy, axis).resolve(written):
                return f"; it is a {_WORDS[axis]}, so the columns may be exchanged"
        return nearest(written, (term.label for term in self._terms), count=3)

    def _index(self, rules: tuple[Rule, ...]) -> dict[str, Term | None]:
        """Return terms by label and code under some rules; None where two fall together."""
        if rules not in self._indexes:
            index: dict[str, Term | None] = {}
            for name, term in self._exact.items():
                key = _apply(rules, name)
                index[key] = term if index.get(key, term) is term else None
            self._indexes[rules] = index
        return self._indexes[rules]

    def _missing_words(self, written: str) -> Term | None:
        """Return the only leaf of the named class whose name ends in the words given.

        At least two words have to be there, and the levels between must not disagree.
        """
        rules = (*RULES[:-2], letter_case)
        first, *between = _apply(rules, written).split(" - ")
        last = between.pop() if between else ""
        if len(last.split()) < 2:
            return None
        found = []
        for leaf in self._taxonomy.leaves(self._axis):
            top, *middle = _apply(rules, leaf.label).split(" - ")
            name = middle.pop() if middle else ""
            if top == first and name.endswith(" " + last) and between in ([], middle):
                found.append(leaf)
        return found[0] if len(found) == 1 else None


_WORDS: Final = {Axis.SYMPTOM: "symptom", Axis.CAUSE: "root cause", Axis.STAGE: "stage"}


def unknown_label(labels: Labels, axis: Axis, written: str, place: str) -> str:
    """Return the sentence about a label that is not in the codebook."""
    return (
        f"{place} holds the {_WORDS[axis]} {quoted(written)}, which is not in the codebook"
        f"{labels.near(written)}"
    )


def rule_id(rule: Rule) -> str:
    """Return a rule's name as findings show it."""
    return rule.__name__.replace("_", "-")


def _apply(rules: tuple[Rule, ...], text: str) -> str:
    for rule in rules:
        text = rule(text)
    return text


def _changing(rules: tuple[Rule, ...], text: str) -> tuple[str, ...]:
    names = []
    for rule in rules:
        if (after := rule(text)) != text:
            names.append(rule_id(rule))
        text = after
    return tuple(names)
