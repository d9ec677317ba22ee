"""Labels from files: what may be recorded of them, and what would go round the study."""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from firstmile.errors import UserError
from firstmile.study import rounds
from firstmile.study.decisions import Decisions, LabelValue, Step, label_of
from firstmile.study.folder import DECISIONS, StudyFolder
from firstmile.study.label_files import LabelFormat, export_labels, import_labels
from firstmile.study.ledger import COMPARED
from firstmile.study.overview import make_overview
from firstmile.taxonomy import Axis
from publishing.samples import LABELS, decide, issue_node, make_folder

NOW = datetime(2026, 2, 11, tzinfo=UTC)
CODES = ",".join(LABELS.values())
OTHER = "crash/cuda/out-of-memory,hardware/gpu-memory,fine-tuning"


def url_of(number: int) -> str:
    return f"https://github.com/owner/name/issues/{number}"


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    return make_folder(tmp_path / "study", [issue_node(number) for number in range(1, 5)])


@pytest.fixture
def decisions(study: StudyFolder) -> Iterator[Decisions]:
    """Yield decisions by which issues 1 to 3 wait for labels and 4 for the screen."""
    with study.decisions() as found:
        for number in (1, 2, 3):
            for rater in ("annegret", "bartholomew"):
                decide(found, number, Step.SCREEN, rater, include=True)
                decide(found, number, Step.VERIFY, rater, include=True)
        yield found


def imported(study: StudyFolder, decisions: Decisions, *rows: str, head: str = "") -> int:
    file = study.path / "mine.csv"
    lines = [f"issue,rater,symptom,cause,stage{head}", *rows]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return import_labels(study, decisions, file, written_in=LabelFormat.CSV, at=NOW)


def refused(study: StudyFolder, decisions: Decisions, *rows: str, head: str = "") -> str:
    """Import what is refused; return the sentence once nothing was recorded."""
    before = len(decisions.history())
    with pytest.raises(UserError) as error:
        imported(study, decisions, *rows, head=head)
    assert len(decisions.history()) == before
    assert "mine.csv" in str(error.value)
    return str(error.value)


def test_what_waits_for_labels_or_is_agreed_on_takes_them(
    study: StudyFolder, decisions: Decisions
) -> None:
    for rater in ("annegret", "bartholomew"):
        decide(decisions, 2, Step.LABEL, rater, **LABELS)
    rows = [f"{url_of(1)},annegret,{OTHER}", f"{url_of(2)},annegret,{OTHER}"]
    assert imported(study, decisions, *rows) == 2


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("hang/generation,,,", "cause"),
        (",api,inference,", "symptom"),
        ("hang/generation,api,,cause", "cause"),
        ("hang/generation,api,,", "stage"),
    ],
)
def test_an_axis_left_blank_is_refused_with_its_cell_and_nothing_is_recorded(
    study: StudyFolder, decisions: Decisions, row: str, column: str
) -> None:
    fine = f"{url_of(1)},annegret,{OTHER},"
    said = refused(study, decisions, fine, f"{url_of(2)},annegret,{row}", head=",cannot_tell")
    assert "mine.csv, line 3" in said
    assert column in said


def test_an_axis_that_cannot_be_told_is_said_to_be_one(
    study: StudyFolder, decisions: Decisions
) -> None:
    row = f"{url_of(1)},annegret,hang/generation,,,cause stage"
    assert imported(study, decisions, row, head=",cannot_tell") == 1
    (label,) = decisions.current(Step.LABEL)
    assert label_of(label).cannot_tell == ("cause", "stage")


def test_a_row_without_any_label_is_left_out_and_one_with_a_note_alone_is_refused(
    study: StudyFolder, decisions: Decisions
) -> None:
    blank = f"{url_of(1)},annegret,,,,"
    assert imported(study, decisions, blank, f"{url_of(2)},annegret,{OTHER},", head=",note") == 1
    said = refused(study, decisions, f"{blank}see the log", head=",note")
    assert "mine.csv, line 2, column symptom: The symptom needs a term" in said


def test_a_term_that_cannot_apply_in_the_studys_ecosystem_is_refused_as_by_the_page(
    study: StudyFolder, decisions: Decisions
) -> None:
    design = study.path / "study.toml"
    named = design.read_text(encoding="utf-8").replace(
        "[study]\n", '[study]\necosystem = "closed-source-sdk"\n'
    )
    design.write_text(named, encoding="utf-8")
    del study.__dict__["design"]
    term = next(
        one for one in study.taxonomy.of(Axis.CAUSE) if "closed-source-sdk" in one.not_applicable
    )
    barred = f"{url_of(1)},annegret,hang/generation,{term.code},inference"
    said = refused(study, decisions, barred)
    assert "mine.csv, line 2, column cause" in said
    assert "cannot apply in this study's ecosystem" in said


def test_a_quote_longer_than_the_page_takes_is_refused(
    study: StudyFolder, decisions: Decisions
) -> None:
    long = f"{url_of(1)},annegret,{OTHER},{'x' * 4001}"
    assert "column quote" in refused(study, decisions, long, head=",quote")


def test_a_rater_without_a_part_in_labelling_gives_no_label(
    study: StudyFolder, decisions: Decisions
) -> None:
    text = (study.path / "study.toml").read_text(encoding="utf-8")
    alone = f'{text}\n[label]\nraters = ["bartholomew"]\n'
    (study.path / "study.toml").write_text(alone, encoding="utf-8")
    del study.__dict__["design"]
    said = refused(study, decisions, f"{url_of(1)},annegret,{OTHER}")
    assert "annegret, who has no part in labelling" in said


def test_labels_that_were_compared_are_closed_to_files_too(
    study: StudyFolder, decisions: Decisions
) -> None:
    decide(decisions, 1, Step.LABEL, "annegret", **LABELS)
    decide(decisions, 1, Step.LABEL, "bartholomew", **{**LABELS, "stage": "fine-tuning"})
    decisions.note(COMPARED, {"issue": url_of(1), "rater": "annegret"}, at="2026-02-10T10:00:00Z")
    rows = [f"{url_of(2)},annegret,{OTHER}", f"{url_of(1)},bartholomew,{CODES}"]
    said = refused(study, decisions, *rows)
    assert url_of(1) in said
    assert "compared" in said


def test_an_adjudicated_issue_takes_no_label(study: StudyFolder, decisions: Decisions) -> None:
    decide(decisions, 1, Step.LABEL, "annegret", **LABELS)
    decide(decisions, 1, Step.ADJUDICATE, "annegret", **LABELS)
    said = refused(study, decisions, f"{url_of(1)},bartholomew,{OTHER}")
    assert f'"{url_of(1)}" is adjudicated' in said


def test_an_issue_that_nobody_verified_takes_no_label(
    study: StudyFolder, decisions: Decisions
) -> None:
    said = refused(study, decisions, f"{url_of(4)},annegret,{OTHER}")
    assert f'"{url_of(4)}" does not wait for labels (to screen)' in said


def test_a_pilot_round_that_was_not_opened_takes_no_label(
    study: StudyFolder, decisions: Decisions
) -> None:
    said = refused(study, decisions, f"{url_of(1)},annegret,{OTHER},7", head=",round")
    assert "pilot round 7" in said
    assert url_of(1) in said


def test_a_label_of_a_round_is_of_one_of_its_issues(
    study: StudyFolder, decisions: Decisions
) -> None:
    text = (study.path / "study.toml").read_text(encoding="utf-8")
    (study.path / "study.toml").write_text(f"{text}\n[label]\npilot = 1\n", encoding="utf-8")
    del study.__dict__["design"]
    rounds.open_round(study, decisions, make_overview(study, decisions).funnel, at=NOW)
    (opened,) = decisions.events("pilot-opened")
    (inside,) = opened.data["issues"]
    outside = next(url for url in map(url_of, (1, 2, 3)) if url != inside)
    said = refused(study, decisions, f"{outside},annegret,{OTHER},1", head=",round")
    assert outside in said
    assert imported(study, decisions, f"{inside},annegret,{OTHER},1", head=",round") == 1
    (label,) = decisions.current(Step.LABEL)
    assert (label.round, label_of(label).stage) == (1, "fine-tuning")


def test_labels_that_are_there_already_may_be_imported_again(
    study: StudyFolder, decisions: Decisions
) -> None:
    decide(decisions, 1, Step.LABEL, "annegret", **LABELS)
    decisions.note(COMPARED, {"issue": url_of(1), "rater": "annegret"}, at="2026-02-10T10:00:00Z")
    assert imported(study, decisions, f"{url_of(1)},annegret,{CODES}") == 0
    assert label_of(decisions.current(Step.LABEL)[0]) == msgspec.convert(LABELS, LabelValue)


def test_an_import_that_fails_half_way_records_nothing(
    study: StudyFolder, decisions: Decisions
) -> None:
    with contextlib.closing(sqlite3.connect(study.path / DECISIONS)) as other:
        other.execute(
            "CREATE TRIGGER stop BEFORE INSERT ON decisions WHEN NEW.step = 'label' "
            "AND NEW.issue LIKE '%/2' BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )
    rows = [f"{url_of(number)},annegret,{CODES}" for number in (1, 2, 3)]
    with pytest.raises(UserError, match="the disk is full"):
        imported(study, decisions, *rows)
    assert decisions.history(step=Step.LABEL) == []
    assert decisions.events() == []


def test_an_export_of_nothing_is_a_sentence_and_no_file(
    study: StudyFolder, decisions: Decisions
) -> None:
    out = study.path / "out.json"
    for written_in, said in (
        (LabelFormat.CSV, "No issue is labelled yet, so nothing was written: firstmile study stat"),
        (LabelFormat.LABEL_STUDIO, "No issue waits to be labelled, so nothing was written"),
    ):
        if written_in is LabelFormat.LABEL_STUDIO:
            assert export_labels(study, decisions, out, written_in=written_in)
            out.unlink()
            for number in (1, 2, 3):
                for rater in ("annegret", "bartholomew"):
                    decide(decisions, number, Step.LABEL, rater, **LABELS)
        with pytest.raises(UserError, match=said):
            export_labels(study, decisions, out, written_in=written_in)
        assert not out.exists()
    assert export_labels(study, decisions, out, written_in=LabelFormat.CSV) == [out]
