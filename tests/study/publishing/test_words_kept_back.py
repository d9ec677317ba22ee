"""No word, name or secret of a real study comes out that should not."""

import io
import json
import re
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from firstmile.errors import UserError
from firstmile.study.decisions import Decisions, Step
from firstmile.study.folder import StudyFolder
from firstmile.study.issues import Page
from firstmile.study.privacy import Pseudonyms
from firstmile.study.publishing import gather, publish, published_files, verify_published
from publishing.planted import ANIMALS, PLANTED, gathered, records
from publishing.samples import LABELS, QUICK, decide, issue_node, label_all, make_folder


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


def test_accounts_that_raters_name_come_out_as_pseudonyms(
    study: StudyFolder,
) -> None:
    words = "as @jane-doe7 says, see https://github.com/jane-doe7"
    with study.decisions() as decisions:
        label_all(decisions, [1], note=words, quote=words)
        decide(decisions, 2, Step.SCREEN, "annegret", include=True, note=words)
        decide(decisions, 2, Step.ADJUDICATE, "annegret", because=words, **LABELS)
        files = gathered(study, decisions, text=True)
        rows = {row["number"]: row for row in records(files, "failures.jsonl")}
    assert not any(b"jane-doe7" in data for data in files.values())
    known = Pseudonyms(study.key).of("jane-doe7")
    assert rows[1]["quote"] == f"as @{known} says, see https://github.com/{known}"
    noted = [one["note"] for one in records(files, "decisions.jsonl") if one["note"]]
    assert noted == [rows[1]["quote"]] * 2
    said = [one["explanation"] for one in records(files, "decisions.jsonl")]
    assert said[-1] == rows[1]["quote"]


def test_what_a_rater_quotes_of_the_stored_thread_stays_as_it_stands_there(tmp_path: Path) -> None:
    code = issue_node(1, body="It fails:\n```python\n@njit\nx = 1\n```")
    study = make_folder(tmp_path / "study", [code])
    with study.decisions() as decisions:
        label_all(decisions, [1], quote="@njit")
        files = gathered(study, decisions, text=True)
    assert [row["quote"] for row in records(files, "failures.jsonl")] == ["@njit"]


def test_a_token_in_a_note_stops_the_publication(study: StudyFolder, tmp_path: Path) -> None:
    with study.decisions() as decisions:
        label_all(decisions, [2], note=f"my/{study.token('annegret')}/page")
        found = gather(study, decisions, published=date(2026, 4, 1), settings=QUICK, text=True)
    with pytest.raises(UserError, match="key or a rater's token"):
        publish(found, tmp_path / "out")
    assert not (tmp_path / "out").exists()


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
