"""The way through all rules: text in, redacted text and counts by kind out."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from firstmile.redaction.rule import Rule
from firstmile.redaction.rules import accounts, addresses, credentials, hosts, people, tokens

VERSION: Final = 1
"""Goes up whenever a rule changes what it does to some text."""

RULES: Final[tuple[Rule, ...]] = (
    *tokens.RULES,
    *credentials.RULES,
    *people.RULES,
    *hosts.RULES,
    *addresses.RULES,
    *accounts.RULES,
)
"""All rules, in the order in which they are applied: the more precise first."""

_PASSES: Final = 8
_SHORTEST: Final = 6
"""No rule changes a shorter text."""


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
    counts: dict[str, int] = {}
    for _ in range(_PASSES):
        after = _one_pass(text, counts)
        if after == text:
            break
        text = after
    return Redacted(text, counts)


def _one_pass(text: str, counts: dict[str, int]) -> str:
    folded = _fold(text)
    absent: set[str] = set()
    for rule in RULES:
        places = _anchors(rule, text, folded, absent)
        if places:
            after = _apply(rule, text, places, counts)
            if after is not text:
                text, folded = after, _fold(after)
                absent.clear()
    return text


def _fold(text: str) -> str:
    """Return the text in lower case and as long as it was: one letter would become two."""
    folded = text.lower()
    return folded if len(folded) == len(text) else text.replace("\u0130", "i").lower()


def _anchors(rule: Rule, text: str, folded: str, absent: set[str]) -> list[int]:
    """Return where a rule's anchors begin, in order; `absent` are those known not to be there."""
    if isinstance(rule.anchors, re.Pattern):
        return [match.start() for match in rule.anchors.finditer(text)]
    places: list[int] = []
    for anchor in rule.anchors:
        if anchor in absent:
            continue
        searched = folded if anchor.islower() else text
        place = searched.find(anchor)
        if place < 0:
            absent.add(anchor)
        while place >= 0:
            places.append(place)
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
            if place >= end and (match := rule.pattern.match(text, place)):
                end = match.end()
                yield match
        return
    for low, high in _regions(rule, places):
        yield from rule.pattern.finditer(text, low, high)


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
