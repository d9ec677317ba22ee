"""The raters' work on the command line: pilot rounds, agreement, labels that come and go."""

import json
import re
from pathlib import Path

import pytest

from firstmile.study.settings import read_confusions

from .command_line import Command


@pytest.mark.long
def test_agreement_is_said_and_written(command: Command, labelled: Path, tmp_path: Path) -> None:
    status, out = command("study", "agree", labelled, "--out", tmp_path / "agreement")
    assert status == 0, command.err
    assert "Gwet's AC1" in out
    written = {path.name for path in (tmp_path / "agreement").iterdir()}
    assert {"index.html", "report.json", "confusion-symptom.csv", "confusion-cause.csv"} <= written
    confusion = f"symptom={tmp_path / 'agreement' / 'confusion-symptom.csv'}"
    (matrix,) = read_confusions([confusion]).values()
    assert matrix.sum(axis=1) == pytest.approx(1)


@pytest.mark.long
def test_publishing_and_reporting_need_no_other_step(
    command: Command, labelled: Path, tmp_path: Path
) -> None:
    assert "is not published yet" in command.refused("study", "report", labelled)
    status, out = command("study", "publish", labelled)
    assert status == 0, command.err
    assert out.splitlines()[-1] == str(labelled / "published")
    assert command("study", "publish", labelled, "--check")[0] == 0
    status, out = command("study", "report", labelled)
    assert status == 0, command.err
    assert "5 labelled failures" in out
    assert (labelled / "report" / "index.html").is_file()


def test_labels_go_out_and_come_back(command: Command, labelled: Path, tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    assert command("study", "export", labelled, "--out", file)[0] == 0
    assert "0 labels recorded" in command("study", "import", labelled, file)[1]
    text = file.read_text(encoding="utf-8").replace("slow/inference", "slow/loading")
    file.write_text(text, encoding="utf-8", newline="")
    assert "1 label recorded" in command("study", "import", labelled, file)[1]
    file.write_text(text.replace(",ada,", ",adda,", 1), encoding="utf-8", newline="")
    assert re.search(r'labels\.csv.*"adda"', command.refused("study", "import", labelled, file))
    tasks = tmp_path / "tasks.json"
    _status, out = command("study", "export", labelled, "--format", "label-studio", "--out", tasks)
    assert out.split() == [str(tasks), str(tmp_path / "tasks.xml")]
    assert len(json.loads(tasks.read_text())) == 6


def test_a_person_is_no_model(command: Command, labelled: Path) -> None:
    said = command.refused("study", "label", labelled, "--rater", "ada")
    assert '"ada" is a person' in said
    assert "there: ada, ben" in command.refused("study", "label", labelled, "--rater", "eve")
