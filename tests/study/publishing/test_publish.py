"""A study is published whole: the same bytes for the same data, tables that agree, no surprises."""

import csv
import io
import json
import subprocess
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from firstmile.errors import UserError
from firstmile.study.analysis import run_analyses
from firstmile.study.counts import RowCounts
from firstmile.study.plain import plain
from firstmile.study.publishing import Dataset, publish, published_files, verify_published
from firstmile.study.reading import read_source
from firstmile.taxonomy import Axis
from publishing.samples import QUICK, dataset, row

FILES = {
    "CITATION.cff",
    "CODEBOOK.md",
    "DATASHEET.md",
    "LICENSE",
    "PRIVACY.md",
    "README.md",
    "SHA256SUMS",
    "agreement.json",
    "codebook.json",
    "croissant.json",
    "decisions.jsonl",
    "deleted.json",
    "design.json",
    "failures.jsonl",
    "failures.parquet",
    "funnel.csv",
    "funnel.json",
    "judgements.jsonl",
    "publication.json",
    "study.toml",
    "open-llm-failures/QwenLM/Qwen3/Qwen3.json",
    "open-llm-failures/other/github-dot/github-dot.json",
    "open-llm-failures/owner/name/name.json",
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(dataset(), tmp_path_factory.mktemp("out") / "published")


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_a_published_folder_holds_these_files(published: Path) -> None:
    assert names(published) == FILES
    assert verify_published(published) == len(FILES)


def test_the_same_data_set_gives_the_same_bytes() -> None:
    assert published_files(dataset()) == published_files(dataset())


def test_the_order_of_rows_and_decisions_changes_nothing() -> None:
    whole = dataset()
    turned = dataset(rows=whole.rows[::-1], decisions=whole.decisions[::-1])
    assert published_files(turned) == published_files(whole)


def test_checksums_are_those_that_sha256sum_checks(published: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"],
        cwd=published,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {line.removesuffix(": OK") for line in done.stdout.splitlines()} == FILES - {
        "SHA256SUMS"
    }


def test_a_changed_byte_is_seen_by_sha256sum(tmp_path: Path) -> None:
    folder = publish(dataset(), tmp_path / "published")
    (folder / "failures.jsonl").write_bytes(b"{}\n")
    done = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 1


def test_parquet_holds_the_rows_of_the_json_lines_with_typed_days(published: Path) -> None:
    table = pq.read_table(published / "failures.parquet")
    rows = records(published / "failures.jsonl")
    held = [
        {n: v.isoformat() if isinstance(v, date) else v for n, v in one.items()}
        for one in table.to_pylist()
    ]
    assert held == rows
    assert len(rows) == 5
    assert str(table.schema.field("created").type) == "date32[day]"
    assert all(field.metadata[b"description"] for field in table.schema)
    assert not table.schema.field("issue").nullable


def test_a_row_carries_codes_labels_and_how_it_was_decided(published: Path) -> None:
    found = next(r for r in records(published / "failures.jsonl") if r["number"] == 3)
    assert found["symptom"] == "crash/cuda/out-of-memory"
    assert found["symptom_label"] == "Crash - CUDA Error - Out of Memory"
    assert (found["stage"], found["stage_label"]) == ("fine-tuning", "Fine-tuning")
    assert found["decided_by"] == "adjudicated"
    assert found["created"] == "2025-01-04"
    assert found["version"] is None
    assert "title" not in found


def test_every_decision_is_published_under_its_pseudonym(published: Path) -> None:
    found = records(published / "decisions.jsonl")
    assert [one["order"] for one in found] == [1, 2, 3, 4, 5]
    assert {one["rater"] for one in found} == {"rater-1", "rater-2"}
    assert found[2]["suggested_cause"] == "api"
    assert found[3]["cannot_tell"] == ["cause"]
    assert found[4]["step"] == "adjudicate"
    assert all("note" not in one for one in found)


def counted(source: Path) -> dict[str, Any]:
    failures = read_source(str(source)).failures
    labels = Counter(
        zip(
            *(failures.columns[name].values() for name in ("symptom_leaf", "cause_leaf", "stage")),
            strict=True,
        )
    )
    others = {
        name: Counter(
            column.values() if (column := failures.column(name)) else [None] * len(failures)
        )
        for name in ("issue", "repository", "series", "version", "architecture", "status")
    }
    return {"labels": labels, **others}


def test_folder_json_lines_parquet_and_published_layout_give_the_same_numbers(
    published: Path,
) -> None:
    whole = counted(published)
    assert sum(whole["labels"].values()) == 5
    assert whole["series"] == {None: 4, "Qwen": 1}
    for place in ("failures.jsonl", "failures.parquet", "open-llm-failures", "study.toml"):
        assert counted(published / place) == whole, place


def test_reports_on_folder_and_layout_say_the_same_but_for_the_dates(tmp_path: Path) -> None:
    """The layout of the published set has no dates, so what needs them is not known there."""
    causes, symptoms = (
        [term.code for term in dataset().codebook.leaves(axis)]
        for axis in (Axis.CAUSE, Axis.SYMPTOM)
    )
    rows = tuple(
        row(
            n,
            repository=("QwenLM/Qwen3", "deepseek-ai/DeepSeek-V3", "meta-llama/llama")[n % 3],
            cause=causes[n * n % len(causes)],
            symptom=symptoms[n * 5 % len(symptoms)],
            stage=("inference", "fine-tuning")[n % 2],
            created=date(2023 + n % 3, n % 12 + 1, 5),
        )
        for n in range(1, 80)
    )
    folder = publish(dataset(rows=rows, decisions=()), tmp_path / "published")
    whole, layout = (
        {
            name: plain(outcome.result)
            for name, outcome in run_analyses(
                RowCounts(read_source(str(place)).failures), QUICK
            ).items()
        }
        for place in (folder, folder / "open-llm-failures")
    )
    assert {name for name in whole if whole[name] != layout[name]} == {"creation_time"}
    assert sum(result is not None for result in layout.values()) > 10


def test_a_report_compares_versions_and_architectures_where_they_are_stated(
    tmp_path: Path,
) -> None:
    causes = [term.code for term in dataset().codebook.leaves(Axis.CAUSE)]
    stated = (
        {"series": "Grain", "version": "Grain-1", "architecture": "dense"},
        {"series": "Grain", "version": "Grain-2", "architecture": "mixture of experts"},
    )

    def found(name: str, models: tuple[dict[str, str], ...]) -> dict[str, Any]:
        rows = tuple(
            row(n, repository=("a/one", "a/two")[n % 2], cause=causes[n % 9], **models[n % 2])
            for n in range(1, 61)
        )
        folder = publish(dataset(rows=rows, decisions=()), tmp_path / name)
        counts = RowCounts(read_source(str(folder)).failures)
        return {key: plain(one.result) for key, one in run_analyses(counts, QUICK).items()}

    with_models = found("with", stated)
    changes = with_models["version_changes"]
    assert changes is not None
    assert {(one["first"], one["second"]) for one in changes["contrasts"]} == {
        ("Grain-2", "Grain-1")
    }
    assert with_models["repositories_and_architecture"]["architectures"] == 2
    assert found("without", ({}, {}))["version_changes"] is None


def test_the_published_labels_come_back_as_they_are(data_folder: Path, tmp_path: Path) -> None:
    """The study's own 703 issues, published by us in its layout, give its own numbers."""
    theirs = read_source(str(data_folder / "open-llm-failures")).failures
    values = {name: column.values() for name, column in theirs.columns.items()}
    rows, places = [], []
    seen: set[str] = set()
    for place in range(len(theirs)):
        one = {name: column[place] for name, column in values.items()}
        issue = str(one["issue"])
        if issue in seen:
            continue
        seen.add(issue)
        places.append(place)
        rows.append(
            row(
                int(issue.rsplit("/", 1)[1]),
                repository=one["repository"],
                symptom=one["symptom_leaf"],
                cause=one["cause_leaf"],
                stage=one["stage"],
                series=one["series"],
                version=one["version"],
                architecture=one["architecture"],
                status=one["status"],
                created=None,
            )
        )
    folder = publish(dataset(rows=tuple(rows), decisions=()), tmp_path / "published")
    kept = RowCounts(theirs.take(np.array(places)))
    for ours in (folder, folder / "open-llm-failures"):
        mine = RowCounts(read_source(str(ours)).failures)
        assert len(mine.failures) == 703
        for table in (("symptom", "cause"), ("series", "cause"), ("stage", "symptom_leaf")):
            a, b = mine.table(*table).without_empty(), kept.table(*table).without_empty()
            assert (a.row_codes, a.column_codes) == (b.row_codes, b.column_codes)
            assert np.array_equal(a.counts, b.counts), table


def test_the_funnel_is_there_with_its_reasons(published: Path) -> None:
    said = json.loads((published / "funnel.json").read_bytes())
    assert [step["name"] for step in said["steps"]] == ["Keyword screen", "Reviewer screen"]
    assert said["steps"][1]["reasons"] == {"question": 60, "feature-request": 30}
    assert {"question", "feature-request"} <= {one["id"] for one in said["reasons"]}
    table = list(csv.reader(io.StringIO((published / "funnel.csv").read_text())))
    assert table[0] == ["step", "reason", "came in", "left", "wait", "went on"]
    assert table[1] == ["Keyword screen", "", "1200", "1100", "0", "100"]
    assert table[2][1] == "no-keyword"


def test_the_codebook_is_there_whole(published: Path) -> None:
    whole = dataset().codebook
    terms = json.loads((published / "codebook.json").read_bytes())["terms"]
    assert [term["code"] for term in terms] == [term.code for term in whole.terms]
    page = (published / "CODEBOOK.md").read_text()
    assert all(f"\n\nCode {term.code}. " in page for term in whole.terms)


def test_figures_that_are_no_number_become_null(tmp_path: Path) -> None:
    folder = publish(
        dataset(agreement={"kappa": float("nan"), "all": [float("inf"), 1.5]}), tmp_path / "p"
    )
    assert json.loads((folder / "agreement.json").read_bytes()) == {
        "kappa": None,
        "all": [None, 1.5],
    }


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": " "}, "no name"),
        ({"rows": ()}, "nothing to publish"),
        ({"version": "1.0"}, '"1.0"; a data set\'s version has three numbers'),
        ({"url": "example.org"}, "no web address"),
        ({"url": "javascript:alert(1)"}, "no web address"),
        ({"rows": (row(1), row(1))}, "final labels twice"),
        ({"rows": (row(1, cause="hardware/gpu-memry"),)}, "nearest: hardware/gpu-memory"),
        ({"rows": (row(1, cause="crash"),)}, 'the cause "crash"'),
        ({"rows": (row(1, issue="https://github.com/a/b/issues/x"),)}, "no address of an issue"),
        ({"rows": (row(1, repository="../.."),)}, "not owner/name"),
        (
            {"rows": (row(1, issue="https://github.com/a/b/issues/1", repository="a/.."),)},
            "not owner/name",
        ),
    ],
)
def test_what_cannot_be_published_is_one_sentence(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError) as refused:
        dataset(**changes)
    assert told in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_rater_without_a_pseudonym_is_a_defect_of_ours() -> None:
    from firstmile.study.publishing import RaterFacts

    with pytest.raises(ValueError, match="no pseudonym"):
        dataset(raters=(RaterFacts(name="annegret"),), decisions=())


def test_repositories_that_differ_in_case_alone_share_a_file() -> None:
    rows = (row(1, repository="Owner/Name"), row(2, repository="owner/name"))
    files = published_files(dataset(rows=rows, decisions=()))
    layout = [name for name in files if name.startswith("open-llm-failures/")]
    assert len(layout) == 1
    assert len(json.loads(files[layout[0]])) == 2


def test_names_that_would_be_hidden_or_fall_together_keep_their_rows() -> None:
    names = ("o/.github", "o/github-dot", "o/github.", "o/..x..", "o/...")
    rows = tuple(row(n, repository=name) for n, name in enumerate(names, 1))
    files = published_files(dataset(rows=rows, decisions=()))
    layout = [name for name in files if name.startswith("open-llm-failures/")]
    assert sum(len(json.loads(files[name])) for name in layout) == len(names)
    assert not any(part.startswith(".") for name in layout for part in name.split("/"))


def test_counts_of_classes_on_the_card_add_up_to_the_rows() -> None:
    from firstmile.study.publishing.statements import classes

    whole: Dataset = dataset()
    assert all(sum(classes(whole, axis).values()) == len(whole.rows) for axis in Axis)
