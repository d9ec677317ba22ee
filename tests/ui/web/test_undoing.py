"""What is taken back stands in the form again, word for word."""

from collections.abc import Callable

from playwright.sync_api import expect

from firstmile.study.decisions import Step, label_of
from firstmile.study.folder import StudyFolder
from ui.web.served import Served, Visit
from ui.web.studies import label, url_of

Serve = Callable[..., Served]
Go = Callable[..., Visit]
SAME = {"cause": "hardware/gpu-memory", "stage": "inference"}
REASON = "It never became ready:\nthe log ends before."


def test_undone_adjudication_stands_in_the_form_with_its_reason(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    label(to_label, url_of(1), "ada", symptom="crash/cuda/out-of-memory", **SAME)
    label(to_label, url_of(1), "ben", symptom="loading", **SAME)
    rater = visit(serve(to_label), "ada", "/adjudicate")
    rater.press("g", "b", "r")
    rater.page.locator("#reason").fill(REASON)
    rater.decide("Enter")
    rater.decide("u")
    expect(rater.page.locator("#reason")).to_have_value(REASON)
    expect(rater.page.locator("#axis-symptom .pick")).to_have_text("Loading Failure")
    expect(rater.page.locator("[aria-pressed=true]")).to_have_text("probable")
    rater.decide("Control+Enter")
    with to_label.decisions() as decisions:
        history = decisions.history(step=Step.ADJUDICATE)
    assert [one.reason for one in history] == [REASON, "", REASON]
    assert label_of(history[2]) == label_of(history[0])
