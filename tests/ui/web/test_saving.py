"""What is acknowledged is what was recorded, and under the rater who decided it."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from firstmile.study.codebook_use import USED, note_use
from firstmile.study.decisions import Step, label_of, screen_of
from firstmile.study.folder import DECISIONS, StudyFolder
from firstmile.taxonomy import fingerprints
from ui.web.served import Served, Visit, sent
from ui.web.studies import AT, label, url_of

Serve = Callable[..., Served]
Go = Callable[..., Visit]
LABELS = {"symptom": "loading", "cause": "environment", "stage": "inference"}
KEY = "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    ("issue", "value"),
    [(1, {**LABELS, "symptom": "hang"}), (2, LABELS), (1, {**LABELS, "note": "and more"})],
)
def test_other_decision_under_a_known_key_is_refused_and_not_acknowledged(
    to_label: StudyFolder, serve: Serve, issue: int, value: dict[str, str]
) -> None:
    with serve(to_label).client("ada") as client:
        first = client.post("/label", json=sent(url_of(1), LABELS, key=KEY))
        other = client.post("/label", json=sent(url_of(issue), value, key=KEY))
        again = client.post("/label", json=sent(url_of(1), LABELS, key=KEY))
    assert other.status_code == 409
    assert other.json()["key_taken"] is True
    assert "decide once more" in other.json()["error"]
    assert first.json()["id"] == again.json()["id"]


def test_taking_back_another_issue_under_a_known_key_is_refused(
    to_label: StudyFolder, serve: Serve
) -> None:
    with serve(to_label).client("ada") as client:
        for number in (1, 2):
            client.post("/label", json=sent(url_of(number), LABELS))
        assert client.post("/label/undo", json=sent(url_of(1), key=KEY)).status_code == 200
        assert client.post("/label/undo", json=sent(url_of(1), key=KEY)).status_code == 200
        assert client.post("/label/undo", json=sent(url_of(2), key=KEY)).status_code == 409


def test_two_tabs_of_one_rater_record_what_each_decided(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    served = serve(to_label)
    first = visit(served, "ada", f"/label?issue={url_of(1)}")
    first.press("1", "1", "1")
    second = first.context.new_page()
    second.goto(f"{served.base}/label?issue={url_of(1)}")
    second.locator("html[data-ready]").wait_for(state="attached")
    first.press("0", "0")
    first.decide("Enter")
    for key in ("c", "0", "t", "2", "y", "0", "Control+Enter"):
        second.keyboard.press(key)
    expect(second.locator("#done")).to_have_text("1 of 12")
    with to_label.decisions() as decisions:
        found = [label_of(one).symptom for one in decisions.history(step=Step.LABEL)]
    assert len(found) == 2
    assert found[0] is not None
    assert found[1] is None


def test_page_whose_key_is_taken_says_so_and_decides_under_a_new_one(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    served = serve(study)
    with served.client("ada") as client:
        gone = {"include": False, "reason": "question"}
        assert client.post("/screen", json=sent(url_of(1), gone, key=KEY)).status_code == 200
    rater = visit(served, "ada")
    rater.page.add_init_script(
        f"const made = crypto.randomUUID.bind(crypto); let first = '{KEY}';"
        "crypto.randomUUID = () => { const key = first || made(); first = ''; return key; };"
    )
    rater.open(f"/screen?issue={url_of(1)}")
    rater.press("i")
    expect(rater.page.locator("#saving")).to_contain_text("decide once more")
    rater.decide("i")
    with study.decisions() as decisions:
        assert [screen_of(one).include for one in decisions.current(Step.SCREEN)] == [True]


def test_decision_on_a_page_of_another_rater_is_refused(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    served = serve(study)
    ada = visit(served, "ada", "/screen")
    other = ada.context.new_page()
    other.goto(served.enter("ben"))
    ada.press("i")
    expect(ada.page.locator("#saving")).to_contain_text(
        "This page is ada's, but this browser is now ben's: open your own link again"
    )
    ada.press("s")
    with study.decisions() as decisions:
        assert decisions.history() == []
        assert decisions.events() == []
    other.goto(served.enter("ada"))
    ada.decide("i")
    with study.decisions() as decisions:
        assert [one.rater for one in decisions.history()] == ["ada"]


@pytest.mark.parametrize("what", ["", "/undo", "/skip"])
def test_no_kind_of_message_is_taken_for_another_rater(screening: Served, what: str) -> None:
    message = sent(url_of(1), {"include": True}, key=str(uuid.uuid4()), rater="ada")
    with screening.client("ben") as client:
        assert client.post(f"/screen{what}", json=message).status_code == 409


def test_first_label_on_a_page_notes_the_codebook(to_label: StudyFolder, serve: Serve) -> None:
    with serve(to_label).client("ada") as client:
        assert client.post("/label", json=sent(url_of(1), LABELS)).status_code == 200
        assert client.post("/label", json=sent(url_of(2), LABELS)).status_code == 200
    with to_label.decisions() as decisions:
        (used,) = decisions.events(USED)
        (first, _second) = decisions.current(Step.LABEL)
    assert used.data["version"] == first.codebook
    assert used.data["terms"] == fingerprints(to_label.taxonomy)


@pytest.mark.parametrize("step", ["label", "adjudicate"])
def test_nothing_is_labelled_under_a_codebook_that_changed_without_a_version(
    to_label: StudyFolder, serve: Serve, step: str
) -> None:
    label(to_label, url_of(1), "ada", **LABELS)
    label(to_label, url_of(1), "ben", **{**LABELS, "symptom": "hang"})
    with to_label.decisions() as decisions:
        other = {**fingerprints(to_label.taxonomy), "hang": "another text"}
        decisions.note(USED, {"version": to_label.taxonomy.version, "terms": other}, at=AT)
    issue = url_of(2 if step == "label" else 1)
    with serve(to_label).client("ada") as client:
        answer = client.post(f"/{step}", json=sent(issue, LABELS, reason="The log says so."))
    assert answer.status_code == 409
    assert "give it a new one in codebook.toml" in answer.json()["error"]
    with to_label.decisions() as decisions:
        assert len(decisions.history(step=Step.LABEL)) == 2
        assert decisions.history(step=Step.ADJUDICATE) == []


@pytest.mark.parametrize(
    ("reason", "status"),
    [(" ", 400), ("x", 400), ("same", 400), ("日", 400), ("见日志", 200), ("Log says so", 200)],
)
def test_final_decision_needs_a_reason_in_words(
    to_label: StudyFolder, serve: Serve, reason: str, status: int
) -> None:
    label(to_label, url_of(1), "ada", **LABELS)
    label(to_label, url_of(1), "ben", **{**LABELS, "symptom": "hang"})
    with serve(to_label).client("ada") as client:
        client.get("/adjudicate")
        answer = client.post("/adjudicate", json=sent(url_of(1), LABELS, reason=reason))
    assert answer.status_code == status


def test_second_of_two_adjudicators_at_once_is_told(to_label: StudyFolder, serve: Serve) -> None:
    label(to_label, url_of(1), "ada", **LABELS)
    label(to_label, url_of(1), "ben", **{**LABELS, "symptom": "hang"})
    served = serve(to_label)
    with served.client("ada") as ada, served.client("ben") as ben:
        pages = [one.get("/adjudicate.json").json() for one in (ada, ben)]
        assert [page["known"] for page in pages] == [0, 0]
        said: dict[str, Any] = {"reason": "It hung.", "known": 0}
        first = ada.post("/adjudicate", json=sent(url_of(1), LABELS, **said))
        late = ben.post("/adjudicate", json=sent(url_of(1), LABELS, **said))
        assert late.status_code == 409
        assert "ada has decided this issue since" in late.json()["error"]
        page = ben.get("/adjudicate.json", params={"issue": url_of(1)}).json()
        assert page["known"] == first.json()["id"]
        assert page["decided"]["rater"] == "ada"
        said["known"] = page["known"]
        assert ben.post("/adjudicate", json=sent(url_of(1), LABELS, **said)).status_code == 200


@contextlib.contextmanager
def served_beside(folder: StudyFolder, rater: str) -> Iterator[httpx.Client]:
    """Serve a study in a process of its own, and come in there as a rater."""
    command = [sys.executable, "-m", "firstmile", "serve", str(folder.path), "--port", "0"]
    unbuffered = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=unbuffered) as process:
        try:
            assert process.stdout is not None
            links = (line.split() for line in process.stdout)
            link = next(words[1] for words in links if words[:1] == [rater])
            base = link.partition("/enter")[0]
            with httpx.Client(
                base_url=base, headers={"Origin": base}, timeout=30, verify=False
            ) as client:
                client.get(link)
                yield client
        finally:
            process.terminate()


def test_second_of_two_adjudicators_in_two_processes_is_told(
    to_label: StudyFolder, serve: Serve
) -> None:
    label(to_label, url_of(1), "ada", **LABELS)
    label(to_label, url_of(1), "ben", **{**LABELS, "symptom": "hang"})
    with to_label.decisions() as decisions:
        note_use(to_label, decisions, at=datetime(2026, 11, 20, tzinfo=UTC))
    said: dict[str, Any] = {"reason": "It hung.", "known": 0}
    with (
        serve(to_label).client("ada") as ada,
        served_beside(to_label, "ben") as ben,
        contextlib.closing(sqlite3.connect(to_label.path / DECISIONS)) as writer,
        ThreadPoolExecutor() as both,
    ):
        for one in (ada, ben):
            assert one.get("/adjudicate.json").json()["known"] == 0
        # Nobody can record anything until both have looked at what was decided.
        writer.execute("BEGIN IMMEDIATE")
        sending = [
            both.submit(one.post, "/adjudicate", json=sent(url_of(1), LABELS, **said))
            for one in (ada, ben)
        ]
        time.sleep(0.7)
        writer.rollback()
        answers = sorted((one.result() for one in sending), key=lambda one: one.status_code)
    assert [answer.status_code for answer in answers] == [200, 409]
    assert "has decided this issue since" in answers[1].json()["error"]
    with to_label.decisions() as decisions:
        assert len(decisions.history(step=Step.ADJUDICATE)) == 1


def test_no_page_tells_that_another_rater_included_an_issue(
    study: StudyFolder, serve: Serve
) -> None:
    served = serve(study)
    with served.client("ada") as ada, served.client("ben") as ben:
        assert ada.post("/screen", json=sent(url_of(1), {"include": True})).status_code == 200
        seen = ben.get("/issues/acme/engine/1.json").json()
        assert [one["step"] for one in seen["open"]] == ["screen"]
        assert seen["place"] == "to screen"
        work = {one["step"]: one["total"] for one in ben.get("/index.json").json()["work"]}
        assert work["verify"] == work["label"] == 0
        assert ben.get("/verify.json").json()["issue"] is None
        assert ben.get("/verify", params={"issue": url_of(1)}).status_code == 404
        assert ben.post("/verify", json=sent(url_of(1), {"include": True})).status_code == 409
        ben.post("/screen", json=sent(url_of(1), {"include": True}))
        assert ben.get("/verify.json").json()["issue"]["url"] == url_of(1)
