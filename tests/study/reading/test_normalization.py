"""Dirty labels are read by named rules, and only where one term is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from firstmile.study.reading.normalization import Labels
from firstmile.taxonomy import Axis, Taxonomy, Term, load_taxonomy

CAUSES = Labels(load_taxonomy(), Axis.CAUSE)
SYMPTOMS = Labels(load_taxonomy(), Axis.SYMPTOM)
STAGES = Labels(load_taxonomy(), Axis.STAGE)
ALL = [(labels, term) for labels, axis in zip((SYMPTOMS, CAUSES, STAGES), Axis, strict=True)
       for term in load_taxonomy().of(axis)]  # fmt: skip


@pytest.mark.parametrize(("labels", "term"), ALL, ids=[term.code for _, term in ALL])
def test_every_label_and_code_is_itself(labels: Labels, term: Term) -> None:
    for written in (term.label, term.code):
        resolved = labels.resolve(written)
        assert resolved is not None
        assert (resolved.term, resolved.rules) == (term, ())


@pytest.mark.parametrize(
    ("written", "code", "rules"),
    [
        ("  Hang - Generation  Process Stuck ", "hang/generation", {"surplus-white-space"}),
        ("HANG - generation process stuck", "hang/generation", {"letter-case"}),
        ("Hang – Generation Process Stuck", "hang/generation", {"dash-variants"}),
        ("Hang—Generation Process Stuck", "hang/generation", {"dash-variants", "hyphenation"}),
        ("Hang - Generation Process Stuck.", "hang/generation", {"trailing-punctuation"}),
        ("Hang -\u200b Generation Process Stuck", "hang/generation", {"invisible-characters"}),
        ("Hang - Finetuning Process Stuck", "hang/fine-tuning", {"hyphenation"}),
        ("CRASH/CUDA", "crash/cuda", {"letter-case"}),
        ("Hang - Process Stuck", None, set()),
        ("Hang - Stuck", None, set()),
        ("Generation Process Stuck", None, set()),
        ("Crash - Value-related Error - Of Memory", None, set()),
        ("", None, set()),
        ("-", None, set()),
    ],
)
def test_a_symptom_is_read_by_the_rules_it_needs(
    written: str, code: str | None, rules: set[str]
) -> None:
    resolved = SYMPTOMS.resolve(written)
    if code is None:
        assert resolved is None
    else:
        assert resolved is not None
        assert resolved.term.code == code
        assert rules <= set(resolved.rules)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (
            "Environment Compatibility Issues -  Architecture Compatibility",
            "environment/system-architecture",
        ),
        (
            "environment compatibility issues – library compatibility.",
            "environment/dependency-library",
        ),
        ("Environment Compatibility Issues - Compatibility", None),
        ("Hardware and Resource Limitations - Architecture Compatibility", None),
        ("API Usage and Interface Issues - Sequence Error", "api/call-sequence"),
    ],
)
def test_missing_words_are_supplied_where_one_leaf_of_the_class_ends_so(
    written: str, code: str | None
) -> None:
    resolved = CAUSES.resolve(written)
    assert (resolved.term.code if resolved else None) == code
    if resolved is not None:
        assert resolved.rules[-1] == "missing-words"


@pytest.mark.parametrize("written", ["fine tuning", "FineTuning", "Fine–tuning", "fine_tuning"])
def test_spellings_of_a_stage(written: str) -> None:
    resolved = STAGES.resolve(written)
    assert (resolved.term.code if resolved else None) == (None if "_" in written else "fine-tuning")


def test_a_label_that_could_be_two_terms_is_neither() -> None:
    hang = load_taxonomy().term("hang")
    lower = replace(hang, code="hang-lower", label="hang on")
    upper = replace(hang, code="hang-upper", label="Hang On")
    labels = Labels(Taxonomy(version="0", terms=(lower, upper)), Axis.SYMPTOM)
    assert labels.resolve("HANG ON") is None
    exact = labels.resolve("Hang On")
    assert exact is not None
    assert exact.term is upper


@given(
    st.sampled_from(ALL),
    st.sampled_from(["", " ", "\t\n"]),
    st.sampled_from(["-", "–", "—", " - ", "\u2212"]),
    st.sampled_from(["", ".", " ;"]),
    st.sampled_from([str, str.upper, str.lower]),
)
def test_no_mixture_of_slips_leads_to_another_term(
    pair: tuple[Labels, Term], space: str, dash: str, end: str, case: object
) -> None:
    labels, term = pair
    assert callable(case)
    written = space + case(term.label).replace(" - ", f"{space}{dash}{space}") + end
    resolved = labels.resolve(written)
    assert resolved is not None
    assert resolved.term is term


@given(st.text(max_size=60))
def test_any_text_is_a_term_or_none(text: str) -> None:
    for labels in (SYMPTOMS, CAUSES, STAGES):
        resolved = labels.resolve(text)
        assert resolved is None or resolved.term in load_taxonomy().terms
        assert labels.near(text).isprintable()
