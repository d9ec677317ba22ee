"""What is seen in a report: its words, the entries it meets, the exceptions and where they rose."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.diagnose.signs import Signs
from firstmile.diagnose.wording import count_words
from firstmile.knowledge import Signatures, load_entries

ENTRIES = load_entries()
SIGNATURES = Signatures(ENTRIES)

WRONG_PROCESSES = """\
Traceback (most recent call last):
  File "/home/user/llama/generation.py", line 103, in build
    assert model_parallel_size == len(checkpoints)
AssertionError: Loading a checkpoint for MP=2 but world size is 1
ERROR:torch.distributed.elastic.multiprocessing.api:failed (exitcode: 1) local_rank: 0 (pid: 9)
"""


def test_words_identifiers_and_chinese_characters_are_counted_with_their_neighbors() -> None:
    counts = count_words("CUDA out of memory: 显存不足, torch.cuda")
    assert {"cuda", "memory", "显", "不 足", "torch.cuda", "out of"} <= set(counts)


@pytest.mark.parametrize("text", ["layers.11.attn_weight", "layers.7.attn_weight"])
def test_numbers_inside_identifiers_are_one_sign(text: str) -> None:
    assert "layers.0.attn_weight" in count_words(text)


@given(st.text(max_size=300))
def test_case_never_matters(text: str) -> None:
    assert count_words(text) == count_words(text.lower())


def test_a_huge_text_is_counted_by_its_ends() -> None:
    started = time.process_time()
    counts = count_words("beginning " + "x " * 5_000_000 + "ending")
    assert {"beginning", "ending"} <= set(counts)
    assert time.process_time() - started < 5


def test_an_entry_that_decides_stands_before_what_follows() -> None:
    signs = Signs(WRONG_PROCESSES, SIGNATURES)
    assert [match.entry.id for match in signs.matches][:1] == [
        "llama-checkpoint-was-started-with-another-number-of-processes"
    ]
    facts = signs.facts()
    assert "entry-cause:distributed decides" in facts
    assert "first-symptom:loading decides" in facts
    assert "raised:AssertionError" in facts
    assert "while:loading" in facts


def test_entries_can_be_left_out_of_sight() -> None:
    signs = Signs(WRONG_PROCESSES, SIGNATURES)
    hidden = [match.entry for match in signs.matches]
    assert not [fact for fact in signs.facts(without=hidden) if fact.startswith("entry-")]


def test_a_report_without_an_error_says_so() -> None:
    assert "no exception" in Signs("it is slow", SIGNATURES).facts()
