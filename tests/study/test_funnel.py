"""Every issue stands somewhere, and the steps of the funnel add up."""

import itertools
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.study.decisions import Decision, LabelValue, ScreenValue, Step
from firstmile.study.design import Design, Rater, StudyTable
from firstmile.study.funnel import Funnel, Place, given_reasons, make_funnel, one_reason
from firstmile.study.funnel_words import ASKED, reason_in_words
from firstmile.study.planning import make_plan, plan_sentences
from firstmile.study.stated import PaceTable

DESIGN = Design(
    study=StudyTable(name="s"), raters=(Rater(name="ada"), Rater(name="ben"), Rater(name="cem"))
)
TWO = Design(study=StudyTable(name="s"), raters=(Rater(name="ada"), Rater(name="ben")))
NUMBERS = itertools.count(1)
IN, OUT = ScreenValue(include=True), ScreenValue(include=False, reason="question")
HANG = LabelValue(symptom="hang/generation", cause="hardware/gpu-memory", stage="inference")
SLOW = LabelValue(symptom="slow/inference", cause="hardware/gpu-memory", stage="inference")


def decision(step: Step, rater: str, value: ScreenValue | LabelValue, issue: str = "a") -> Decision:
    import msgspec

    number = next(NUMBERS)
    return Decision(
        id=number,
        issue=issue,
        step=step,
        rater=rater,
        value=msgspec.to_builtins(value),
        reason="",
        codebook="1",
        round=0,
        at="t",
        key=str(number),
    )


def funnel(*decisions: Decision, urls: tuple[str, ...] = ("a",), unread: bool = False) -> Funnel:
    by_step = {step: [d for d in decisions if d.step is step] for step in Step}
    return make_funnel(urls, {}, by_step, TWO, unread=frozenset(urls if unread else ()))


def place(*decisions: Decision, unread: bool = False) -> Place:
    return funnel(*decisions, unread=unread).standings["a"].place


BOTH_IN = (decision(Step.SCREEN, "ada", IN), decision(Step.SCREEN, "ben", IN))
VERIFIED = (*BOTH_IN, decision(Step.VERIFY, "ada", IN))


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ((), Place.TO_SCREEN),
        ((decision(Step.SCREEN, "ada", OUT),), Place.TO_SCREEN),
        ((decision(Step.SCREEN, "ada", IN),), Place.TO_VERIFY),
        ((decision(Step.SCREEN, "ada", OUT), decision(Step.SCREEN, "ben", IN)), Place.TO_VERIFY),
        (
            (decision(Step.SCREEN, "ada", OUT), decision(Step.SCREEN, "ben", OUT)),
            Place.SCREENED_OUT,
        ),
        ((decision(Step.SCREEN, "eve", IN),), Place.TO_SCREEN),
        (
            (*BOTH_IN, decision(Step.VERIFY, "ada", OUT), decision(Step.VERIFY, "ben", OUT)),
            Place.VERIFIED_OUT,
        ),
        (VERIFIED, Place.TO_LABEL),
        ((*VERIFIED, decision(Step.LABEL, "ada", HANG)), Place.TO_LABEL),
        (
            (*VERIFIED, decision(Step.LABEL, "ada", HANG), decision(Step.LABEL, "ben", HANG)),
            Place.LABELLED,
        ),
        (
            (*VERIFIED, decision(Step.LABEL, "ada", HANG), decision(Step.LABEL, "ben", SLOW)),
            Place.TO_ADJUDICATE,
        ),
        (
            (
                *VERIFIED,
                decision(Step.LABEL, "ada", HANG),
                decision(Step.LABEL, "ben", SLOW),
                decision(Step.ADJUDICATE, "ada", SLOW),
            ),
            Place.LABELLED,
        ),
        (
            (*VERIFIED, decision(Step.ADJUDICATE, "ada", LabelValue(cannot_tell=("symptom",)))),
            Place.UNTOLD,
        ),
    ],
)
def test_an_issue_stands_where_its_decisions_put_it(
    decisions: tuple[Decision, ...], expected: Place
) -> None:
    assert place(*decisions) is expected


def test_what_was_given_up_unread_is_told_apart_from_what_waits() -> None:
    assert place(unread=True) is Place.NOT_RANKED_HIGH
    assert place(decision(Step.SCREEN, "ada", IN), unread=True) is Place.TO_VERIFY


def test_what_the_audit_would_keep_is_verified_like_any_other() -> None:
    out = (decision(Step.SCREEN, "ada", OUT), decision(Step.SCREEN, "ben", OUT))
    audited = (decision(Step.AUDIT, "ada", OUT), decision(Step.AUDIT, "ben", IN))
    assert place(*out, audited[0]) is Place.SCREENED_OUT
    assert place(*out, *audited) is Place.TO_VERIFY
    assert place(*audited, unread=True) is Place.TO_VERIFY
    assert place(*out, *audited, decision(Step.VERIFY, "ada", IN)) is Place.TO_LABEL


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (Place.NO_KEYWORD, Place.TO_VERIFY),
        (Place.DUPLICATE, Place.TO_VERIFY),
        (Place.OUT_OF_RANGE, Place.OUT_OF_RANGE),
    ],
)
def test_the_audit_brings_back_what_the_machine_discarded(left: Place, expected: Place) -> None:
    audited = {Step.AUDIT: [decision(Step.AUDIT, "ben", IN)]}
    made = make_funnel(("a", "b"), {"a": (left, "why"), "b": (left, "why")}, audited, TWO)
    assert made.standings["a"].place is expected
    assert made.standings["b"].place is left


def test_final_labels_say_how_they_came_about() -> None:
    agreed = funnel(
        *VERIFIED, decision(Step.LABEL, "ada", HANG), decision(Step.LABEL, "ben", HANG)
    ).standings["a"]
    assert (agreed.decided, agreed.labels) == ("agreed", HANG)
    decided = funnel(*VERIFIED, decision(Step.ADJUDICATE, "ben", SLOW)).standings["a"]
    assert (decided.decided, decided.labels) == ("adjudicated", SLOW)


def test_a_former_raters_decision_settles_nothing_in_any_step() -> None:
    labels = (decision(Step.LABEL, "ada", HANG), decision(Step.LABEL, "ben", SLOW))
    assert place(*VERIFIED, *labels, decision(Step.ADJUDICATE, "eve", HANG)) is (
        Place.TO_ADJUDICATE
    )
    assert place(*VERIFIED, labels[0], decision(Step.LABEL, "eve", HANG)) is Place.TO_LABEL
    assert place(decision(Step.SCREEN, "eve", IN)) is Place.TO_SCREEN
    assert place(*BOTH_IN, decision(Step.VERIFY, "eve", IN)) is Place.TO_VERIFY
    out = (decision(Step.SCREEN, "ada", OUT), decision(Step.SCREEN, "ben", OUT))
    assert place(*out, decision(Step.AUDIT, "eve", IN)) is Place.SCREENED_OUT
    audited = {Step.AUDIT: [decision(Step.AUDIT, "eve", IN)]}
    made = make_funnel(("a",), {"a": (Place.NO_KEYWORD, "why")}, audited, TWO)
    assert made.standings["a"].place is Place.NO_KEYWORD


def test_a_present_adjudicators_earlier_decision_outlasts_a_former_ones_later() -> None:
    final = (decision(Step.ADJUDICATE, "ben", SLOW), decision(Step.ADJUDICATE, "eve", HANG))
    assert funnel(*VERIFIED, *final).standings["a"].labels == SLOW


def test_a_step_names_its_reasons_most_frequent_first() -> None:
    urls = ("a", "b", "c")
    decisions = [
        decision(Step.SCREEN, rater, ScreenValue(include=False, reason=reason), issue)
        for issue, reason in zip(urls, ("question", "feature request", "question"), strict=True)
        for rater in ("ada", "ben")
    ]
    step = next(s for s in funnel(*decisions, urls=urls).steps if s.name == "Reviewer screen")
    assert list(step.reasons.items()) == [("question", 2), ("feature request", 1)]
    assert (step.entered, step.left, step.waiting, step.passed) == (3, 3, 0, 0)


@pytest.mark.parametrize(
    ("step", "name"),
    [(Step.SCREEN, "Reviewer screen"), (Step.VERIFY, "In-depth verification")],
)
def test_raters_who_exclude_for_different_reasons_are_not_said_to_agree(
    step: Step, name: str
) -> None:
    urls = ("a", "b", "c")
    pairs = (("question", "question"), ("question", "documentation"), ("documentation", "question"))
    before = BOTH_IN if step is Step.VERIFY else ()
    decisions = [decision(one.step, one.rater, IN, issue) for issue in urls for one in before] + [
        decision(step, rater, ScreenValue(include=False, reason=reason), issue)
        for issue, reasons in zip(urls, pairs, strict=True)
        for rater, reason in zip(("ada", "ben"), reasons, strict=True)
    ]
    made = next(s for s in funnel(*decisions, urls=urls).steps if s.name == name)
    assert list(made.reasons.items()) == [
        ("reasons differ: documentation / question", 2),
        ("question", 1),
    ]
    assert made.left == 3


def test_differing_reasons_can_be_told_apart_again() -> None:
    assert given_reasons(one_reason(["question", "question"])) == ("question",)
    assert given_reasons(one_reason(["question", "other"])) == ("other", "question")


@given(
    choices=st.lists(
        st.tuples(
            st.sampled_from("abcd"),
            st.sampled_from(["ada", "ben", "cem"]),
            st.sampled_from(
                [
                    (Step.SCREEN, IN),
                    (Step.SCREEN, OUT),
                    (Step.AUDIT, IN),
                    (Step.AUDIT, OUT),
                    (Step.VERIFY, IN),
                    (Step.VERIFY, OUT),
                    (Step.LABEL, HANG),
                    (Step.LABEL, SLOW),
                    (Step.ADJUDICATE, SLOW),
                ]
            ),
        ),
        max_size=40,
    ),
    unread=st.sets(st.sampled_from("abcd")),
    excluded=st.sets(st.sampled_from("abcd")),
)
def test_steps_add_up_and_every_issue_stands_once(
    choices: list[tuple[str, str, tuple[Step, ScreenValue | LabelValue]]],
    unread: set[str],
    excluded: set[str],
) -> None:
    latest = {(u, r, s): decision(s, r, v, u) for u, r, (s, v) in choices}
    by_step = {step: [d for d in latest.values() if d.step is step] for step in Step}
    left = dict.fromkeys(excluded, (Place.NO_KEYWORD, "no keyword"))
    made = make_funnel("abcd", left, by_step, DESIGN, unread=frozenset(unread))
    assert sorted(made.standings) == list("abcd")
    assert made.steps[0].entered == 4
    for before, after in itertools.pairwise(made.steps):
        assert before.passed == after.entered
    assert made.steps[-1].passed == len(made.at(Place.LABELLED))
    assert all(step.left == sum(step.reasons.values()) for step in made.steps)


def test_before_the_screen_everything_waits_and_nothing_is_said_to_have_passed() -> None:
    urls = tuple(str(n) for n in range(200))
    made = make_funnel(urls, {}, {}, TWO, screened=False)
    assert [(s.entered, s.waiting, s.passed) for s in made.steps[:2]] == [(200, 200, 0), (0, 0, 0)]
    plan = make_plan(TWO, {"a": 5_302}, measured=made)
    assert plan.steps[0].issues == 2_176


def test_a_plan_of_the_published_study_gives_its_funnel() -> None:
    plan = make_plan(TWO, {"a": 5_302, "b": None})
    by_name = {step.name: step for step in plan.steps}
    assert by_name["Reviewer screen"].issues == 2_176
    assert by_name["In-depth verification"].issues == 1_180
    assert by_name["Labelling"].issues == 705
    assert by_name["Labelling"].hours == 2 * by_name["Labelling"].hours_each
    assert plan.unknown == ("b",)
    assert any("not known yet: b" in sentence for sentence in plan_sentences(plan))


def test_a_plan_of_one_issue_is_said_in_the_singular() -> None:
    one = Design(study=StudyTable(name="s"), raters=(Rater(name="ada"),))
    said = " ".join(plan_sentences(make_plan(one, {"a": 1})))
    assert "1 issue: about 1 request, 0 minutes" in said
    assert (
        "Audit of what was discarded: 1 issue, 2 minutes for 1 rater, at 90 seconds an issue (the "
        "whole thread)." in said
    )
    assert not re.search(r"\b1 (issues|requests|minutes|hours|raters)\b", said)


def test_a_plan_takes_the_seconds_that_the_study_states() -> None:
    stated = msgspec.structs.replace(TWO, seconds_an_issue=PaceTable(screen=40))
    usual, slower = (make_plan(one, {"a": 5_302}) for one in (TWO, stated))
    assert slower.steps[0].hours == 2 * usual.steps[0].hours
    assert slower.steps[1:] == usual.steps[1:]
    said = " ".join(plan_sentences(slower))
    assert "at 40 seconds an issue (title and description)." in said
    assert "[seconds_an_issue] in the study.toml changes it" in said


def test_what_a_study_measured_of_itself_replaces_the_published_shares() -> None:
    urls = tuple(str(n) for n in range(200))
    left = dict.fromkeys(urls[:150], (Place.NO_KEYWORD, "no keyword"))
    measured = make_funnel(urls, left, {}, TWO)
    plan = make_plan(TWO, {"a": 1_000}, measured=measured)
    assert plan.steps[0].issues == 250


def test_the_funnel_is_said_in_words() -> None:
    made = make_funnel("a", {"a": (Place.NO_KEYWORD, "no-keyword")}, {}, TWO)
    assert [step.name for step in made.steps] == list(ASKED)
    assert reason_in_words("no-keyword") == "no keyword"
    assert reason_in_words("reasons differ: not-enough-information / question") == (
        "reasons differ: not enough information / question"
    )
    assert reason_in_words("the same error in both") == "the same error in both"


def test_a_plan_of_what_has_no_known_size_says_no_step_takes_no_time() -> None:
    said = " ".join(plan_sentences(make_plan(TWO, {"a": None})))
    assert said.startswith("Not counted, since their size is not known yet: a.")
    assert "0 issues" not in said
    assert "minutes" not in said
