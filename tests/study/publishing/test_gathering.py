"""What is published of a real study: its final labels, all decisions, and the figures of both."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.findings import Outcome
from firstmile.study.archive import Archive
from firstmile.study.decisions import Decisions, Step
from firstmile.study.folder import StudyFolder
from firstmile.study.issues import Page
from firstmile.study.overview import AUDIT
from firstmile.study.publishing import ThreadFacts, gather, publish, verify_published
from firstmile.study.publishing.columns import FAILURES
from firstmile.study.reading import read_source
from firstmile.study.reading.mapping import BESIDE, NUMBER, ROLES
from firstmile.study.screening_run import freeze_ranking
from publishing.planted import gathered, records
from publishing.samples import LABELS, QUICK, decide, issue_node, label_all, make_folder


def test_rows_are_the_final_labels_with_how_they_were_decided(
    study: StudyFolder, decisions: Decisions
) -> None:
    rows = {row["number"]: row for row in records(gathered(study, decisions), "failures.jsonl")}
    assert set(rows) == {1, 2, 3}
    assert rows[1]["decided_by"] == "agreed"
    assert (rows[3]["decided_by"], rows[3]["symptom"]) == ("adjudicated", LABELS["symptom"])
    assert rows[3]["confidence"] == "probable"
    assert rows[1]["duplicate_group"] == rows[1]["issue"]
    assert rows[2]["duplicate_group"] is None
    assert (rows[2]["created"], rows[2]["status"]) == ("2025-01-02", "closed")


def test_an_adjudicator_who_is_sure_is_published_as_sure(study: StudyFolder) -> None:
    with study.decisions() as decisions:
        label_all(decisions, [1, 2])
        decide(decisions, 2, Step.ADJUDICATE, "annegret", **LABELS, confidence="sure")
        files = gathered(study, decisions)
    rows = {row["number"]: row for row in records(files, "failures.jsonl")}
    assert (rows[1]["confidence"], rows[2]["confidence"]) == ("sure", "sure")
    (last,) = [one for one in records(files, "decisions.jsonl") if one["step"] == "adjudicate"]
    assert last["confidence"] == "sure"


def test_every_decision_is_there_with_a_pseudonym_in_the_order_of_the_design(
    study: StudyFolder, decisions: Decisions
) -> None:
    found = records(gathered(study, decisions), "decisions.jsonl")
    assert len(found) == len(decisions.history())
    assert found[0]["rater"] == "rater-1"
    assert {one["rater"] for one in found if one["step"] == "adjudicate"} == {"rater-1"}
    assert found[-1]["rater"] == "rater-3"
    assert {one["day"] for one in found} == {"2026-02-10"}


def test_the_funnel_counts_and_a_reason_of_nobodys_list_is_other(
    study: StudyFolder, decisions: Decisions
) -> None:
    files = gathered(study, decisions)
    steps = {step["name"]: step for step in json.loads(files["funnel.json"])["steps"]}
    assert steps["One of each group of duplicates"]["left"] == 1
    assert steps["Reviewer screen"]["reasons"] == {"other": 1}
    assert steps["Reviewer screen"]["waiting"] == 1
    assert steps["Labelling"]["passed"] == 3
    assert [one["reason"] for one in records(files, "decisions.jsonl") if one["reason"]] == [
        "other",
        "other",
    ]


def test_agreement_is_computed_under_pseudonyms_and_shown_on_the_card(
    study: StudyFolder, decisions: Decisions
) -> None:
    files = gathered(study, decisions)
    first = json.loads(files["agreement.json"])["agreement"]["first"]
    assert set(first["raters"]) <= {"rater-1", "rater-2", "rater-3"}
    card = files["README.md"].decode()
    assert "Gwet's AC1" in card
    assert re.search(r"\| first, cause, class \| agreement 1\.000 ", card)


def test_the_design_is_published_without_names_endpoints_and_remarks(
    study: StudyFolder, decisions: Decisions
) -> None:
    design = json.loads(gathered(study, decisions)["design.json"])
    assert [one["name"] for one in design["raters"]] == ["rater-1", "rater-2", "rater-3"]
    assert design["raters"][2]["model"] == "some-model"
    assert design["label"]["raters"] == ["rater-1", "rater-2"]
    assert design["sources"] == [{"kind": "github", "repositories": ["owner/name"]}]


def test_rows_carry_the_model_that_the_design_states_for_their_repository(
    tmp_path: Path,
) -> None:
    model = """
[[models]]
repository = "Owner/name"
version = "Qwen-9"
architecture = "dense"
"""
    folder = make_folder(tmp_path / "study", [issue_node(1)], source=model)
    with folder.decisions() as decisions:
        label_all(decisions, [1])
        files = gathered(folder, decisions)
    (found,) = records(files, "failures.jsonl")
    assert [found[key] for key in ("series", "version", "architecture")] == [
        "Qwen",
        "Qwen-9",
        "dense",
    ]
    assert b'version = "version"' in files["study.toml"]
    assert b'architecture = "architecture"' in files["study.toml"]
    assert b"Version and architecture are stated for a whole repository" in files["README.md"]


def test_rows_of_a_repository_without_a_stated_model_carry_none(
    study: StudyFolder, decisions: Decisions
) -> None:
    files = gathered(study, decisions)
    for row in records(files, "failures.jsonl"):
        assert (row["series"], row["version"], row["architecture"]) == (None, None, None)
    assert b"version =" not in files["study.toml"]


def test_the_published_study_is_read_without_another_step(
    study: StudyFolder, decisions: Decisions
) -> None:
    found = gather(study, decisions, published=date(2026, 4, 1), settings=QUICK)
    out = publish(found, study.published)
    assert verify_published(out) == len([p for p in out.rglob("*") if p.is_file()])
    assert len(read_source(str(out)).failures) == 3
    assert len(read_source(str(out / "open-llm-failures")).failures) == 3


def test_the_report_reads_every_column_of_the_published_study(
    study: StudyFolder, decisions: Decisions
) -> None:
    out = publish(
        gather(study, decisions, published=date(2026, 4, 1), settings=QUICK, text=True),
        study.published,
    )
    roles = (out / "study.toml").read_text(encoding="utf-8")
    assert 'cluster = "duplicate_group"' in roles
    assert 'number = "number"' in roles
    reading = read_source(str(out))
    assert "cluster" in reading.failures.columns
    found = {one.source: one for one in reading.findings}
    for rule in (
        "column-not-read",
        "number-is-a-row-index",
        "numbering-broken",
        "duplicates-not-known",
        "field-missing",
    ):
        assert found[rule].outcome is Outcome.PASS, found[rule]
    for rule in ("readme-counts-differ", "license-absent"):
        assert found[rule].outcome in (Outcome.SKIP, Outcome.PASS), found[rule]


def test_every_published_column_has_a_role_or_is_known_beside_them() -> None:
    names = {column.name for column in FAILURES}
    assert names - set(ROLES) - {NUMBER, "duplicate_group"} == set(BESIDE)


def test_the_same_study_gives_the_same_bytes(study: StudyFolder, decisions: Decisions) -> None:
    assert gathered(study, decisions) == gathered(study, decisions)


class _Busy(StudyFolder):
    """A study in which a rater decides while it is gathered."""

    @property
    def archive(self) -> Archive:
        with self.decisions() as others:
            decide(others, 3, Step.LABEL, "bartholomew", **LABELS, note="meanwhile")
            decide(others, 5, Step.LABEL, "bartholomew", **LABELS)
        return super().archive


def test_rows_decisions_and_figures_are_of_one_moment(
    study: StudyFolder, decisions: Decisions
) -> None:
    quiet, busy = gathered(study, decisions), gathered(_Busy(study.path), decisions)
    assert busy == quiet
    with study.decisions() as later:
        assert gathered(study, later) != quiet


def test_what_the_audit_bounds_is_published(study: StudyFolder, decisions: Decisions) -> None:
    drawn = freeze_ranking(study, decisions, at=datetime(2026, 2, 11, tzinfo=UTC))
    assert drawn
    for url in decisions.events(AUDIT)[-1].data["issues"]:
        decide(decisions, int(url.rsplit("/", 1)[1]), Step.AUDIT, "annegret", include=False)
    files = gathered(study, decisions)
    bound = json.loads(files["funnel.json"])["screening"]
    assert (bound["sampled"], bound["failures_in_sample"]) == (drawn, 0)
    assert f"{drawn} were sampled" in files["README.md"].decode()
    assert {one["step"] for one in records(files, "decisions.jsonl")} >= {"audit"}


def test_what_was_replaced_counts_once_though_the_issues_were_collected_again(
    study: StudyFolder, decisions: Decisions
) -> None:
    (page,) = study.archive.pages()
    study.archive.append(
        "github",
        Page(target="owner/name", records=(again := tuple(page.records())), state={}, done=True),
        again,
        fetched_at="2026-03-02T10:00:00Z",
        redaction="1",
        redacted={"email": 2},
    )
    said = json.loads(gathered(study, decisions)["publication.json"])
    assert said["redactions"] == {"email": 2}


def test_what_waits_and_which_comments_are_missing_comes_from_the_study(tmp_path: Path) -> None:
    counted = {"comments": {"totalCount": 3, "nodes": []}}
    part = {"comments": {"totalCount": 2, "nodes": [{"body": "Same here.", "author": None}]}}
    nodes = [{**issue_node(1), **counted}, {**issue_node(2), **part}, issue_node(3), issue_node(4)]
    folder = make_folder(tmp_path / "study", nodes)
    with folder.decisions() as decisions:
        label_all(decisions, [1, 2, 3])
        decide(decisions, 3, Step.LABEL, "annegret", **{**LABELS, "symptom": "hang/generation"})
        found = gather(folder, decisions, published=date(2026, 4, 1), settings=QUICK)
    assert found.threads == ThreadFacts(issues=2, missing=4, bare=1)
    assert found.waiting == {"to screen": 1, "to adjudicate": 1}


def test_a_study_without_final_labels_says_so(study: StudyFolder) -> None:
    with study.decisions() as decisions, pytest.raises(UserError, match="nothing to publish"):
        gather(study, decisions, published=date(2026, 4, 1), settings=QUICK)
