"""Signatures are found quickly, and exactly where RE2 alone would find them."""

import time
from collections.abc import Iterator, Sequence
from functools import cache

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from firstmile.knowledge.cases import load_cases
from firstmile.knowledge.entries import Entry, load_entries, read_entry
from firstmile.knowledge.matching import LONGEST_LINE, Signatures

ENTRIES = load_entries()
SIGNATURES = Signatures(ENTRIES)

Seen = list[tuple[str, str, tuple[int, ...]]]


PATTERNS_A_SET = 30
"""More of them in one automaton outgrow what RE2 keeps of it, and it gets slow."""


@cache
def sets_of_patterns() -> list[tuple[int, re2.Set]]:
    """Return every pattern in automata of RE2, each with the place of its first pattern."""
    found = []
    for first in range(0, len(SIGNATURES.patterns), PATTERNS_A_SET):
        options = re2.Options()
        options.max_mem = 64 * 1024 * 1024
        together = re2.Set.SearchSet(options)
        for pattern in SIGNATURES.patterns[first : first + PATTERNS_A_SET]:
            together.Add(pattern)
        together.Compile()
        found.append((first, together))
    return found


@cache
def patterns_met(line: str) -> list[str]:
    return [
        SIGNATURES.patterns[first + place]
        for first, together in sets_of_patterns()
        for place in together.Match(line[:LONGEST_LINE]) or ()
    ]


def by_re2_alone(lines: Sequence[str]) -> Seen:
    """Match as the words of `Signature` say it, without any shortcut."""
    met: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        for pattern in patterns_met(line):
            met.setdefault(pattern, []).append(number)
    return [
        (entry.id, signature.pattern, tuple(met[signature.pattern]))
        for entry in ENTRIES
        for signature in entry.signatures
        if signature.pattern in met
        and all(each in met for each in signature.also)
        and not any(each in met for each in signature.unless)
    ]


def seen(lines: Sequence[str], signatures: Signatures = SIGNATURES) -> Seen:
    return [(hit.entry.id, hit.signature.pattern, hit.lines) for hit in signatures.hits(lines)]


def texts() -> Iterator[str]:
    for entry in ENTRIES:
        yield from entry.match
        yield from entry.no_match
    for case in load_cases():
        yield f"{case.title}\n{case.text}"


@pytest.mark.long
def test_every_sample_and_case_is_matched_as_by_re2_alone() -> None:
    for text in texts():
        lines = text.split("\n")
        assert seen(lines) == by_re2_alone(lines)


@pytest.mark.long
def test_many_texts_at_once_are_matched_as_by_re2_alone() -> None:
    lines = "\n".join(texts()).split("\n")
    assert seen(lines) == by_re2_alone(lines)


@pytest.mark.long
def test_lines_in_the_other_case_are_matched_as_by_re2_alone() -> None:
    lines = [line.swapcase() for case in load_cases() for line in case.text.split("\n")]
    assert seen(lines) == by_re2_alone(lines)


PIECES = sorted({text for texts in SIGNATURES.literals for text in texts or ()})


@given(
    st.lists(
        st.lists(
            st.one_of(st.sampled_from(PIECES), st.text(max_size=8), st.sampled_from("ßſKİΣς")),
            max_size=6,
        ).map("".join),
        max_size=6,
    )
)
def test_literals_in_any_surroundings_are_matched_as_by_re2_alone(lines: list[str]) -> None:
    sound = [line.encode("utf-8", "replace").decode() for line in lines]
    assert seen(sound) == by_re2_alone(sound)


def entry_of(*patterns: str, also: str = "", unless: str = "") -> Entry:
    more = (f"also = ['{also}']\n" if also else "") + (f"unless = ['{unless}']\n" if unless else "")
    signatures = "".join(f"[[signatures]]\npattern = '{each}'\n{more}" for each in patterns)
    return read_entry(
        "something-broke",
        '+++\ntitle = "Something broke"\nsymptom = "crash/other"\ncause = "api/compatibility"\n'
        'status = "field"\nwritten_from = ["https://example.org/1"]\n'
        f"{signatures}+++\n## What happens\na\n## Why\nb\n## Fix\nc\n## Examples\n",
    )


def lines_met(pattern: str, lines: Sequence[str]) -> list[int]:
    hits = Signatures([entry_of(pattern)]).hits(lines)
    return [line for hit in hits for line in hit.lines]


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("(?i)stra(ß|ss)e", "STRASSE"),
        ("(?i)kelvin", "\u212aelvin"),
        ("(?i)loss", "lo\u017fs"),
        ("(?i)σας", "ΣΑΣ"),
        ("(?i)[ſx]tuck", "Stuck"),
        (r"\d{3}", "exit 137"),
        ("[xy]", "y"),
        ("(no|nothing)?thing", "thing"),
        (r"\Qa.b\E", "a.b"),
        ("卡住", "训练卡住了"),
    ],
)
def test_a_pattern_meets_its_line_whatever_its_literals(pattern: str, line: str) -> None:
    assert lines_met(pattern, ["before", line, "after"]) == [1]


def test_what_stands_beyond_the_longest_line_is_not_looked_at() -> None:
    assert lines_met("broke", ["x" * (LONGEST_LINE - 5) + "broke"]) == [0]
    assert lines_met("broke", ["x" * (LONGEST_LINE - 4) + "broke"]) == []


def test_a_literal_that_spans_lines_is_in_none() -> None:
    assert lines_met("it broke", ["it", "broke", "it ", "broke"]) == []
    assert lines_met(r"it\nbroke", ["it", "broke", "then it\nbroke"]) == [2]


def test_lines_that_are_no_text_are_matched_without_complaint() -> None:
    assert lines_met("broke", ["\ud800 it broke", "\x00broke"]) == [0, 1]


def test_no_lines_and_no_entries_are_matched_by_nothing() -> None:
    assert SIGNATURES.hits([]) == ()
    assert Signatures([]).hits(["it broke"]) == ()


def test_what_must_also_stand_and_what_must_not_are_looked_for_in_all_lines() -> None:
    also = Signatures([entry_of("it broke", also="gpu [0-9]")])
    assert seen(["it broke", "on gpu 3"], also) == [("something-broke", "it broke", (0,))]
    assert seen(["it broke", "on gpu x"], also) == []
    unless = Signatures([entry_of("it broke", unless="retr(y|ied)")])
    assert seen(["it broke", "it broke"], unless) == [("something-broke", "it broke", (0, 1))]
    assert seen(["we retry", "it broke"], unless) == []


@given(st.lists(st.integers(0, 30), max_size=20))
def test_lines_taken_away_are_as_if_they_had_never_stood_there(gone: list[int]) -> None:
    lines = [line for case in load_cases()[:9] for line in case.text.split("\n")]
    lines += [line for entry in ENTRIES[::40] for line in entry.match[0].split("\n")]
    left = [number for number in range(len(lines)) if number not in gone]
    found = SIGNATURES.look_at(lines).hits(without=gone)
    expected = SIGNATURES.hits([lines[number] for number in left])
    assert [(hit.entry.id, hit.signature, hit.lines) for hit in found] == [
        (hit.entry.id, hit.signature, tuple(left[line] for line in hit.lines)) for hit in expected
    ]


def test_a_thousand_reports_take_a_second() -> None:
    """A report of 150 words in eight lines; here with room for a slower, busy machine."""
    reports = [case.text.split("\n") for case in load_cases()[:200]]
    for report in reports:
        SIGNATURES.hits(report)

    def seconds() -> float:
        started = time.process_time()
        for report in reports:
            SIGNATURES.hits(report)
        return time.process_time() - started

    assert min(seconds() for _ in range(3)) / len(reports) < 0.001
