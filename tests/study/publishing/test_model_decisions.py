"""What is published of a language model that labelled: that it was one, and not where it ran."""

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow.parquet as pq
import pytest

from firstmile.study.decisions import Decisions, ScreenValue, Step, label_of
from firstmile.study.folder import StudyFolder
from firstmile.study.model_labelling import ModelLabelling
from firstmile.study.publishing import gather, published_files
from model_rater.designs import model_at
from model_rater.endpoint_server import Server, reply, serving
from publishing.samples import QUICK
from ui.web import studies

PEOPLE = """\
[study]
name = "With a model"
[[raters]]
name = "ada"
[[raters]]
name = "bystander"
[screen]
raters = ["ada"]
verifiers = ["ada"]
"""
CODES = {"symptom": "hang/generation", "cause": "api", "stage": "inference"}
QUOTE = "NCCL_DEBUG=INFO"
URLS = [studies.url_of(number) for number in (1, 2, 3)]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("MACHINE_API_KEY", "secret-key")
    with serving(lambda _messages: reply(**CODES, quote=QUOTE)) as running:
        running.address = running.address.replace("127.0.0.1", "localhost")
        yield running


def design(folder: StudyFolder, text: str) -> StudyFolder:
    (folder.path / "study.toml").write_text(text, encoding="utf-8")
    return StudyFolder.open(folder.path)


def include(folder: StudyFolder, urls: Sequence[str]) -> None:
    """Let ada alone screen and verify issues in."""
    with folder.decisions() as decisions:
        for step in (Step.SCREEN, Step.VERIFY):
            for url in urls:
                decisions.append(
                    url,
                    step,
                    "ada",
                    ScreenValue(include=True),
                    codebook="1.0.0",
                    at=studies.AT,
                    key=f"{step} {url}",
                )


@pytest.fixture
def folder(tmp_path: Path, server: Server) -> StudyFolder:
    """Return a study of three issues, labelled by a model and a person, in the model's words."""
    hang = studies.REPORTS[3]
    reports = [(hang[0] + "x" * n, f"{QUOTE}\n{hang[1]} {n}", hang[2]) for n in range(3)]
    labelling = '[label]\nraters = ["ada", "machine"]\n'
    text = PEOPLE + labelling + model_at(server.address)
    made = design(studies.make(tmp_path / "study", reports), text)
    include(made, URLS)
    for url in URLS:
        studies.label(made, url, "ada", **CODES)
    with made.decisions() as decisions:
        ModelLabelling(made, decisions, "machine").label(
            now=lambda: datetime(2026, 3, 1, tzinfo=UTC)
        )
    return made


def named_by_an_older_version(decisions: Decisions, host: str) -> None:
    """Record a label of the model again, with the reason that older versions gave."""
    (latest,) = decisions.current(Step.LABEL, rater="machine", issue=URLS[0])
    given = latest.reason
    if host not in given:
        given = given.replace(", prompt", f" at {host}, prompt", 1)
    decisions.append(
        latest.issue,
        Step.LABEL,
        latest.rater,
        label_of(latest),
        codebook=latest.codebook,
        at=latest.at,
        key="model:again",
        reason=given,
    )


def files_of(folder: StudyFolder, decisions: Decisions, *, text: bool) -> Mapping[str, bytes]:
    found = gather(folder, decisions, published=date(2026, 4, 1), settings=QUICK, text=text)
    return published_files(found)


def said(files: Mapping[str, bytes], name: str) -> str:
    return " ".join(files[name].decode().split())


@pytest.mark.parametrize("text", [True, False])
def test_no_file_says_where_the_model_ran(
    folder: StudyFolder, server: Server, *, text: bool
) -> None:
    place = urlsplit(server.address)
    assert place.hostname == "localhost"
    with folder.decisions() as decisions:
        named_by_an_older_version(decisions, place.netloc)
        files = dict(files_of(folder, decisions, text=text))
    table = pq.read_table(io.BytesIO(files["failures.parquet"])).to_pylist()
    files["failures.parquet unpacked"] = str(table).encode()
    if text:
        assert files["decisions.jsonl"].count(b"by the model tiny, prompt ") == 4
    for name, data in files.items():
        for sought in (place.hostname, f":{place.port}"):
            assert sought.encode() not in data, (name, sought)
        assert not re.search(rf"\b{place.port}\b".encode(), data), name


def test_a_model_of_the_record_stays_one_when_the_design_names_it_no_more(
    folder: StudyFolder,
) -> None:
    alone = design(folder, PEOPLE + '[label]\nraters = ["ada"]\n')
    with alone.decisions() as decisions:
        files = files_of(alone, decisions, text=False)
    raters = {one["name"]: one for one in json.loads(files["publication.json"])["raters"]}
    assert {name: one["kind"] for name, one in raters.items()} == {
        "rater-1": "person",
        "rater-3": "model",
    }
    assert (raters["rater-3"]["model"], raters["rater-3"]["steps"]) == ("tiny", [])
    croissant = json.loads(files["croissant.json"])
    assert croissant["rai:machineAnnotationTools"] == ["tiny"]
    assert croissant["rai:hasSyntheticData"] is True
    card = said(files, "README.md")
    assert "pseudonyms: in the screen 1 person; in labelling 1 person." in card
    assert "Decisions of rater-3 (tiny) in steps for which the study no longer names them" in card
    assert "3 which one rater labelled" in card
    assert "Independent labels an issue: 3 rows with 1." in card
    assert not any(b"people decided" in data for data in files.values())


def test_a_name_that_was_a_models_is_no_persons_because_the_design_says_so(
    folder: StudyFolder,
) -> None:
    text = PEOPLE + '[label]\nraters = ["ada", "machine"]\n[[raters]]\nname = "machine"\n'
    renamed = design(folder, text)
    with renamed.decisions() as decisions:
        files = files_of(renamed, decisions, text=False)
    assert json.loads(files["croissant.json"])["rai:machineAnnotationTools"] == ["tiny"]
    card = said(files, "README.md")
    assert "in the screen 1 person; in labelling 1 person and 1 language model (tiny)." in card
    assert "of a long thread the beginning and the end" in card
    assert "Independent labels an issue: 3 rows with 2." in card


def test_where_people_alone_decided_nobody_who_did_not_is_counted(folder: StudyFolder) -> None:
    alone = design(folder, PEOPLE + '[label]\nraters = ["ada"]\n')
    fresh = studies.make(folder.path.parent / "fresh", studies.REPORTS[:2])
    fresh = design(fresh, (alone.path / "study.toml").read_text(encoding="utf-8"))
    with fresh.decisions() as decisions:
        include(fresh, URLS[:2])
        for url in URLS[:2]:
            studies.label(fresh, url, "ada", **CODES)
        files = files_of(fresh, decisions, text=False)
    card = said(files, "README.md")
    assert "pseudonyms: in the screen 1 person; in labelling 1 person." in card
    assert "language model" not in card.split("## How it was labelled")[1].split("## ")[0]
    found = json.loads(files["croissant.json"])["rai:machineAnnotationTools"]
    assert found == ["None: people decided."]
