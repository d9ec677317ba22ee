"""Every entry of the knowledge base keeps the rules of entries, and its own samples find it."""

import re
import time
from functools import cache

import pytest

from firstmile.knowledge import index
from firstmile.knowledge.cases import load_cases
from firstmile.knowledge.entries import PACKAGED, load_entries
from firstmile.knowledge.indexing import index_text
from firstmile.knowledge.matching import Hit, Match, Signatures, ranked
from firstmile.redaction import redact
from firstmile.taxonomy import Axis, load_taxonomy
from held_out import held_out_and_even

ENTRIES = load_entries()
SIGNATURES = Signatures(ENTRIES)


@cache
def hits_in(sample: str) -> tuple[Hit, ...]:
    return SIGNATURES.hits(sample.split("\n"))


@cache
def matches_of(sample: str) -> tuple[Match, ...]:
    return ranked(hits_in(sample))


def test_an_entry_is_classified_by_leaves() -> None:
    leaves = {leaf.code for axis in Axis for leaf in load_taxonomy().leaves(axis)}
    for entry in ENTRIES:
        assert {entry.classification.symptom, entry.classification.cause} <= leaves, entry.id


def test_its_own_samples_rank_it_first() -> None:
    for entry in ENTRIES:
        assert entry.match, entry.id
        for sample in entry.match:
            assert [match.entry.id for match in matches_of(sample)][:1] == [entry.id]


def test_samples_that_are_not_its_own_do_not_meet_it() -> None:
    for entry in ENTRIES:
        assert entry.no_match, entry.id
        for sample in entry.no_match:
            met = {hit.entry.id for hit in hits_in(sample)}
            assert entry.id not in met


def test_every_signature_is_met_by_a_sample() -> None:
    for entry in ENTRIES:
        met = {
            hit.signature
            for sample in entry.match
            for hit in hits_in(sample)
            if hit.entry.id == entry.id
        }
        assert [each.pattern for each in entry.signatures if each not in met] == [], entry.id


def test_it_explains_itself() -> None:
    for entry in ENTRIES:
        for text, least in ((entry.what_happens, 80), (entry.why, 80), (entry.fix, 120)):
            assert least <= len(text) <= 4_000, entry.id
        assert re.search(r"\b(worked|It works) when\b", entry.fix), f"{entry.id}: did it help?"
        assert re.search(r"^ {4}\S|`[^`]+`", entry.fix, re.MULTILINE), f"{entry.id}: no command"
        assert 12 <= len(entry.title) <= 110, entry.id


def test_a_fix_begins_with_a_sentence_not_with_bare_commands() -> None:
    bare = [entry.id for entry in ENTRIES if entry.fix.startswith(("    ", "`" * 3))]
    assert not bare


def test_links_are_https_and_none_is_held_out() -> None:
    for entry in ENTRIES:
        assert entry.written_from, entry.id
        for url in (*entry.references, *entry.written_from):
            assert re.fullmatch(r"https://[\w.-]+\.[a-z]+/\S*", url), url
        texts = (*entry.references, *entry.written_from, entry.what_happens, entry.why, entry.fix)
        for text in texts:
            assert held_out_and_even(text) == [], entry.id


def test_it_was_not_written_from_what_is_set_aside() -> None:
    aside = {case.url for case in load_cases() if case.is_set_aside}
    for entry in ENTRIES:
        assert aside.isdisjoint(entry.written_from), entry.id


def test_samples_hold_nothing_personal() -> None:
    for entry in ENTRIES:
        for sample in (*entry.match, *entry.no_match):
            assert redact(sample).text == sample, entry.id


def test_an_id_is_plain_words() -> None:
    for entry in ENTRIES:
        assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+){2,12}", entry.id)


def test_titles_and_ids_are_used_once() -> None:
    titles = [entry.title for entry in ENTRIES]
    assert len(set(titles)) == len(titles)
    former = [old for entry in ENTRIES for old in entry.formerly]
    assert not {entry.id for entry in ENTRIES} & set(former)
    assert len(set(former)) == len(former)


def test_no_entry_only_repeats_another() -> None:
    """Each has a sample that no entry as particular would have settled in the same way."""
    for entry in ENTRIES:
        repeated = [
            any(
                match.decides
                and not match.is_consequence
                and match.particularity >= matches[0].particularity
                and match.entry.classification == entry.classification
                for match in matches[1:]
            )
            for matches in map(matches_of, entry.match)
        ]
        assert not all(repeated), entry.id


@pytest.mark.long
def test_matching_takes_linear_time() -> None:
    """Twice the text takes at most about twice as long, for the worst text of every pattern."""
    worst = ["a" * 4_000, "Error: " * 600, "\\" * 4_000, "0 " * 2_000, "(" * 4_000]
    worst += [sample[:200] * 20 for entry in ENTRIES for sample in entry.match[:1]]

    def seconds(times: int) -> float:
        started = time.process_time()
        SIGNATURES.hits(worst * times)
        return time.process_time() - started

    seconds(1)
    once = min(seconds(1) for _ in range(3))
    assert min(seconds(4) for _ in range(2)) < 8 * once + 0.05


def test_the_index_is_that_of_the_entries() -> None:
    """Where this fails, `make knowledge` writes it anew."""
    assert index.FILE.read_text(encoding="utf-8") == index_text(PACKAGED)


def test_packaged_files_are_entries_and_nothing_else() -> None:
    assert {file.suffix for file in PACKAGED.iterdir()} == {".md"}
