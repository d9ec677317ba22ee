"""What is published of a real study: its final labels, all decisions, and nobody's words."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from firstmile.errors import UserError
from firstmile.findings import Outcome
from firstmile.study.decisions import Decisions, Step
from firstmile.study.folder import StudyFolder
from firstmile.study.issues import Page
from firstmile.study.overview import AUDIT
from firstmile.study.publishing import (
    ThreadFacts,
    gather,
    publish,
    published_files,
    verify_published,
)
from firstmile.study.publishing.columns import FAILURES
from firstmile.study.reading import read_source
from firstmile.study.reading.mapping import BESIDE, NUMBER, ROLES
from firstmile.study.screening_run import freeze_ranking
from publishing.samples import (
    LABELS,
    QUICK,
    decide,
    issue_node,
    label_all,
    make_folder,
)

PLANTED = {
    "title": "Out of memory error with the wombat adapter",
    "body": "My marmot server says: error 1234567890 in the walrus kernel",
    "comment": "Thanks, the ocelot flag fixed it",
    "quote": "error 1234567890 in the walrus kernel",
    "note": "annegret saw a similar capybara report",
    "reason": "bartholomew confused the pangolin with the platypus",
    "address": "jane.doe@mail.example",
    "login": "pseudonym-of-an-author",
    "association": "CONTRIBUTOR",
    "endpoint": "http://gpu-box.internal:8000/v1",
    "variable": "SECRET_KEY_OF_THE_LAB",
    "path": "/home/annegret/exports",
    "time": "09:08:07",
}
"""What must not come out."""

ANIMALS = (
    "wombat",
    "marmot",
    "walrus",
    "1234567890",
    "ocelot",
    "capybara",
    "pangolin",
    "platypus",
    "wolverine",
    "jane.doe",
)
"""Words of the planted sentences that are nowhere else, so that a part of one is seen too."""

OPTIONS = """
[[raters]]
name = "helper"
kind = "model"
endpoint = "http://gpu-box.internal:8000/v1"
model = "some-model"
key_variable = "SECRET_KEY_OF_THE_LAB"
"""


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """Return a study of six issues: labels agreed, adjudicated, excluded, open and doubled."""
    comment = {"body": PLANTED["comment"], "author": {"login": PLANTED["login"]}}
    body = f"{PLANTED['body']} {PLANTED['address']} 2025-01-01T09:08:07Z"
    nodes = [issue_node(number) for number in range(1, 7)]
    nodes[0] = {
        **issue_node(1, title=PLANTED["title"], body=body),
        "authorAssociation": PLANTED["association"],
        "comments": {"totalCount": 1, "nodes": [comment]},
    }
    original = {"url": "https://github.com/owner/name/issues/1"}
    mark = {"__typename": "MarkedAsDuplicateEvent", "canonical": original}
    nodes[5] = {**nodes[5], "timelineItems": {"nodes": [mark]}}
    folder = make_folder(tmp_path / "study", nodes)
    text = (folder.path / "study.toml").read_text() + "# my own remark on wolverines\n"
    labelling = '\n[label]\nraters = ["annegret", "bartholomew"]\n'
    (folder.path / "study.toml").write_text(text + OPTIONS + labelling)
    del folder.__dict__["design"]
    return folder


@pytest.fixture
def decisions(study: StudyFolder) -> Iterator[Decisions]:
    with study.decisions() as found:
        words = {"quote": PLANTED["quote"], "note": PLANTED["note"]}
        label_all(found, [1, 2], **words)
        label_all(found, [3])
        decide(found, 3, Step.LABEL, "bartholomew", **{**LABELS, "symptom": "hang/generation"})
        final = {**LABELS, "confidence": "probable", **words}
        decide(found, 3, Step.ADJUDICATE, "annegret", because=PLANTED["reason"], **final)
        for rater in ("annegret", "bartholomew"):
            decide(found, 4, Step.SCREEN, rater, include=False, reason=PLANTED["reason"])
        decide(found, 2, Step.LABEL, "helper", **LABELS)
        yield found


def gathered(study: StudyFolder, decisions: Decisions, **options: Any) -> Mapping[str, bytes]:
    found = gather(study, decisions, published=date(2026, 4, 1), settings=QUICK, **options)
    return published_files(found)


def records(files: Mapping[str, bytes], name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[name].splitlines()]


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


def test_different_reasons_of_raters_are_published_as_such_and_words_of_nobodys_list_are_not(
    study: StudyFolder, decisions: Decisions
) -> None:
    decide(decisions, 5, Step.SCREEN, "annegret", include=False, reason="question")
    decide(decisions, 5, Step.SCREEN, "bartholomew", include=False, reason="feature-request")
    decide(decisions, 4, Step.SCREEN, "bartholomew", include=False, reason="question")
    files = gathered(study, decisions)
    steps = {step["name"]: step for step in json.loads(files["funnel.json"])["steps"]}
    assert steps["Reviewer screen"]["reasons"] == {
        "reasons differ: feature-request / question": 1,
        "reasons differ: other / question": 1,
    }
    assert not any(PLANTED["reason"].encode() in data for data in files.values())


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


def test_no_byte_of_anybodys_words_names_or_secrets_comes_out(
    study: StudyFolder, decisions: Decisions
) -> None:
    files = dict(gathered(study, decisions))
    files["failures.parquet unpacked"] = (
        str(pq.read_table(io.BytesIO(files["failures.parquet"])).to_pylist())
    ).encode()
    secrets = [study.key.hex(), *(study.token(rater.name) for rater in study.design.raters)]
    raters = [rater.name for rater in study.design.raters]
    unheard = (*secrets, *raters, *PLANTED.values(), *ANIMALS)
    for name, data in files.items():
        folded = data.lower()
        for text in unheard:
            assert text.lower().encode() not in folded, (name, text)
        assert re.search(rb"[\w.+-]+@[\w-]+\.[a-z]{2,}", data) is None, name


def test_with_text_the_words_come_out_redacted_and_nothing_else_does(
    study: StudyFolder, decisions: Decisions
) -> None:
    files = gathered(study, decisions, text=True)
    rows = {row["number"]: row for row in records(files, "failures.jsonl")}
    assert rows[1]["title"] == PLANTED["title"]
    assert rows[3]["quote"] == PLANTED["quote"]
    adjudicated = next(
        one for one in records(files, "decisions.jsonl") if one["step"] == "adjudicate"
    )
    assert adjudicated["explanation"] == PLANTED["reason"]
    for secret in (study.key.hex(), PLANTED["endpoint"], PLANTED["variable"], PLANTED["comment"]):
        assert not any(secret.encode() in data for data in files.values())


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


def full_pass(study: StudyFolder, *gone: int) -> None:
    """Let a full pass of collecting miss issues."""
    study.archive.append(
        "github",
        Page(target="owner/name", state={}, done=True, deleted=gone),
        (),
        fetched_at="2026-03-01T10:00:00Z",
        redaction="1",
        redacted={},
    )
    study.store.refresh(study.archive)


def test_words_of_and_about_a_deleted_issue_do_not_come_out_while_its_labels_stay(
    study: StudyFolder, decisions: Decisions, tmp_path: Path
) -> None:
    before = records(gathered(study, decisions, text=True), "failures.jsonl")
    decide(decisions, 1, Step.SCREEN, "annegret", include=True, note=PLANTED["note"])
    full_pass(study, 1, 5)
    found = gather(study, decisions, published=date(2026, 4, 1), settings=QUICK, text=True)
    out = publish(found, tmp_path / "out")
    rows = {row["number"]: row for row in records(published_files(found), "failures.jsonl")}
    whole = {row["number"]: row for row in before}
    assert rows[1] == {**whole[1], "title": None, "quote": None}
    assert (rows[2], rows[3]) == (whole[2], whole[3])
    about = records(published_files(found), "decisions.jsonl")
    for one in about:
        if one["issue"].endswith("/1"):
            assert (one["quote"], one["note"], one["explanation"]) == (None, None, None)
    assert any(one["quote"] for one in about)
    title = PLANTED["title"].encode()
    assert not [p for p in out.rglob("*") if p.is_file() and title in p.read_bytes()]
    assert json.loads((out / "deleted.json").read_bytes()) == {
        "issues": ["https://github.com/owner/name/issues/1"]
    }
    assert json.loads((out / "funnel.json").read_bytes())["deleted"] == {
        "collected": 2,
        "labelled": 1,
    }
    for name in ("README.md", "PRIVACY.md", "DATASHEET.md", "croissant.json"):
        said = (out / name).read_text(encoding="utf-8")
        assert "2 collected issues were no longer found" in said, name
    assert verify_published(out)


def test_a_data_set_with_text_says_since_when_deletions_are_not_known(
    study: StudyFolder, decisions: Decisions
) -> None:
    files = gathered(study, decisions, text=True)
    assert b"Deletions are known from the last full pass" in files["PRIVACY.md"]
    assert json.loads(files["deleted.json"]) == {"issues": []}
    assert b"no longer found" not in files["README.md"]


def test_addresses_in_notes_and_quotes_are_redacted_before_they_are_published(
    study: StudyFolder,
) -> None:
    words = f"ask {PLANTED['address']} about it"
    with study.decisions() as decisions:
        label_all(decisions, [1], note=words, quote=words)
        files = gathered(study, decisions, text=True)
    assert not any(PLANTED["address"].encode() in data for data in files.values())


def test_a_token_in_a_note_stops_the_publication(study: StudyFolder, tmp_path: Path) -> None:
    with study.decisions() as decisions:
        label_all(decisions, [2], note=f"my/{study.token('annegret')}/page")
        found = gather(study, decisions, published=date(2026, 4, 1), settings=QUICK, text=True)
    with pytest.raises(UserError, match="key or a rater's token"):
        publish(found, tmp_path / "out")
    assert not (tmp_path / "out").exists()


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


def test_a_rater_who_left_the_design_stays_a_pseudonym(study: StudyFolder) -> None:
    with study.decisions() as decisions:
        label_all(decisions, [1])
        decide(decisions, 1, Step.LABEL, "zacharias", **LABELS)
        files = gathered(study, decisions)
    assert {one["rater"] for one in records(files, "decisions.jsonl")} == {
        "rater-1",
        "rater-2",
        "rater-4",
    }
    assert not any(b"zacharias" in data for data in files.values())
