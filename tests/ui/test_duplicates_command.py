"""`firstmile study duplicates`: a group that is wrong is mended by hand, and stays so."""

import json
from datetime import date
from pathlib import Path

import pytest

from firstmile.study.decisions import Step
from firstmile.study.folder import DECISIONS, StudyFolder
from firstmile.study.funnel import Place
from firstmile.study.ledger import Ledger
from firstmile.study.overview import make_overview
from firstmile.study.publishing import gather
from firstmile.study.queues import Queues

from .command_line import DESIGN, Command
from .web import studies

FIRST, SECOND, THIRD = (studies.url_of(1, f"acme/{name}") for name in ("a", "b", "c"))
OTHER = studies.url_of(2, "acme/a")
WHY = ("--rater", "ada", "--reason", "another card")


@pytest.fixture
def study(tmp_path: Path, command: Command) -> StudyFolder:
    """Return a screened study in which one report stands in three repositories."""
    folder = studies.make(tmp_path / "study", studies.REPORTS[2:5], design=DESIGN)
    studies.add_issues(folder, studies.REPORTS[:2], repository="acme/a")
    for name in ("b", "c"):
        studies.add_issues(folder, studies.REPORTS[:1], repository=f"acme/{name}")
    assert command("study", "screen", folder.path)[0] == 0
    return folder


def places(folder: StudyFolder) -> list[Place]:
    with folder.decisions() as decisions:
        standings = make_overview(folder, decisions).funnel.standings
    return [standings[url].place for url in (FIRST, SECOND, THIRD, OTHER)]


def judged(command: Command, folder: StudyFolder, *options: str) -> str:
    status, out = command("study", "duplicates", folder.path, *options, *WHY)
    assert status == 0, command.err
    return " ".join(out.split())


IN, OUT = Place.TO_SCREEN, Place.DUPLICATE


def test_a_wrong_group_is_taken_apart_and_stays_so_after_the_next_screen(
    command: Command, study: StudyFolder
) -> None:
    assert places(study) == [IN, OUT, OUT, IN]
    said = judged(command, study, "--not", FIRST, THIRD)
    assert said == f"Recorded: not the same, says ada. {THIRD} goes to the raters again."
    for _time in range(2):
        assert places(study) == [IN, OUT, IN, IN]
        assert command("study", "screen", study.path)[0] == 0
    ledger = Ledger(study.path / DECISIONS)
    queues = Queues(study, ledger)
    ledger.catch_up()
    queues.refresh()
    assert THIRD in queues.pool(Step.SCREEN)
    assert SECOND not in queues.pool(Step.SCREEN)
    ledger.close()
    _status, out = command("study", "duplicates", study.path, "--format", "json")
    listed = json.loads(out)
    assert [group["members"] for group in listed["groups"]] == [[FIRST, SECOND]]
    assert [(one["same"], one["rater"], one["reason"]) for one in listed["judgements"]] == [
        (False, "ada", "another card")
    ]
    assert f"Not the same: {FIRST} and {THIRD}" in command("study", "duplicates", study.path)[1]


def test_what_the_screen_did_not_see_is_put_together_by_hand(
    command: Command, study: StudyFolder
) -> None:
    said = judged(command, study, "--same", OTHER, FIRST)
    assert f"{OTHER} leaves as a duplicate of {FIRST}" in said
    assert places(study) == [IN, OUT, OUT, OUT]
    _status, out = command("study", "status", study.path)
    assert "the same failure, as a rater judged" in out
    assert "judged: ada: another card" in command("study", "duplicates", study.path)[1]
    judged(command, study, "--not", OTHER, FIRST)
    assert places(study) == [IN, OUT, OUT, IN]


def test_what_is_published_follows(command: Command, study: StudyFolder) -> None:
    judged(command, study, "--not", FIRST, SECOND)
    judged(command, study, "--not", FIRST, THIRD)
    studies.include_all(study)
    for rater in ("ada", "ben"):
        codes = {"symptom": "hang/generation", "cause": "api", "stage": "inference"}
        studies.label(study, FIRST, rater, **codes)
    with study.decisions() as decisions:
        (row,) = gather(study, decisions, published=date(2026, 11, 27)).rows
    assert row.duplicate_group is None
    command("study", "screen", study.path)
    assert "never leaves" in judged(command, study, "--same", SECOND, THIRD)


def test_a_judgement_before_the_screen_counts_once_it_is_made(
    command: Command, tmp_path: Path
) -> None:
    folder = studies.make(tmp_path / "study", studies.REPORTS[:1], design=DESIGN)
    for name in ("a", "b", "c"):
        studies.add_issues(folder, studies.REPORTS[:2], repository=f"acme/{name}")
    said = judged(command, folder, "--not", FIRST, SECOND)
    assert f"counts once the study is screened: firstmile study screen {folder.path}" in said
    command("study", "screen", folder.path)
    assert places(folder)[:3] == [IN, IN, OUT]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--not", FIRST, SECOND), "--rater with a name"),
        (("--not", FIRST, SECOND, "--rater", "ada"), "give one with --reason"),
        (("--not", FIRST, SECOND, "--same", FIRST, SECOND, *WHY), "one of --not and --same"),
        (("--same", FIRST, "https://github.com/acme/a/issues/99", *WHY), "is no issue of the"),
        (("--not", FIRST, SECOND, "--rater", "eve", "--reason", "x"), 'no rater "eve"'),
        (WHY, "go with --not or --same"),
    ],
)
def test_what_a_judgement_lacks_is_one_sentence(
    command: Command, study: StudyFolder, options: tuple[str, ...], said: str
) -> None:
    assert said in command.refused("study", "duplicates", study.path, *options)


def test_what_was_in_one_group_already_is_said_to_be_so(
    command: Command, study: StudyFolder
) -> None:
    judged(command, study, "--same", FIRST, SECOND)
    said = judged(command, study, "--same", FIRST, SECOND)
    assert said.endswith("Nothing else changes: they were in one group already.")
    assert "verified or labelled" not in said


def test_judgements_make_a_published_set_old_and_stand_in_it(
    command: Command, study: StudyFolder
) -> None:
    studies.include_all(study)
    for rater in ("ada", "ben"):
        studies.label(
            study, FIRST, rater, symptom="hang/generation", cause="api", stage="inference"
        )
    judged(command, study, "--not", FIRST, SECOND)
    status, out = command("study", "publish", study.path)
    assert (status, ", 1 judgement on duplicates." in " ".join(out.split())) == (0, True)
    (line,) = (study.published / "judgements.jsonl").read_text().splitlines()
    assert json.loads(line)["same"] is False
    assert "since the set was published" not in command("study", "status", study.path)[1]
    judged(command, study, "--not", FIRST, THIRD)
    said = " ".join(command("study", "status", study.path)[1].split())
    assert "decisions were made since the set was published" in said
