"""A step in which nothing waits any more says what is finished and what comes next."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from firstmile.study.folder import StudyFolder
from firstmile.study.machine_screen import screen_by_machine
from firstmile.study.overview import make_overview
from firstmile.study.queues import PILOT
from firstmile.study.rounds import discuss_round
from firstmile.study.screening_run import freeze_ranking
from ui.web.served import Served, sent
from ui.web.studies import AT, DESIGN, REPORTS, include_all, label, make, url_of

Serve = Callable[..., Served]
NOW = datetime(2026, 11, 21, tzinfo=UTC)
LABELS = {"symptom": "loading", "cause": "environment", "stage": "inference"}
OUT = {"include": False, "reason": "question"}


def said(text: str) -> str:
    """Return a page's words."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", text.partition("<main")[2])).split())


@pytest.fixture
def frozen(tmp_path: Path) -> StudyFolder:
    """Return a study whose screen ended with four issues discarded, two of them in the sample."""
    design = DESIGN + "\n[screen]\nkeywords = []\naudit = 2\n"
    folder = make(tmp_path / "study", REPORTS[:4], design=design)
    screen_by_machine(folder)
    with folder.decisions() as decisions:
        freeze_ranking(folder, decisions, at=NOW)
    return folder


def test_audit_says_that_it_is_finished_and_what_it_found(
    frozen: StudyFolder, serve: Serve
) -> None:
    served = serve(frozen)
    with served.client("ada") as ada, served.client("ben") as ben:
        first = ada.get("/audit.json").json()["issue"]["url"]
        ada.post("/audit", json=sent(first, OUT))
        assert "finished" not in said(ada.get("/audit").text)
        second = ben.get("/audit.json").json()["issue"]["url"]
        assert second != first
        ben.post("/audit", json=sent(second, {"include": True}))
        waits = said(ada.get("/audit").text)
        assert waits.startswith('id="main" class="column"> The audit is finished.')
        assert "2 issues is read: 1 by you, 1 by others." in waits
        assert "What the screen missed is known once 1 issue is verified." in waits
        assert "Next for you: Enter Verify (1 to go)" in waits
        assert "one is drawn" not in waits
        ben.post("/verify", json=sent(second, OUT))
        ada.post("/verify", json=sent(second, OUT))
        bound = said(ada.get("/audit").text)
    assert "Of 4 discarded issues 2 were sampled and 0 of those are failures" in bound
    assert "at least" in bound
    assert "What the study waits for" in bound


def test_audit_before_the_freeze_says_where_its_sample_comes_from(screening: Served) -> None:
    with screening.client("ada") as client:
        page = said(client.get("/audit").text)
    assert "Nothing here yet. No sample of what was discarded was drawn yet." in page


@pytest.fixture
def pilot(to_label: StudyFolder) -> StudyFolder:
    """Return a study in a pilot round of two issues."""
    with to_label.decisions() as decisions:
        decisions.note(PILOT, {"round": 1, "issues": [url_of(1), url_of(2)]}, at=AT)
    screen_by_machine(to_label)
    return to_label


def test_end_of_a_pilot_round_says_who_is_still_labelling(pilot: StudyFolder, serve: Serve) -> None:
    with serve(pilot).client("ada") as client:
        for number in (1, 2):
            client.post("/label", json=sent(url_of(number), LABELS))
        page = said(client.get("/label").text)
    assert "You have labelled pilot round 1." in page
    assert "Your labels of its 2 issues are on record. The round waits for ben (2 to go)." in page
    assert "Then you talk over where you differ." in page
    assert "Gwet's AC1 of 0.7" in page
    assert "firstmile serve" not in page


def test_end_of_a_pilot_round_says_what_is_done_with_it(pilot: StudyFolder, serve: Serve) -> None:
    name = pilot.path
    for number in (1, 2):
        label(pilot, url_of(number), "ada", **LABELS)
        label(pilot, url_of(number), "ben", **{**LABELS, "cause": "hardware"})
    with serve(pilot).client("ada") as client:
        page = client.get("/label").text
        assert f'<code class="command">firstmile study pilot {name} --discussed</code>' in page
        assert "Pilot round 1 is labelled by all." in said(page)
        assert "talk over where you differ" in said(page)
        assert "another round is labelled, until raters agree" in said(page)
        with pilot.decisions() as decisions:
            there = make_overview(pilot, decisions).funnel.standings
            discuss_round(pilot, decisions, there=there, at=NOW)
        page = client.get("/label").text
        assert "Pilot round 1 is discussed." in said(page)
        assert f'<code class="command">firstmile study pilot {name} --open</code>' in page


def test_end_of_the_pilots_last_round_says_that_its_target_holds(
    pilot: StudyFolder, serve: Serve
) -> None:
    served = serve(pilot)
    for rater in ("ada", "ben"):
        with served.client(rater) as client:
            for number, cause in ((1, "environment"), (2, "hardware")):
                client.post("/label", json=sent(url_of(number), {**LABELS, "cause": cause}))
            page = client.get("/label").text
    assert "its target holds" in said(page)
    assert f'<code class="command">firstmile study pilot {pilot.path} --end</code>' in page
    assert "another round is labelled" not in said(page)


def test_empty_page_has_a_json_twin_in_plain_words(pilot: StudyFolder, serve: Serve) -> None:
    with serve(pilot).client("ada") as client:
        for number in (1, 2):
            client.post("/label", json=sent(url_of(number), LABELS))
        ending = client.get("/label.json").json()["ending"]
    assert ending["heading"] == "You have labelled pilot round 1"
    assert all(isinstance(one, str) for one in (*ending["said"], *ending["next"]))


def test_what_others_settled_is_said_to_be_done(to_label: StudyFolder, serve: Serve) -> None:
    with to_label.decisions() as decisions:
        assert decisions.history()
    served = serve(to_label)
    for rater, cause in (("ada", "environment"), ("ben", "hardware")):
        label(to_label, url_of(1), rater, **{**LABELS, "cause": cause})
    with served.client("ada") as ada, served.client("ben") as ben:
        ada.get("/adjudicate")
        said_so = sent(url_of(1), LABELS, reason="The log says so.")
        assert ada.post("/adjudicate", json=said_so).status_code == 200
        page = said(ben.get("/adjudicate").text)
        work = {one["step"]: one for one in ben.get("/index.json").json()["work"]}
    assert "All done. Others have settled 1 issue that you need not." in page
    found = work["adjudicate"]
    assert (found["done"], found["total"], found["elsewhere"]) == (0, 0, 1)


@pytest.mark.parametrize("frozen_before", [False, True])
def test_home_page_says_what_freezing_does_and_how(
    tmp_path: Path, serve: Serve, frozen_before: bool
) -> None:
    folder = make(
        tmp_path / "our study", REPORTS[:2], design=DESIGN + "\n[screen]\nkeywords = []\n"
    )
    screen_by_machine(folder)
    if frozen_before:
        include_all(folder)
    with serve(folder).client("ada") as client:
        page = client.get("/").text
    command = (
        f'<code class="command">firstmile study screen &#39;{folder.path}&#39; --freeze</code>'
    )
    assert command in page
    words = said(page)
    assert "This ends the screen for good: what nobody has read is given up" in words
    assert "it bounds how many failures were missed" in words
    assert ("To stop before all are read" in words) is not frozen_before
    assert "to stop early" not in words
