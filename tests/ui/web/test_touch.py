"""On a phone there is no keyboard: undo and skip are buttons there, and nowhere else."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from firstmile.study.decisions import Step
from firstmile.study.folder import StudyFolder
from patience import wait_for_change
from ui.web.served import Served, Visit
from ui.web.studies import url_of

Serve = Callable[..., Served]
Go = Callable[..., Visit]
PHONE = {"width": 360, "height": 640, "has_touch": True, "is_mobile": True}
SMALL = """() => [...document.querySelectorAll(".touch > *, .term, .choices button, #next")]
  .map((one) => one.getBoundingClientRect())
  .filter(({ width, height }) => width < 44 || height < 44).length"""


def changed(rater: Visit, name: str) -> None:
    wait_for_change(rater.page, rater.page.get_by_role("button", name=name).tap)


def test_undo_and_skip_are_tapped_on_a_phone(study: StudyFolder, serve: Serve, visit: Go) -> None:
    rater = visit(serve(study), "ada", "/screen", **PHONE)
    expect(rater.page.get_by_role("button", name="Undo last")).to_be_disabled()
    first = rater.data()["issue"]["url"]
    changed(rater, "Skip")
    assert rater.data()["issue"]["url"] != first
    second = rater.data()["issue"]["url"]
    changed(rater, "Question. Asks how")
    with study.decisions() as decisions:
        assert [one.issue for one in decisions.current(Step.SCREEN)] == [second]
    changed(rater, "Undo last")
    assert rater.data()["issue"]["url"] == second
    with study.decisions() as decisions:
        assert decisions.current(Step.SCREEN) == []


def test_labels_are_given_undone_and_put_off_by_tapping(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(to_label), "ada", f"/label?issue={url_of(1)}", **PHONE)
    rater.page.get_by_role("link", name="To the decision").tap()
    for _ in range(3):
        rater.page.get_by_role("option", name="Cannot tell").tap()
    assert rater.page.evaluate(SMALL) == 0
    changed(rater, "save and go on")
    changed(rater, "Undo last")
    assert rater.data()["issue"]["url"] == url_of(1)
    changed(rater, "Skip")
    with to_label.decisions() as decisions:
        assert decisions.current(Step.LABEL) == []
    assert rater.complaints == []


def test_last_decision_is_taken_back_from_the_page_that_says_all_is_done(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(study), "ada", "/screen", **PHONE)
    for _ in range(12):
        changed(rater, "Yes, include it")
    expect(rater.page.locator("h1")).to_have_text("All done.")
    changed(rater, "take back your last decision")
    assert rater.data()["issue"]


@pytest.mark.parametrize("path", ["/screen", "/label"])
def test_desk_shows_no_buttons_for_what_keys_do(labelling: Served, visit: Go, path: str) -> None:
    rater = visit(labelling, "ada", f"{path}?issue={url_of(1)}")
    expect(rater.page.locator(".touch")).to_be_hidden()
    expect(rater.page.locator(".keys")).to_be_visible()


def test_phone_is_told_of_tapping_terms_and_not_of_keys(labelling: Served, visit: Go) -> None:
    rater = visit(labelling, "ada", "/label", **PHONE)
    expect(rater.page.locator("#card")).to_contain_text("Tap a term")
    expect(rater.page.locator("#card")).not_to_contain_text("↑")
