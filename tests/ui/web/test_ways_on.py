"""A page that has nothing more to do says where to go on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from firstmile.study.decisions import Step
from firstmile.study.folder import StudyFolder
from firstmile.study.machine_screen import screen_by_machine
from ui.web.served import Served, Visit
from ui.web.studies import include_all

Serve = Callable[..., Served]
Go = Callable[..., Visit]


def test_empty_step_links_to_the_step_in_which_something_waits(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    include_all(study, steps=(Step.SCREEN,))
    rater = visit(serve(study), "ada", "/screen")
    main = rater.page.locator("main")
    expect(main).to_contain_text("Next for you: Enter Verify (12 to go)")
    rater.page.get_by_role("link", name="Verify").last.click()
    assert rater.page.url.endswith("/verify")


@pytest.mark.parametrize("path", ["/", "/screen", "/verify", "/audit", "/label", "/adjudicate"])
def test_pages_name_no_shell_command_for_what_they_do_themselves(
    screening: Served, path: str
) -> None:
    with screening.client("ada") as client:
        text = client.get(path).text
        assert client.get(path).status_code == 200
    assert "firstmile serve" not in text
    assert path == "/" or "firstmile study" not in text


def test_what_to_do_next_links_to_its_step(to_label: StudyFolder, serve: Serve, visit: Go) -> None:
    screen_by_machine(to_label)
    rater = visit(serve(to_label), "ada")
    links = rater.page.locator(".next a")
    assert "/label" in [link.get_attribute("href") for link in links.all()]


@pytest.mark.parametrize("rater", ["ada", "eve"])
def test_issue_that_is_closed_to_a_rater_leads_on(
    to_label: StudyFolder, serve: Serve, rater: str
) -> None:
    text = (to_label.path / "study.toml").read_text()
    labellers = '\n[[raters]]\nname = "eve"\n\n[label]\nraters = ["ada", "ben"]\n'
    (to_label.path / "study.toml").write_text(text + labellers)
    with serve(StudyFolder(to_label.path)).client(rater) as client:
        answer = client.get("/label", params={"issue": "https://github.com/acme/engine/issues/99"})
        twin = client.get("/label.json", params={"issue": "https://github.com/a/b/issues/99"})
    assert answer.status_code == twin.status_code == (404 if rater == "ada" else 403)
    assert ('<a href="/label">Go on with the next issue</a>' in answer.text) is (rater == "ada")
    assert '<a href="/">How far the study is</a>' in answer.text
    assert list(twin.json()) == ["error"]


def test_enter_goes_on_from_the_home_page_and_from_a_step_that_is_done(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(study), "ada", "/")
    rater.press("Enter")
    rater.page.wait_for_url("**/screen")
    rater.ready()
    for _ in range(12):
        rater.decide("i")
    expect(rater.page.locator("main")).to_contain_text("Next for you: Enter Verify (12 to go)")
    rater.press("Enter")
    rater.page.wait_for_url("**/verify")


def test_error_key_says_where_there_is_no_error_to_go_to(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    said = "#saving"
    rater = visit(serve(to_label), "ada", "/label?issue=https://github.com/acme/engine/issues/10")
    rater.press("e")
    expect(rater.page.locator(said)).to_contain_text("No line here looks like an error")
    rater.open("/label?issue=https://github.com/acme/engine/issues/1")
    rater.press("e")
    expect(rater.page.locator(said)).to_have_text("")
    rater.press("e", "e", "e")
    expect(rater.page.locator(said)).to_contain_text("That was the last line")
    rater.press("E")
    expect(rater.page.locator(said)).to_have_text("")
