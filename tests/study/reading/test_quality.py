"""Each rule of data quality: what it flags, and that it says when it looked and found nothing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from firstmile.findings import Finding, Outcome
from firstmile.study.reading import Reading, read_source
from firstmile.study.reading.quality import judge, rules
from firstmile.study.reading.records import Records
from firstmile.taxonomy import Axis, load_taxonomy
from reading.sources import Row, published_row, write_folder

Find = Callable[..., Finding]

LLAMA = {
    "link": "https://github.com/example/Llama-demo/issues/9",
    "model": "Llama-7B",
    "architecture": "MoE",
}


def reads(folder: Path, *rows: Row) -> Path:
    return write_folder(folder, set=rows)


def twice(folder: Path, **changes: object) -> Path:
    """Write two records of which the second has changes."""
    return reads(folder, published_row(1), published_row(2, **changes))


def table(folder: Path, text: str) -> Path:
    path = folder / "set.csv"
    path.write_text(text)
    return path


WARNED: dict[str, Callable[[Path], Path]] = {
    "field-missing": lambda f: twice(f, status=None),
    "line-break-in-a-value": lambda f: table(
        f, 'symptom,cause,stage,version\nhang,api,inference,"a\nb"\n'
    ),
    "column-absent": lambda f: write_folder(
        f, a=[published_row(1)], b=[published_row(1, status=None)]
    ),
    "column-not-read": lambda f: reads(f, published_row(1, extra="x")),
    "value-spelled-variously": lambda f: twice(f, model="qwen-Demo"),
    "invisible-characters": lambda f: twice(f, model="Qwen\x1b[0m"),
    "status-not-known": lambda f: twice(f, status="merged"),
    "closed-is-not-resolved": lambda f: twice(f, status="closed"),
    "series-not-known": lambda f: twice(f, model="m", link="https://example.org/1"),
    "series-contradicted": lambda f: twice(
        f, model="DeepSeek-X", link="https://github.com/QwenLM/Qwen/issues/102"
    ),
    "one-series-only": lambda f: twice(f),
    "model-names-the-repository": lambda f: twice(f, **LLAMA),
    "architecture-follows-repository": lambda f: twice(f, **LLAMA),
    "issue-labelled-twice": lambda f: twice(f, link=published_row(1)["link"], STAGE="Fine-tuning"),
    "record-repeated": lambda f: twice(f, link=published_row(1)["link"]),
    "label-of-one-rater": lambda f: table(
        f, "symptom,cause,stage,Annotator\nhang,api,inference,ada\nslow,api,inference,ben\n"
    ),
    "duplicates-not-known": lambda f: table(
        f, "symptom,cause,stage,cluster\nhang,api,inference,1\nslow,api,inference,1\n"
    ),
    "link-rewritten": lambda f: twice(f, link=published_row(2)["link"] + "#issuecomment-1"),
    "link-names-no-issue": lambda f: twice(f, link="https://example.org/1"),
    "repository-renamed": lambda f: twice(
        f, link="https://github.com/facebookresearch/llama/issues/1"
    ),
    "label-normalized": lambda f: twice(f, STAGE=" inference"),
    "label-stops-early": lambda f: twice(f, SYMPTOM="Crash - CUDA Error"),
    "stage-contradicts-label": lambda f: twice(f, SYMPTOM="Hang - Fine-tuning Process Stuck"),
    "class-without-failures": lambda f: twice(f),
    "license-absent": lambda f: twice(f),
    "readme-counts-differ": lambda f: with_file(twice(f), "README.md", "We hold 3 cases."),
    "number-is-a-row-index": lambda f: twice(f),
    "numbering-broken": lambda f: twice(f, number=5),
    "folder-name-ends-in-space": lambda f: write_folder(f, **{"Qwen __set": [published_row(1)]}),
    "file-not-read": lambda f: with_file(twice(f), "plot.py", ""),
}
"""A source that each rule warns of."""

PASSED: dict[str, Callable[[Path], Path]] = {
    "field-missing": lambda f: twice(f),
    "line-break-in-a-value": lambda f: table(f, "symptom,cause,stage\nhang,api,inference\n"),
    "column-absent": lambda f: twice(f),
    "column-not-read": lambda f: twice(f),
    "value-spelled-variously": lambda f: twice(f, **LLAMA),
    "invisible-characters": lambda f: twice(f, model="Qwen é 中文"),
    "status-not-known": lambda f: twice(f, status="CLOSED"),
    "closed-is-not-resolved": lambda f: twice(f),
    "series-not-known": lambda f: twice(f),
    "series-contradicted": lambda f: twice(
        f, model="Qwen", link="https://github.com/ggml-org/llama.cpp/issues/1"
    ),
    "one-series-only": lambda f: twice(f, **LLAMA),
    "model-names-the-repository": lambda f: twice(f, model="Qwen2"),
    "architecture-follows-repository": lambda f: twice(f, architecture="MoE"),
    "issue-labelled-twice": lambda f: twice(f, link=published_row(1)["link"]),
    "record-repeated": lambda f: twice(f, link=published_row(1)["link"], STAGE="Fine-tuning"),
    "label-of-one-rater": lambda f: table(
        f, "symptom,cause,stage,decided_by\nhang,api,inference,agreed\n"
    ),
    "duplicates-not-known": lambda f: table(
        f, "symptom,cause,stage,cluster\nhang,api,inference,1\nhang,api,inference,1\n"
    ),
    "link-rewritten": lambda f: twice(f),
    "link-names-no-issue": lambda f: twice(f),
    "repository-renamed": lambda f: twice(f),
    "label-normalized": lambda f: twice(f),
    "label-stops-early": lambda f: twice(f),
    "stage-contradicts-label": lambda f: twice(
        f, SYMPTOM="Hang - Fine-tuning Process Stuck", STAGE="Fine-tuning"
    ),
    "license-absent": lambda f: with_file(twice(f), "LICENSE.txt", ""),
    "readme-counts-differ": lambda f: with_file(twice(f), "README.md", "We hold 2 cases."),
    "number-is-a-row-index": lambda f: twice(f, number=102),
    "numbering-broken": lambda f: twice(f),
    "folder-name-ends-in-space": lambda f: twice(f),
    "file-not-read": lambda f: with_file(with_file(twice(f), "README", ""), "COPYING", ""),
    "dimension-not-known": lambda f: table(
        f,
        "symptom,cause,stage,issue,series,version,repository,architecture,status,created\n"
        "hang,api,inference,x,Qwen,v,a/b,Dense,open,2024-01-01\n",
    ),
}
"""A source in which each rule finds nothing."""

SKIPPED = {
    "dimension-not-known",
    "status-not-known",
    "closed-is-not-resolved",
    "series-not-known",
    "series-contradicted",
    "one-series-only",
    "model-names-the-repository",
    "architecture-follows-repository",
    "issue-labelled-twice",
    "record-repeated",
    "label-of-one-rater",
    "duplicates-not-known",
    "link-rewritten",
    "link-names-no-issue",
    "repository-renamed",
    "license-absent",
    "readme-counts-differ",
    "number-is-a-row-index",
    "numbering-broken",
    "folder-name-ends-in-space",
    "file-not-read",
}
"""Rules that cannot look at a table of labels and nothing else."""


def with_file(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("rule", WARNED)
def test_a_rule_warns_of_what_it_is_named_after(tmp_path: Path, found: Find, rule: str) -> None:
    finding = found(WARNED[rule](tmp_path), rule)
    assert finding.outcome is Outcome.WARN
    assert finding.message.isprintable()
    assert all(evidence.text.isprintable() for evidence in finding.evidence)


@pytest.mark.parametrize("rule", PASSED)
def test_a_rule_that_finds_nothing_says_that_it_looked(
    tmp_path: Path, found: Find, rule: str
) -> None:
    assert found(PASSED[rule](tmp_path), rule).outcome is Outcome.PASS


def test_a_rule_that_cannot_look_says_so(tmp_path: Path) -> None:
    source = table(tmp_path, "symptom,cause,stage\nhang,api,inference\n")
    findings = read_source(str(source)).findings
    assert {f.source for f in findings if f.outcome is Outcome.SKIP} == SKIPPED


def test_every_rule_is_seen_to_warn_and_to_find_nothing() -> None:
    names = {name for name, _ in rules()}
    assert set(WARNED) | SKIPPED == names
    assert set(PASSED) | {"class-without-failures"} == names


def test_every_class_of_the_codebook_can_occur(tmp_path: Path, found: Find) -> None:
    classes = [[term.code for term in load_taxonomy().classes(axis)] for axis in Axis]
    lines = [",".join(codes[n % len(codes)] for codes in classes) + "\n" for n in range(9)]
    source = table(tmp_path, "symptom,cause,stage\n" + "".join(lines))
    assert found(source, "class-without-failures").outcome is Outcome.PASS


def test_evidence_names_file_and_record(tmp_path: Path, found: Find) -> None:
    rows = [published_row(n) for n in (1, 2)]
    folder = write_folder(tmp_path, a=rows, b__c=[rows[0], published_row(2, status="merged")])
    (evidence,) = found(folder, "status-not-known").evidence
    assert (evidence.file, evidence.record, evidence.text) == ("b/c.json", 2, "merged")


def test_messages_count_everything_though_evidence_ends_at_a_hundred(
    tmp_path: Path, found: Find
) -> None:
    rows = [published_row(n, STAGE="inference.", status="merged") for n in range(1, 251)]
    folder = reads(tmp_path, *rows)
    for rule in ("label-normalized", "status-not-known"):
        finding = found(folder, rule)
        assert "250 records" in finding.message
        assert len(finding.evidence) == 100


def test_each_dirty_label_is_a_finding_of_its_own(tmp_path: Path) -> None:
    rows = [published_row(1, STAGE="inference."), published_row(2, STAGE="INFERENCE")]
    findings = [
        f for f in read_source(str(reads(tmp_path, *rows))).findings
        if f.source == "label-normalized"
    ]  # fmt: skip
    assert len(findings) == 2
    assert {e.record for f in findings for e in f.evidence} == {1, 2}


def test_old_and_new_names_of_a_repository_stay_apart(tmp_path: Path, found: Find) -> None:
    rows = [
        published_row(1, link="https://github.com/facebookresearch/llama/issues/1"),
        published_row(2, link="https://github.com/meta-llama/llama/issues/1"),
    ]
    folder = reads(tmp_path, *rows)
    assert "(which occurs as well)" in found(folder, "repository-renamed").message
    failures = read_source(str(folder)).failures
    assert len(failures.columns["repository"].categories) == 2
    assert len(failures.columns["issue"].categories) == 2


def test_the_same_issue_under_two_links_is_one_issue(tmp_path: Path, found: Find) -> None:
    folder = twice(tmp_path, link=published_row(1)["link"] + "/", STAGE="Fine-tuning")
    assert found(folder, "issue-labelled-twice").outcome is Outcome.WARN


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("Qwen (2 cases)", Outcome.PASS),
        ("Qwen: **1,002** failures", Outcome.WARN),
        ("2 failure cases of Qwen and Llama", Outcome.PASS),
        ("Llama 3 cases", Outcome.WARN),
        ("python 3.11 cases", Outcome.SKIP),
        ("nothing counted", Outcome.SKIP),
    ],
)
def test_counts_of_a_readme_are_compared(
    tmp_path: Path, found: Find, line: str, outcome: Outcome
) -> None:
    folder = with_file(twice(tmp_path), "README.md", line)
    assert found(folder, "readme-counts-differ").outcome is outcome


def test_a_readme_in_another_encoding_does_not_stop_the_reading(tmp_path: Path) -> None:
    folder = twice(tmp_path)
    (folder / "README.md").write_bytes("Übersicht: 2 cases".encode("latin-1"))
    assert len(read_source(str(folder)).failures) == 2


def test_a_rule_that_breaks_is_an_error_of_that_rule_alone(tmp_path: Path) -> None:
    reading: Reading = read_source(str(twice(tmp_path)))
    broken = Records(files=(), failures=reading.failures, whole=True)
    findings = judge(broken, load_taxonomy())
    assert {f.source for f in findings} == {name for name, _ in rules()}
    assert {Outcome.ERROR, Outcome.WARN} <= {f.outcome for f in findings}


def test_a_hostile_value_is_inert_in_findings(tmp_path: Path) -> None:
    hostile = "Qwen\x1b]0;x\x07\u202e<b>"
    rows = [published_row(1, model=hostile, status=hostile, link=hostile, architecture=hostile)]
    path = tmp_path / "set.json"
    path.write_text(json.dumps(rows))
    for finding in read_source(str(path)).findings:
        assert finding.message.isprintable(), finding.source
        assert all(evidence.text.isprintable() for evidence in finding.evidence), finding.source
