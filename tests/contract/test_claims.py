"""Claims are data: complete, at one with each other, and refused where they are not."""

import msgspec
import pytest

from firstmile.study.analyses import rank_differences
from firstmile.study.analysis import analysis_id, find_analyses
from firstmile.study.judging import PREPRINT, Claim, State, Verdict, judge, load_claims, read_claim
from firstmile.study.plain import plain
from firstmile.study.settings import Settings
from firstmile.study.worked import rows
from firstmile.taxonomy import Axis, packaged_taxonomy

CLAIMS = load_claims()


def test_at_least_twelve_claims_are_judged() -> None:
    assert len(CLAIMS) >= 12
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)
    assert len({claim.sentence for claim in CLAIMS}) == len(CLAIMS)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_is_complete(claim: Claim) -> None:
    analyses = {analysis_id(analysis) for analysis in find_analyses()}
    assert claim.sentence.endswith(".")
    assert claim.source.url.startswith("https://")
    assert claim.source.title
    assert claim.source.place
    assert claim.condition
    assert claim.analysis in analyses
    assert len({condition.says for condition in claim.condition}) == len(claim.condition)
    assert {c.measure.split(".")[0].split("[")[0] for c in claim.condition} <= analyses


def test_claims_come_from_the_preprint_and_from_the_readme() -> None:
    assert {claim.source.title for claim in CLAIMS} == {PREPRINT, "Data set README"}


SECOND = {
    "configuration_is_second": (Axis.CAUSE, "environment", "configuration"),
    "crash_first_incorrect_second": (Axis.SYMPTOM, "crash", "incorrect"),
}
"""Claims that name a first and a second class, with the axis of both."""


@pytest.mark.parametrize(
    ("name", "other"),
    [
        (name, code)
        for name, (axis, first, second) in SECOND.items()
        for code in packaged_taxonomy().by_code
        if packaged_taxonomy().by_code[code].axis is axis
        and "/" not in code
        and code not in (first, second)
    ],
)
def test_what_is_second_leads_every_class_but_the_first(name: str, other: str) -> None:
    axis, first, second = SECOND[name]
    held = {first: 200, other: 150, second: 60}
    counts = rows(
        *(
            (code, "environment", "inference", many)
            if axis is Axis.SYMPTOM
            else ("crash", code, "inference", many)
            for code, many in held.items()
        )
    )
    found = plain(rank_differences.compute(counts, Settings()))
    claim = next(claim for claim in CLAIMS if claim.id == name)
    judgement = judge(claim, {"rank_differences": found})
    assert judgement.verdict is Verdict.PARTLY
    assert any(f"second={other}]" in one.condition.measure for one in judgement.conditions)
    assert all(one.state is not State.NOT_KNOWN for one in judgement.conditions)


def test_claims_that_contradict_each_other_say_so_both() -> None:
    by_id = {claim.id: claim for claim in CLAIMS}
    pairs = [(claim.id, other) for claim in CLAIMS for other in claim.contradicts]
    assert ("causes_converge_across_series", "causes_vary_between_series") in pairs
    for one, other in pairs:
        assert one in by_id[other].contradicts


def test_without_any_result_no_claim_can_be_judged() -> None:
    for claim in CLAIMS:
        judgement = judge(claim, {})
        assert judgement.verdict is Verdict.CANNOT_BE_JUDGED
        assert {item.state for item in judgement.conditions} == {State.NOT_KNOWN}
        assert all("no " in item.would_change for item in judgement.conditions)


@pytest.mark.parametrize(
    "damage",
    [
        'sentence = "A."\nanalysis = "cause_shares"\n',
        "condition = []",
        "surely = true",
        '[[condition]]\nsays = "B"\nmeasure = "a.b"\ntest = "resembles"\nthan = 1.0\n',
        '[[condition]]\nsays = "B"\nmeasure = "a.b"\ntest = "above"\nthan = "much"\n',
        '[[condition]]\nsays = "B"\nmeasure = "a.b"\ntest = "above"\nthan = 1.0\nsure = 1\n',
    ],
    ids=[
        "no source",
        "no condition",
        "a stray field",
        "a test",
        "a number",
        "a stray field of one",
    ],
)
def test_an_incomplete_claim_is_refused(damage: str) -> None:
    source = '[source]\ntitle = "T"\nurl = "https://example.org"\nplace = "P"\n'
    sound = '[[condition]]\nsays = "B"\nmeasure = "a.b"\ntest = "above"\nthan = 1.0\n'
    head = 'title = "A"\nsentence = "A."\nanalysis = "cause_shares"\n'
    assert read_claim("sound", head + source + sound).id == "sound"
    text = {
        "sentence": damage,
        "condition": head + damage + "\n" + source,
        "surely": head + damage + "\n" + source + sound,
    }.get(damage.split(" ")[0], head + source + damage)
    with pytest.raises(msgspec.ValidationError):
        read_claim("damaged", text)
