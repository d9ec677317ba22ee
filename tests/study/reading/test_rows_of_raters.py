"""Labels of single raters are no final labels: refused where each issue would count twice."""

import json
from pathlib import Path

import pytest

from firstmile.study.decisions import LabelValue
from firstmile.study.exchange import RaterLabel, csv_labels
from firstmile.study.publishing import publish
from firstmile.study.reading import read_source
from publishing.samples import dataset
from reading.sources import Refusal

CODES = LabelValue(symptom="hang/generation", cause="api", stage="inference")
OTHER = LabelValue(symptom="hang/generation", cause="environment", stage="inference")
UNTOLD = LabelValue(symptom="hang/generation", stage="inference", cannot_tell=("cause",))


def label(number: int, rater: str, value: LabelValue = CODES) -> RaterLabel:
    return RaterLabel(
        issue=f"https://github.com/owner/name/issues/{number}", rater=rater, value=value
    )


def test_the_exported_labels_of_two_raters_are_refused(tmp_path: Path, refusal: Refusal) -> None:
    file = tmp_path / "labels.csv"
    both = [label(1, "ada"), label(1, "ben", OTHER), label(2, "ada"), label(2, "ben", UNTOLD)]
    file.write_text(csv_labels([*both, label(3, "ada")]), encoding="utf-8")
    assert refusal(file) == (
        'labels.csv holds labels of single raters (column "rater"; 2 issues stand in several '
        "rows), each of which would count as a failure: give the final labels, one row an issue, "
        "such as the study's folder after firstmile study publish."
    )


def test_columns_that_a_study_toml_maps_are_looked_at_too(tmp_path: Path, refusal: Refusal) -> None:
    rows = "sym,why,when,at,Coder\nhang,api,inference,x,1\nslow,api,inference,x,2\n"
    (tmp_path / "mine.csv").write_text(rows)
    (tmp_path / "study.toml").write_text(
        '[data]\nfiles = ["mine.csv"]\n'
        '[columns]\nsymptom = "sym"\ncause = "why"\nstage = "when"\nissue = "at"\n'
    )
    said = refusal(tmp_path)
    assert said.startswith('mine.csv holds labels of single raters (column "Coder"; 1 issue stands')


def test_the_decisions_beside_a_published_set_are_no_failures(
    tmp_path: Path, refusal: Refusal
) -> None:
    out = publish(dataset(), tmp_path / "published")
    said = refusal(out / "decisions.jsonl")
    assert said.startswith("decisions.jsonl holds labels of single raters")


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_one_rater_a_row_is_read_and_said(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"labels.{suffix}"
    text = csv_labels([label(1, "ada"), label(2, "ben")])
    if suffix == "jsonl":
        head, *rows = [line.split(",") for line in text.splitlines()]
        text = "".join(json.dumps(dict(zip(head, row, strict=True))) + "\n" for row in rows)
    file.write_text(text, encoding="utf-8")
    reading = read_source(str(file))
    assert len(reading.failures) == 2
    (found,) = [one for one in reading.findings if one.source == "label-of-one-rater"]
    assert found.message.startswith("2 records carry the labels of one rater each")
    assert [one.text for one in found.evidence] == ["rater"]
