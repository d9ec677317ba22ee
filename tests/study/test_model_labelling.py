"""A model of the study.toml labels what waits for it, once, under its name and its ceiling."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.study.decisions import Step, label_of
from firstmile.study.folder import StudyFolder
from firstmile.study.model_labelling import ModelLabelling
from model_rater.endpoint_server import Server, reply, serving
from ui.web import studies

DESIGN = """\
[study]
name = "With a model"
[[raters]]
name = "ada"
[[raters]]
name = "machine"
kind = "model"
endpoint = "{address}"
model = "tiny"
key_variable = "MACHINE_API_KEY"
price_input = 1.0
price_output = 1.0
ceiling = {ceiling}
"""
NOW = datetime(2026, 11, 20, tzinfo=UTC)
ANSWER = {"symptom": "hang/generation", "cause": "api", "stage": "inference"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("MACHINE_API_KEY", "secret-key")
    with serving(lambda _messages: reply(**ANSWER, quote="NCCL_DEBUG=INFO")) as running:
        yield running


def study(path: Path, server: Server, *, ceiling: float = 50.0) -> StudyFolder:
    design = DESIGN.format(address=server.address, ceiling=ceiling)
    hang = studies.REPORTS[3]
    folder = studies.make(path / "study", [(hang[0], f"NCCL_DEBUG=INFO\n{hang[1]}", hang[2])] * 3)
    (folder.path / "study.toml").write_text(design, encoding="utf-8")
    opened = StudyFolder.open(folder.path)
    studies.include_all(opened)
    return opened


def test_everything_that_waits_is_labelled_once(tmp_path: Path, server: Server) -> None:
    folder = study(tmp_path, server)
    with folder.decisions() as decisions:
        work = ModelLabelling(folder, decisions, "machine")
        assert (len(work), work.plan().issues) == (3, 3)
        done: list[int] = []
        found = work.label(now=lambda: NOW, progress=done.append)
        assert (found.labelled, found.without_reply, done) == (3, 0, [1, 2, 3])
        labels = decisions.current(Step.LABEL, rater="machine")
        assert {label_of(one).symptom for one in labels} == {"hang/generation"}
        assert all("by the model tiny" in one.reason for one in labels)
        assert decisions.events("codebook-used")
        assert len(ModelLabelling(folder, decisions, "machine")) == 0
    assert len(server.requests) == 3


def test_nothing_is_sent_above_the_ceiling(tmp_path: Path, server: Server) -> None:
    folder = study(tmp_path, server, ceiling=0.001)
    with folder.decisions() as decisions:
        work = ModelLabelling(folder, decisions, "machine")
        with pytest.raises(UserError, match="above its ceiling"):
            work.plan().require("machine")
        assert work.label(now=lambda: NOW).stopped
    assert server.requests == []


def test_a_person_is_refused(tmp_path: Path, server: Server) -> None:
    folder = study(tmp_path, server)
    with folder.decisions() as decisions, pytest.raises(UserError, match="is a person"):
        ModelLabelling(folder, decisions, "ada")
