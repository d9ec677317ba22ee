"""Patterns that are often tried in vain are tried together, and none that may be met is lost."""

import pytest

from firstmile.diagnose import sifting
from firstmile.diagnose.line_blocks import LineBlock
from firstmile.diagnose.sifting import Sieve

PATTERNS = {
    3: r"(?i)\bloss\b.{0,40}\bnan\b",
    5: r"loss.{0,9}(diverge[ds]?|explode[ds]?)",
    9: "loss is zero",
}
PLACES = set(PATTERNS)


def block_of(text: str) -> LineBlock:
    buffer = bytearray(text.encode())
    return LineBlock(buffer, memoryview(buffer), 0, len(buffer), 1)


def sieve_that_learnt() -> Sieve:
    sieve = Sieve(PATTERNS)
    for _ in range(10):
        for place in PLACES:
            sieve.note(place)
    return sieve


def test_nothing_is_sifted_before_it_was_tried_in_vain() -> None:
    assert Sieve(PATTERNS).sift(block_of("loss: 0.3\n"), PLACES) == PLACES


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("loss: 0.3\nnan\n", set()),
        ("a\nloss: nan\nb\n", {3}),
        ("\x1b[31mLoss\x1b[0m is NaN\r\nloss explodes", {3, 5}),
        ("训练 loss is zero\n", {9}),
    ],
)
def test_only_what_the_lines_may_meet_is_kept(text: str, kept: set[int]) -> None:
    assert sieve_that_learnt().sift(block_of(text), PLACES) == kept
    assert sieve_that_learnt().sift(block_of(text), {3}) == kept & {3}


@pytest.mark.parametrize("size", [4_000, 8_000, 12_000, 16_000, 24_000, 64_000])
def test_a_set_of_patterns_that_outgrows_its_memory_loses_none(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(sifting, "_SET_BYTES", size)
    assert sieve_that_learnt().sift(block_of("a\nloss: nan\n"), PLACES) >= {3}
    if size == 4_000:
        assert sieve_that_learnt().sift(block_of("loss: 0.3\n"), PLACES) == PLACES
