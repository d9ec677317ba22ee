"""A model of the study.toml labels what waits for it, once, under its name and its ceiling."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.study.decisions import Step, label_of
from firstmile.study.folder import StudyFolder
from firstmile.study.ledger import COMPARED
from firstmile.study.model_labelling import ModelLabelling
from firstmile.study.model_rater.cost import MODEL_RATED
from model_rater.designs import model_at
from model_rater.endpoint_server import Server, reply, serving
from ui.web import studies

DESIGN = """\
[study]
name = "With a model"
[[raters]]
name = "ada"
"""
NOW = datetime(2026, 11, 20, tzinfo=UTC)
ANSWER = {"symptom": "hang/generation", "cause": "api", "stage": "inference"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("MACHINE_API_KEY", "secret-key")
    with serving(lambda _messages: reply(**ANSWER, quote="NCCL_DEBUG=INFO")) as running:
        yield running


def study(path: Path, server: Server, *, ceiling: float = 50.0) -> StudyFolder:
    design = DESIGN + model_at(server.address, ceiling=ceiling)
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


def test_two_processes_never_pay_for_the_same_issues(tmp_path: Path, server: Server) -> None:
    """The second is refused while the first labels, and finds nothing left when it has ended."""
    folder = study(tmp_path, server)
    with folder.decisions() as decisions:
        first = ModelLabelling(folder, decisions, "machine")
        second = ModelLabelling(folder, decisions, "machine")
        refused = []

        def meanwhile(_done: int) -> None:
            with pytest.raises(UserError, match="Another process labels") as caught:
                second.label(now=lambda: NOW)
            refused.append(str(caught.value))

        assert first.label(now=lambda: NOW, progress=meanwhile).labelled == 3
        assert len(refused) == 3
        assert second.label(now=lambda: NOW).labelled == 0
    assert len(server.requests) == 3


def test_a_model_that_does_not_label_is_asked_nothing(tmp_path: Path, server: Server) -> None:
    folder = study(tmp_path, server)
    design = folder.path / "study.toml"
    design.write_text(design.read_text() + '[label]\nraters = ["ada"]\n', encoding="utf-8")
    opened = StudyFolder.open(folder.path)
    with (
        opened.decisions() as decisions,
        pytest.raises(UserError, match="not among the raters that label"),
    ):
        ModelLabelling(opened, decisions, "machine")
    assert server.requests == []


def test_an_issue_whose_labels_were_compared_is_not_asked_about(
    tmp_path: Path, server: Server
) -> None:
    folder = study(tmp_path, server)
    with folder.decisions() as decisions:
        (first, *_others) = [
            issue.url for issue in ModelLabelling(folder, decisions, "machine").issues()
        ]
        decisions.note(COMPARED, {"issue": first, "raters": ["ada"]}, at="2026-11-20T00:00:00Z")
        found = ModelLabelling(folder, decisions, "machine").label(now=lambda: NOW)
        assert found.labelled == 2
        assert first not in {one.issue for one in decisions.current(Step.LABEL)}


def test_no_reason_names_the_endpoint(tmp_path: Path, server: Server) -> None:
    folder = study(tmp_path, server)
    with folder.decisions() as decisions:
        ModelLabelling(folder, decisions, "machine").label(now=lambda: NOW)
        reasons = [one.reason or "" for one in decisions.current(Step.LABEL)]
    assert all("by the model tiny" in reason for reason in reasons)
    assert not [r for r in reasons if "127.0.0.1" in r or "localhost" in r or server.address in r]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_what_is_unanswered_when_it_is_ended_counts_as_paid(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACHINE_API_KEY", "secret-key")
    wait = threading.Event()

    def slow(_messages: object) -> str:
        wait.wait(20)
        return reply(**ANSWER, quote="NCCL_DEBUG=INFO")

    with serving(slow) as slow_server:
        folder = study(tmp_path, slow_server)
        command = [sys.executable, "-m", "firstmile", "study", "label", str(folder.path)]
        running = subprocess.Popen([*command, "--rater", "machine", "-q"], stderr=subprocess.PIPE)
        deadline = time.monotonic() + 20
        while len(slow_server.requests) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(getattr(signal, name))
        try:
            said = running.communicate(timeout=60)[1].decode()
        finally:
            wait.set()
        assert running.returncode == 130
        assert "Traceback" not in said
        with folder.decisions() as decisions:
            lost = [event for event in decisions.events(MODEL_RATED) if event.data.get("lost")]
        assert len(lost) == 3
