"""The way through all rules: text in, redacted text and counts by kind out."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from firstmile.redaction.rule import Rule
from firstmile.redaction.rules import (
    accounts,
    addresses,
    broken,
    clusters,
    credentials,
    folders,
    hosts,
    options,
    people,
    requests,
    spoken,
    tokens,
    variables,
)

VERSION: Final = 7
"""Goes up whenever a rule changes what it does to some text."""

RULES: Final[tuple[Rule, ...]] = (
    *broken.RULES,
    *tokens.RULES,
    *credentials.RULES,
    *requests.RULES,
    *options.RULES,
    *spoken.RULES,
    *variables.RULES,
    *people.RULES,
    *folders.RULES,
    *hosts.RULES,
    *clusters.RULES,
    *addresses.RULES,
    *accounts.RULES,
)
"""All rules, in the order in which they are applied: the more precise first."""

_PASSES: Final = 8
_SHORTEST: Final = 6
"""No rule changes a shorter text."""

_SHORT: Final = 96
_REMEMBERED: Final = 20_000
"""Short texts repeat (dates, states, addresses), so what became of them is remembered."""

_ANYWHERE: Final = tuple(
    (anchor, place)
    for place, rule in enumerate(RULES)
    if isinstance(rule.anchors, tuple)
    for anchor in rule.anchors
    if anchor.islower() and anchor.isascii()
)
_EXACT: Final = tuple(
    (anchor, place)
    for place, rule in enumerate(RULES)
    if isinstance(rule.anchors, tuple)
    for anchor in rule.anchors
    if not anchor.islower() and anchor.isascii()
)
_BEYOND_ASCII: Final = tuple(
    (anchor, place)
    for place, rule in enumerate(RULES)
    if isinstance(rule.anchors, tuple)
    for anchor in rule.anchors
    if not anchor.isascii()
)
"""Anchors that no text of ASCII alone holds, which most texts are."""

_PATTERNS: Final = tuple(
    (rule.anchors.search, place)
    for place, rule in enumerate(RULES)
    if isinstance(rule.anchors, re.Pattern)
)
_PLACEHOLDERS: Final = " ".join(f"<{kind}>" for kind in dict.fromkeys(r.kind for r in RULES))


class Redacted(NamedTuple):
    """A text without what must not be in it, and how often each kind was in it."""

    text: str
    counts: Mapping[str, int]


_NOTHING: Final[Mapping[str, int]] = {}


def redact(text: str) -> Redacted:
    """Return the text with a placeholder such as `<email>` for each secret or personal detail.

    Redacting a result again changes nothing: passes go on until one changes nothing, since a
    placeholder can end a word that hid its neighbor.
    """
    if len(text) < _SHORTEST:
        return Redacted(text, _NOTHING)
    return _remembered(text) if len(text) <= _SHORT else _redacted(text)


def _redacted(text: str) -> Redacted:
    places = _present(text, _fold(text))
    counts: dict[str, int] = {}
    for _ in range(_PASSES):
        after = _one_pass(text, places, counts) if places else text
        if after == text:
            break
        text, places = after, places | _IN_PLACEHOLDERS
    return Redacted(text, counts)


_remembered: Final = lru_cache(_REMEMBERED)(_redacted)


def _present(text: str, folded: str) -> frozenset[int]:
    """Return the rules, by their place, whose anchors are in a text.

    No other rule can match, in later passes neither: nothing but a placeholder comes into a text.
    """
    return frozenset(
        [place for anchor, place in _ANYWHERE if anchor in folded]
        + [place for anchor, place in _EXACT if anchor in text]
        + [
            place
            for anchor, place in (() if text.isascii() else _BEYOND_ASCII)
            if anchor in (folded if anchor.islower() else text)
        ]
        + [place for search, place in _PATTERNS if search(text)]
    )


def _one_pass(text: str, places: frozenset[int], counts: dict[str, int]) -> str:
    folded = _fold(text)
    for place in sorted(places):
        rule = RULES[place]
        anchors = _anchors(rule, text, folded)
        if anchors:
            after = _apply(rule, text, anchors, counts)
            if after is not text:
                text, folded = after, _fold(after)
    return text


def _fold(text: str) -> str:
    """Return the text in lower case and as long as it was: one letter would become two."""
    folded = text.lower()
    return folded if len(folded) == len(text) else text.replace("\u0130", "i").lower()


def _anchors(rule: Rule, text: str, folded: str) -> list[int]:
    """Return where a rule's anchors begin, in order."""
    if isinstance(rule.anchors, re.Pattern):
        return [match.start() for match in rule.anchors.finditer(text)]
    places: list[int] = []
    reach = rule.before + rule.after
    for anchor in rule.anchors:
        searched = folded if anchor.islower() else text
        place = searched.find(anchor)
        while place >= 0:
            places.append(place)
            if reach and (last := searched.rfind(anchor, place + 1, place + reach)) > 0:
                # All between the two lie in the same stretch: `_regions` needs the ends alone.
                places.append(place := last)
            place = searched.find(anchor, place + 1)
    if len(rule.anchors) > 1:
        places.sort()
    return places


def _apply(rule: Rule, text: str, places: list[int], counts: dict[str, int]) -> str:
    pieces: list[str] = []
    end = 0
    for match in _matches(rule, text, places):
        put = rule.replace(match)
        if put != match.group():
            pieces += (text[end : match.start()], put)
            end = match.end()
    if not pieces:
        return text
    counts[rule.kind] = counts.get(rule.kind, 0) + len(pieces) // 2
    pieces.append(text[end:])
    return "".join(pieces)


def _matches(rule: Rule, text: str, places: list[int]) -> Iterator[re.Match[str]]:
    if rule.before == 0:
        end = 0
        for place in places:
            if place >= end and (match := rule.pattern.compiled.match(text, place)):
                end = match.end()
                yield match
        return
    for low, high in _regions(rule, places):
        yield from rule.pattern.compiled.finditer(text, low, high)


def _regions(rule: Rule, places: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the stretches around anchors, those that overlap as one: nothing is read twice."""
    low = high = -1
    for place in places:
        if place - rule.before > high:
            if high >= 0:
                yield low, high
            low = max(0, place - rule.before)
        high = place + rule.after
    if high >= 0:
        yield low, high


_IN_PLACEHOLDERS: Final = _present(_PLACEHOLDERS, _PLACEHOLDERS)
"""Rules whose anchors a placeholder brings into a text: `token` in `<github-token>`."""
