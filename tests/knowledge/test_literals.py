"""A line that meets a pattern holds one of its literals and meets its coarser form."""

from typing import Any

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from firstmile.knowledge.entries import load_entries
from firstmile.knowledge.folding import folded
from firstmile.knowledge.literals import demands_of, literals_of
from firstmile.knowledge.loosening import loosened
from firstmile.knowledge.matching import Signatures
from firstmile.knowledge.syntax import tree_of


def compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


def in_bytes(pattern: bytes) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(pattern, options)


CHARACTERS = "abkKsß\u017f\u212aΣς卡-"
ATOMS = st.one_of(
    st.sampled_from(CHARACTERS),
    st.sampled_from([".", r"\w", r"\d", r"\S", r"\b", "^", "$", r"\x61", r"\x{5361}", r"\-"]),
    st.sampled_from(["[ab]", "[^a]", "[a-cΣ]", r"[\dk]", "[]a]", "[^]b]", "[k-]", r"\Qab\E"]),
)


def wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = st.sampled_from(["({})", "(?:{})", "(?i:{})", "(?i){}", "(?s-i:{})", "(?P<a>{})"])
    times = st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "{,3}", "{0}", "+?"])
    return st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map("|".join).map("({})".format),
        st.builds(lambda form, text: form.format(text), group, inner),
        st.builds(lambda text, count: f"(?:{text}){count}", inner, times),
        st.builds(lambda text, count: f"{text}{count}", ATOMS, times),
    )


PATTERNS = st.recursive(ATOMS, wider, max_leaves=10)


@given(PATTERNS, st.lists(st.text(st.sampled_from(CHARACTERS + "ABc"), max_size=9), max_size=8))
def test_a_line_that_meets_a_pattern_holds_one_of_its_literals(
    pattern: str, lines: list[str]
) -> None:
    known = compiled(pattern)
    literals = literals_of(pattern)
    if known is None or literals is None:
        return
    for line in lines:
        if known.search(line) is not None:
            assert any(literal in folded(line) for literal in literals), (pattern, line, literals)


@given(PATTERNS, st.lists(st.text(st.sampled_from(CHARACTERS + "ABc"), max_size=9), max_size=8))
def test_a_line_that_meets_a_pattern_holds_all_that_it_demands(
    pattern: str, lines: list[str]
) -> None:
    known = compiled(pattern)
    demands = demands_of(pattern)
    if known is None or not demands:
        return
    for line in lines:
        if known.search(line) is not None:
            for texts in demands:
                assert any(text in folded(line) for text in texts), (pattern, line, texts)


@given(PATTERNS, st.lists(st.text(st.sampled_from(CHARACTERS + "ABc"), max_size=9), max_size=8))
def test_a_line_that_meets_a_pattern_meets_the_coarser_one_in_any_color(
    pattern: str, lines: list[str]
) -> None:
    known = compiled(pattern)
    coarse = loosened(pattern)
    if known is None or coarse is None:
        return
    for line in lines:
        if set(line + pattern) & set("\u017f\u212a") or known.search(line) is None:
            continue
        raw = line.encode()
        for shown in (raw, b"\x1b[31m" + raw + b"\x1b[0m\r", b"\xff\x1b(B" + raw):
            assert in_bytes(coarse).search(shown) is not None, (pattern, line, coarse)


def test_samples_of_entries_meet_the_coarser_patterns_too() -> None:
    signatures = Signatures(load_entries())
    for entry in signatures.entries[::4]:
        for sample in entry.match:
            lines = sample.split("\n")
            for hit in signatures.hits(lines):
                coarse = loosened(hit.signature.pattern)
                assert coarse is not None
                for line in hit.lines:
                    raw = b"\x1b[1;31m" + lines[line].encode() + b"\x1b[K\r"
                    assert in_bytes(coarse).search(raw), hit.signature.pattern


PLAIN = st.text(st.sampled_from("abcdefgk卡ß"), min_size=3, max_size=8)


@given(st.lists(PLAIN, min_size=1, max_size=4), st.sampled_from(["", "(?i)"]))
def test_plain_texts_are_their_own_literals(texts: list[str], flag: str) -> None:
    literals = literals_of(flag + "|".join(texts))
    assert literals is not None
    assert all(any(literal in folded(text) for literal in literals) for text in texts)


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("CUDA out of memory", ("cuda out of memory",)),
        (r"(?i)(un)?known \d+ architecture", ("architecture",)),
        ("exit(ed)? code", ("exit code", "exited code")),
        (r"Error: [45]\d\d", ("error: 4", "error: 5")),
        (r"^Killed\b.*$", ("killed",)),
        ("(kill|killed)ed", ("killed",)),
        ("no( more)* space", ("space",)),
        (r"(ab){2}\d", ("abab",)),
        (r"\d+|error", None),
        (".{3}", None),
        ("", None),
        ("a", None),
        (r"\pN{3}error", None),
        ("[[:alpha:]]error", None),
    ],
)
def test_literals_are_the_rarest_that_a_pattern_asks_for(
    pattern: str, literals: tuple[str, ...] | None
) -> None:
    assert literals_of(pattern) == literals


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "a)", "(a", "[a", "*a", "a\\", "(?=a)", "(?P<a", r"\1", "[b-a]", "a{2,1}", r"\x{"],
)
def test_what_is_no_pattern_has_no_tree(pattern: str) -> None:
    assert tree_of(pattern) is None


def test_patterns_that_explode_have_few_and_short_literals() -> None:
    for pattern in ("(" * 40 + "ab" + "){9}" * 40, "([ab]{9}){9}c{900}", "(a?b?c?d?){30}" * 5):
        assert sum(map(len, literals_of(pattern) or ())) < 4_000


def test_nearly_every_packaged_pattern_has_literals() -> None:
    patterns = {
        pattern
        for entry in load_entries()
        for signature in entry.signatures
        for pattern in signature.patterns
    }
    without = {pattern for pattern in patterns if literals_of(pattern) is None}
    assert len(without) < len(patterns) / 100


@pytest.mark.parametrize(
    ("pattern", "demands"),
    [
        (
            "(?i)llama.{0,9}(not|never) .{0,9}(gpu|cpu)",
            [{"llama"}, {"not", "never"}, {"gpu", "cpu"}],
        ),
        ("(loss|grad).{0,9}nan|nan.{0,9}loss", [{"nan"}, {"loss", "grad"}]),
        ("(very )?slow", [{"slow"}]),
        (r"\d+", []),
        ("(?=what", []),
    ],
)
def test_all_that_a_pattern_demands_is_known(pattern: str, demands: list[set[str]]) -> None:
    found = [set(texts) for texts in demands_of(pattern)]
    assert all(each in found for each in demands), found
    assert bool(found) == bool(demands)
