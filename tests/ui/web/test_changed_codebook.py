"""A codebook that changes while pages are open: each decision is made under the one it names."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from firstmile.study.codebook_use import USED, copy_codebook
from firstmile.study.decisions import Step
from firstmile.study.folder import CODEBOOK, StudyFolder
from ui.web.served import Served, Visit, sent
from ui.web.studies import label, url_of

Serve = Callable[..., Served]
Go = Callable[..., Visit]
LABELS = {"symptom": "loading", "cause": "environment", "stage": "inference"}
HEAD, LOADING = "codebook.toml", "symptoms/loading.toml"


@pytest.fixture
def own(to_label: StudyFolder) -> StudyFolder:
    """Return a study with a codebook of its own."""
    copy_codebook(to_label)
    return to_label


def edit(folder: StudyFolder, file: str, old: str, new: str) -> None:
    path = folder.path / CODEBOOK / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def give_version(folder: StudyFolder, version: str) -> None:
    edit(
        folder,
        HEAD,
        f'version = "{StudyFolder(folder.path).taxonomy.version}"',
        f'version = "{version}"',
    )


def test_page_shows_and_records_the_codebook_that_is_in_force_now(
    own: StudyFolder, serve: Serve
) -> None:
    with serve(own).client("ada") as client:
        before = client.get("/codebook.json").json()
        give_version(own, "9.1")
        edit(own, LOADING, 'definition = "', 'definition = "Now worded anew. ')
        now = client.get("/codebook.json").json()
        assert now["version"] == client.get("/label.json").json()["codebook"] == "9.1"
        assert "Now worded anew." not in client.get(before["address"]).text
        assert "Now worded anew." in client.get(now["address"]).text
        assert now["address"] in client.get("/label").text
        client.post("/label", json=sent(url_of(1), LABELS, codebook="9.1"))
        assert client.get("/index.json").json()["codebook"] == "9.1"
        assert client.get("/codebook/0123456789abcdef.json").status_code == 404
    with own.decisions() as decisions:
        assert [one.codebook for one in decisions.history(step=Step.LABEL)] == ["9.1"]
        assert decisions.events(USED)[-1].data["version"] == "9.1"


@pytest.mark.parametrize("step", ["label", "adjudicate"])
def test_decision_under_an_earlier_codebook_is_not_recorded(
    own: StudyFolder, serve: Serve, step: str
) -> None:
    label(own, url_of(1), "ada", **LABELS)
    label(own, url_of(1), "ben", **{**LABELS, "symptom": "hang"})
    issue = url_of(2 if step == "label" else 1)
    with serve(own).client("ada") as client:
        shown = client.get(f"/{step}.json").json()["codebook"]
        give_version(own, "9.1")
        message = sent(issue, LABELS, reason="It hung.", codebook=shown)
        answer = client.post(f"/{step}", json=message)
        assert answer.status_code == 409
        assert answer.json()["reload"] is True
        assert f"has changed from {shown} to 9.1" in answer.json()["error"]
        anew = client.post(f"/{step}", json={**message, "codebook": "9.1"})
        assert anew.status_code == 200


def test_rater_is_asked_to_load_the_page_anew_and_loses_nothing(
    own: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(own), "ada", f"/label?issue={url_of(1)}")
    rater.press("1", "1", "1", "7", "1", "2", "n")
    rater.page.keyboard.type("Twice.")
    give_version(own, "9.1")
    rater.press("Control+Enter")
    expect(rater.page.locator("#saving")).to_contain_text("Not saved: the codebook has changed")
    expect(rater.page.locator("#next")).to_have_text("Enter load the page with the new codebook")
    rater.press("Escape")
    with rater.page.expect_navigation():
        rater.press("Enter")
    rater.ready()
    assert rater.data()["codebook"] == "9.1"
    expect(rater.page.locator("#note")).to_have_value("Twice.")
    rater.decide("Enter")
    with own.decisions() as decisions:
        (recorded,) = decisions.history(step=Step.LABEL)
    assert recorded.codebook == "9.1"


def test_page_that_somebody_comes_back_to_says_that_the_codebook_changed(
    own: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(own), "ada", f"/label?issue={url_of(1)}")
    give_version(own, "9.1")
    rater.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(rater.page.locator("#saving")).to_contain_text("it is now version 9.1")
    with rater.page.expect_navigation():
        rater.press("Enter")


def test_half_edited_codebook_stops_labelling_alone_until_it_is_whole(
    own: StudyFolder, serve: Serve
) -> None:
    with serve(own).client("ada") as client:
        edit(own, LOADING, 'code = "loading"', 'code = "loading')
        for answer in (client.get("/label"), client.post("/label", json=sent(url_of(1), LABELS))):
            assert answer.status_code == 503
            assert "of the codebook is not valid TOML" in answer.text
        for path in ("/", "/issues", "/screen", "/issues/acme/engine/1"):
            assert client.get(path).status_code == 200
        edit(own, LOADING, 'code = "loading', 'code = "loading"')
        assert client.post("/label", json=sent(url_of(1), LABELS)).status_code == 200


def test_codebook_that_changes_without_a_version_stops_labelling(
    own: StudyFolder, serve: Serve
) -> None:
    with serve(own).client("ada") as client:
        assert client.post("/label", json=sent(url_of(1), LABELS)).status_code == 200
        edit(own, LOADING, 'definition = "', 'definition = "Now worded anew. ')
        assert "give it a new one in codebook.toml" in client.get("/label").text
        answer = client.post("/label", json=sent(url_of(2), LABELS))
        assert answer.status_code == 503
        give_version(own, "9.1")
        assert client.post("/label", json=sent(url_of(2), LABELS)).status_code == 200
