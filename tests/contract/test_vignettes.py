"""The contract of vignettes: invented reports with codes of the codebook, none twice, none real."""

import re
from collections import Counter

import pytest

from firstmile.diagnose.wording import count_words
from firstmile.knowledge import load_cases
from firstmile.knowledge.vignettes import load_vignettes
from firstmile.redaction import redact
from firstmile.taxonomy import load_taxonomy

VIGNETTES = load_vignettes()


def test_every_code_is_a_leaf_of_the_codebook() -> None:
    terms = load_taxonomy().terms
    inner = {term.parent for term in terms}
    leaves = {term.code for term in terms} - inner
    for one in VIGNETTES:
        given = one.classification
        assert {given.symptom, given.cause, given.stage} <= leaves, one.id


def test_every_class_is_shown_by_several() -> None:
    for axis in ("symptom", "cause", "stage"):
        seen = Counter(getattr(one.classification, axis).split("/")[0] for one in VIGNETTES)
        assert min(seen.values()) >= 5, axis


def test_no_text_stands_twice_or_names_a_report() -> None:
    texts = [one.text for one in VIGNETTES]
    assert len(set(texts)) == len(texts)
    for one in VIGNETTES:
        assert not re.search(r"github\.com|issues/|#\d{2,}", one.text), one.id
        assert 30 <= len(one.text) <= 1_500, one.id


def test_none_holds_a_secret() -> None:
    for one in VIGNETTES:
        assert not re.search(r"hf_\w{20}|sk-\w{20}|ghp_\w{20}", redact(one.text).text), one.id


def test_none_retells_a_case() -> None:
    """Words alike are no retelling; three of four pairs of neighboring words alike are one."""
    cases = {case.id: _pairs(case.text) for case in load_cases()}
    for one in VIGNETTES:
        pairs = _pairs(one.text)
        for name, others in cases.items():
            shared = len(pairs & others)
            if shared > 0.5 * min(len(pairs), len(others)):
                pytest.fail(f"{one.id} retells {name}")


def _pairs(text: str) -> set[str]:
    return {word for word in count_words(text) if " " in word}
