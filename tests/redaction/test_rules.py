"""One suite over all rules: each changes its own samples, leaves its own alone, and is fast."""

import time
from collections import Counter

import pytest

from firstmile.redaction import RULES, Rule, redact, redacting

each = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def alone(rule: Rule, text: str) -> str:
    """Apply one rule as the run over all rules does."""
    places = redacting._anchors(rule, text, redacting._fold(text))
    return redacting._apply(rule, text, places, {})


@each
def test_a_rule_changes_its_own_samples_exactly_so(rule: Rule) -> None:
    assert rule.turns
    for sample in rule.turns:
        assert alone(rule, sample.before) == sample.after


@each
def test_a_rule_leaves_its_own_samples_alone(rule: Rule) -> None:
    assert rule.keeps
    for text in rule.keeps:
        assert alone(rule, text) == text


@each
def test_the_samples_come_out_clean_and_counted_through_all_rules(rule: Rule) -> None:
    for sample in rule.turns:
        found = redact(sample.before)
        assert found.counts.get(rule.kind), (found, sample)
        assert redact(found.text) == (found.text, {})


@each
def test_what_a_rule_keeps_is_kept_by_all_of_them(rule: Rule) -> None:
    for text in rule.keeps:
        assert redact(text).text == text


@each
def test_a_rule_says_what_it_is(rule: Rule) -> None:
    assert rule.about.endswith(".")
    assert len(rule.about) < 110
    assert (rule.before == 0) == (rule.after == 0)
    assert all(f"<{rule.kind}>" in sample.after for sample in rule.turns)


def test_ids_are_given_once() -> None:
    assert max(Counter(rule.id for rule in RULES).values()) == 1


HOSTILE = 30_000
HALF_A_MEGABYTE = 500_000
TAILS = ("-", "a", "1a_", "a.", "1.", "a-", "a b ", "\n", '\\"', "a@", "0:")


def hostile_texts(rule: Rule, size: int) -> list[str]:
    """Return texts made to let a rule start everywhere and finish nowhere."""
    samples = {rule.turns[0].before, rule.turns[-1].before, rule.keeps[0]}
    starts = sorted(rule.anchors) if isinstance(rule.anchors, tuple) else ["1.", "a:", "ghp_"]
    texts = [text for sample in samples for text in (sample, f"{sample[: len(sample) * 2 // 3]}!")]
    texts += [text for start in starts[:3] for text in (start, f"{start}=a ", f"\n{start}: ")]
    texts = [(text * (size // len(text) + 1))[:size] for text in texts]
    return texts + [starts[0] + tail * (size // len(tail)) for tail in TAILS]


def seconds_for(rule: Rule, text: str) -> float:
    start = time.process_time()
    alone(rule, text)
    return time.process_time() - start


@each
def test_a_rule_takes_linear_time(rule: Rule) -> None:
    """Held against itself: a busy machine is several times slower, at both lengths."""
    taken = [seconds_for(rule, text) for text in hostile_texts(rule, HOSTILE)]
    slowest = max(range(len(taken)), key=taken.__getitem__)

    def seconds(size: int) -> float:
        text = hostile_texts(rule, size)[slowest]
        return min(seconds_for(rule, text) for _ in range(2))

    assert seconds(HALF_A_MEGABYTE) < 0.5 + 8 * seconds(HALF_A_MEGABYTE // 4)
