"""A plan of a study that has begun says what is left, by its store and its decisions."""

from pathlib import Path

import msgspec
import pytest

from firstmile.study.collecting import collect
from firstmile.study.costs import plan_study
from firstmile.study.decisions import LabelValue, ScreenValue, Step
from firstmile.study.design import parse_design
from firstmile.study.folder import StudyFolder, make_study
from firstmile.study.machine_screen import screen_by_machine
from firstmile.study.planning import Begun, Plan, make_plan, plan_sentences
from sources.export_files import lines, rest_issue

DESIGN = """[study]
name = "Ours"
question = "What fails?"
authors = ["Ada Example"]
[[sources]]
kind = "rest-export"
files = ["*.jsonl"]
[[raters]]
name = "ada"
[[raters]]
name = "ben"
[screen]
keywords = ["breaks"]
audit = 2
"""
CODES = {"symptom": "hang/generation", "cause": "api", "stage": "inference"}


def issue(number: int, body: str) -> dict[str, object]:
    words = " ".join(f"w{number}o{place}" for place in range(30))
    return rest_issue(number, title=f"Issue {words[:20]}", body=f"{body} {words}")


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """Return a study of ten issues, eight of which pass the keywords, collected."""
    made = make_study(tmp_path / "study", DESIGN)
    bodies = ["It breaks."] * 8 + ["A question."] * 2
    records = [issue(number, body) for number, body in enumerate(bodies, 1)]
    (made.path / "a.jsonl").write_bytes(lines(records))
    collect(made)
    made.store.refresh(made.archive)
    return made


def decide(study: StudyFolder, step: Step, rater: str, *numbers: int, keep: bool = True) -> None:
    value = (
        msgspec.convert(CODES, LabelValue)
        if step is Step.LABEL
        else ScreenValue(include=keep, reason=None)
    )
    with study.decisions() as decisions:
        for number in numbers:
            decisions.append(
                f"https://github.com/o/r/issues/{number}",
                step,
                rater,
                value,
                codebook="1.0.0",
                at="2026-01-01T00:00:00Z",
                key=f"{step} {rater} {number}",
            )


def left(plan: Plan) -> dict[str, int]:
    return {step.name: step.issues for step in plan.steps}


def seconds(plan: Plan, name: str) -> int:
    (step,) = [step for step in plan.steps if step.name == name]
    return round(step.hours * 3600)


def test_what_the_keywords_left_out_is_not_planned_to_be_read(study: StudyFolder) -> None:
    screen_by_machine(study)
    plan = plan_study(study)
    assert (plan.issues, plan.collected) == (10, 10)
    assert left(plan)["Reviewer screen"] == 8
    assert seconds(plan, "Reviewer screen") == 8 * 2 * 20


def test_readings_that_were_made_are_not_planned_again(study: StudyFolder) -> None:
    screen_by_machine(study)
    decide(study, Step.SCREEN, "ada", 1, 2, 3)
    decide(study, Step.SCREEN, "ada", 4, keep=False)
    decide(study, Step.VERIFY, "ada", 1, 2)
    decide(study, Step.LABEL, "ada", 1)
    plan = plan_study(study)
    assert left(plan)["Reviewer screen"] == 5
    assert seconds(plan, "Reviewer screen") == (4 * 2 + 1) * 20
    said = plan_sentences(plan)
    assert said[0] == "10 issues are collected; collecting again asks only for what is new."
    assert said[1] == "7 decisions stand on record."
    assert said[2].startswith("Reviewer screen: 5 issues left, ")
    assert said[-1].startswith("Reading left in all: ")


def test_a_study_that_is_all_labelled_has_nothing_left(study: StudyFolder) -> None:
    screen_by_machine(study)
    for rater in ("ada", "ben"):
        for step in (Step.SCREEN, Step.VERIFY, Step.LABEL):
            decide(study, step, rater, *range(1, 9))
    text = DESIGN.replace("audit = 2", "audit = 0")
    (study.path / "study.toml").write_text(text, encoding="utf-8")
    plan = plan_study(StudyFolder.open(study.path))
    assert plan.hours == 0
    assert plan_sentences(plan)[1:] == ["48 decisions stand on record.", "Nothing is left to read."]


def test_issues_that_are_not_collected_yet_are_expected_after_those_that_are(
    study: StudyFolder,
) -> None:
    screen_by_machine(study)
    more = [issue(number, "It breaks.") for number in range(101, 201)]
    (study.path / "b.jsonl").write_bytes(lines(more))
    plan = plan_study(study)
    assert (plan.issues, plan.collected) == (110, 10)
    assert "10 issues are collected, 100 issues are left, from files" in plan_sentences(plan)[0]
    assert left(plan)["Reviewer screen"] == 8 + round(100 * 2_176 / 5_302)


def test_a_drawn_sample_is_planned_as_far_as_it_is_unread() -> None:
    import tomllib

    design = parse_design(tomllib.loads(DESIGN), "study.toml")
    for unaudited, planned in ((None, 2), (1, 1), (0, 0)):
        begun = Begun(discarded=5, unaudited=unaudited)
        plan = make_plan(design, {"a": 10}, begun=begun, collected={"a": 10})
        assert left(plan)["Audit of what was discarded"] == planned


def planned(tmp_path: Path, design: str) -> str:
    made = make_study(tmp_path / "new", design)
    (made.path / "a.jsonl").write_bytes(lines([issue(1, "It breaks.")]))
    return " ".join(plan_sentences(plan_study(made)))


def test_a_plan_names_the_title_that_nobody_changed_and_what_is_empty(tmp_path: Path) -> None:
    bare = DESIGN.replace('"Ours"', '"Failures reported in owner/name"')
    bare = bare.replace('question = "What fails?"\n', "").replace('["Ada Example"]', "[]")
    said = planned(tmp_path / "bare", bare)
    assert "does not state study.name, study.question, study.authors yet" in said
    assert "does not state" not in planned(tmp_path / "whole", DESIGN)


def test_a_plan_for_one_rater_says_that_no_agreement_can_be_published(tmp_path: Path) -> None:
    alone = DESIGN.replace('[[raters]]\nname = "ben"\n', "")
    said = planned(tmp_path / "alone", alone)
    assert "Only ada labels, so no figure of agreement can be published" in said
    assert "Only ada labels" not in planned(tmp_path / "two", DESIGN)
