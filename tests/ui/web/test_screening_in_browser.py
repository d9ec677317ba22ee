"""Screening, verifying and auditing in a real browser, one key a decision."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from firstmile.study.decisions import Step, screen_of
from firstmile.study.folder import StudyFolder
from firstmile.study.overview import AUDIT
from ui.web.served import Served, Visit
from ui.web.studies import AT, include_all, url_of

Serve = Callable[..., Served]
Go = Callable[..., Visit]


def test_one_key_includes_or_leaves_out_with_a_reason(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(study), "ada", "/screen")
    rater.decide("i")
    rater.decide("2")
    rater.press("n")
    rater.page.keyboard.type("asks for a build")
    rater.press("Escape")
    rater.decide("1")
    expect(rater.page.locator("#done")).to_have_text("3 of 12")
    with study.decisions() as decisions:
        found = [screen_of(one) for one in decisions.current(Step.SCREEN)]
    assert [(one.include, one.reason) for one in found] == [
        (True, None),
        (False, "feature-request"),
        (False, "question"),
    ]
    assert found[2].note == "asks for a build"
    assert rater.complaints == []


def test_screen_shows_title_and_description_and_not_the_comments(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(study), "ada", "/screen")
    expect(rater.page.locator("#thread")).to_contain_text("I start the server")
    expect(rater.page.locator("#thread")).not_to_contain_text("With 0.8 and a length")
    assert "comments" not in rater.data()["issue"]


def test_undo_brings_the_last_issue_back(study: StudyFolder, serve: Serve, visit: Go) -> None:
    rater = visit(serve(study), "ada", "/screen")
    rater.decide("3")
    rater.decide("u")
    assert rater.data()["issue"]["url"] == url_of(1)
    rater.decide("i")
    with study.decisions() as decisions:
        assert [screen_of(one).include for one in decisions.current(Step.SCREEN)] == [True]


def test_verifying_shows_the_whole_thread(study: StudyFolder, serve: Serve, visit: Go) -> None:
    include_all(study, steps=(Step.SCREEN,))
    rater = visit(serve(study), "ben", "/verify")
    expect(rater.page.locator("#thread")).to_contain_text("With 0.8 and a length")
    rater.decide("i")
    with study.decisions() as decisions:
        assert [one.issue for one in decisions.current(Step.VERIFY)] == [url_of(1)]


def test_audit_reads_the_drawn_sample(study: StudyFolder, serve: Serve, visit: Go) -> None:
    with study.decisions() as decisions:
        decisions.note(AUDIT, {"issues": [url_of(4), url_of(2)]}, at=AT)
    rater = visit(serve(study), "ada", "/audit")
    assert rater.data()["issue"]["url"] == url_of(4)
    rater.decide("1")
    assert rater.data()["issue"]["url"] == url_of(2)
    rater.decide("i")
    expect(rater.page.locator("h1")).to_have_text("The audit is finished.")


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1280, "dark")])
def test_page_fits_and_is_legible(
    study: StudyFolder, serve: Serve, visit: Go, width: int, theme: str
) -> None:
    from rendering.test_page_in_browser import LOW_CONTRAST

    rater = visit(serve(study), "ada", "/screen", width=width, color_scheme=theme)
    assert rater.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert rater.page.evaluate(LOW_CONTRAST) == []
