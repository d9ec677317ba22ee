"""One of a thing is said in the singular, whatever command says it."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firstmile.study.machine_screen import screen_by_machine
from firstmile.study.overview import make_overview
from firstmile.study.screening_run import freeze_ranking, plan_freeze, recall_sentences
from firstmile.study.wording import counted
from firstmile.ui import cli

from .web import studies

DESIGN = '[study]\nname = "One"\n[[raters]]\nname = "ada"\n[screen]\naudit = 1\n'
WRONG = re.compile(
    r"\b(?<![.,\d])1 (issues|labels|decisions|failures|files|terms|raters|requests|hours|minutes|"
    r"groups|rounds|ratings|standing labels|discarded issues|account names|\w+ are|\w+ wait)\b"
)


def test_a_number_goes_with_its_noun() -> None:
    assert counted(1, "issue") == "1 issue"
    assert counted(1_200, "issue") == "1,200 issues"
    assert counted(1, "issue waits", "issues wait") == "1 issue waits"
    assert counted(0, "issue waits", "issues wait") == "0 issues wait"


def test_a_study_of_one_issue_is_spoken_of_in_the_singular(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = studies.make(tmp_path / "one", studies.REPORTS[:1], design=DESIGN)
    path = str(folder.path)

    def said(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            cli.main([*arguments])
        assert not ended.value.code, capsys.readouterr()
        both = capsys.readouterr()
        return " ".join((both.out + both.err).split())

    texts = [said("study", "screen", path), said("study", "status", path)]
    studies.include_all(folder)
    texts.append(said("study", "status", path))
    codes = {"symptom": "hang/generation", "cause": "api", "stage": "inference"}
    studies.label(folder, studies.url_of(1), "ada", **codes)
    texts += [
        said("study", name, path) for name in ("status", "agree", "codebook", "publish", "pilot")
    ]
    texts.append(said("study", "publish", path, "--check"))
    file = tmp_path / "labels.csv"
    said("study", "export", path, "--out", str(file))
    file.write_text(file.read_text().replace("hang/generation", "hang/fine-tuning"))
    texts.append(said("study", "import", path, str(file)))
    assert "1 label recorded" in texts[-1]
    assert "1 failure is labelled" in " ".join(texts)
    for text in texts:
        assert not WRONG.search(text), text


def test_an_audit_of_one_issue_is_spoken_of_in_the_singular(tmp_path: Path) -> None:
    folder = studies.make(tmp_path / "audit", studies.REPORTS[:1], design=DESIGN)
    screen_by_machine(folder)
    with folder.decisions() as decisions:
        planned = plan_freeze(folder, decisions).sentence()
        freeze_ranking(folder, decisions, at=datetime(2026, 11, 20, tzinfo=UTC))
        funnel = make_overview(folder, decisions).funnel
        waiting = " ".join(recall_sentences(folder, decisions, funnel))
    assert "1 issue that nobody has read will be given up" in planned
    assert "a random sample of 1 of the 1 discarded issue will be drawn" in planned
    assert "known once 1 issue of the random sample is read" in waiting
    assert "for the audit, to be read on its whole thread by ada, about 2 minutes." in planned
