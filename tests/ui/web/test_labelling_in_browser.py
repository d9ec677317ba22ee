"""Labelling in a real browser, with the keyboard alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from firstmile.study.decisions import Step, label_of
from firstmile.study.folder import StudyFolder
from ui.web.served import Served, Visit
from ui.web.studies import REPORTS, include_all, label, make, url_of

Serve = Callable[..., Served]
Go = Callable[..., Visit]

ONE = "/label?issue=https://github.com/acme/engine/issues/1"


@pytest.mark.every_run
def test_ten_issues_are_labelled_by_keyboard(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(to_label), "ada", "/label")
    for place in range(10):
        rater.press("1", "1", "1")
        rater.press("7", "1")
        rater.press("2", "e", "q")
        rater.decide("Enter")
        expect(rater.page.locator("#done")).to_have_text(f"{place + 1} of 12")
    with to_label.decisions() as decisions:
        found = decisions.current(Step.LABEL, rater="ada")
    assert len({one.issue for one in found}) == 10
    assert {one.value and one.value["symptom"] for one in found} == {"crash/cuda/out-of-memory"}
    assert {one.value and one.value["stage"] for one in found} == {"inference"}
    assert rater.complaints == []
    assert rater.left() == []
    assert rater.page.evaluate("window.violations") == []


def test_enter_walks_through_all_axes_and_saves(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    rater.press("ArrowDown", "ArrowDown", "ArrowRight", "Enter")
    rater.press("ArrowDown", "Enter", "ArrowDown", "Enter")
    expect(rater.page.locator("#next")).to_have_text("Enter save and go on")
    rater.decide("Enter")
    with to_label.decisions() as decisions:
        value = label_of(decisions.current(Step.LABEL)[0])
    assert value.symptom == "incorrect/generation"
    assert value.cause == "environment"
    assert value.stage == "fine-tuning"


def test_line_under_the_cursor_is_quoted_verbatim(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    rater.press("e", "e", "q")
    line = "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.40 GiB"
    expect(rater.page.locator("#quote .value")).to_have_text(line)
    rater.press("0", "0", "0")
    rater.decide("Enter")
    with to_label.decisions() as decisions:
        assert label_of(decisions.current(Step.LABEL)[0]).quote == line


def test_selected_text_is_quoted(to_label: StudyFolder, serve: Serve, visit: Go) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    rater.page.evaluate(
        """() => {
          const line = [...document.querySelectorAll(".line.error")].at(-1).firstChild;
          const range = document.createRange();
          range.setStart(line, 11); range.setEnd(line, 27);
          getSelection().addRange(range);
        }"""
    )
    rater.press("q")
    expect(rater.page.locator("#quote .value")).to_have_text("OutOfMemoryError")


def test_cannot_tell_is_recorded_by_axis(to_label: StudyFolder, serve: Serve, visit: Go) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    rater.press("3", "Enter", "0", "0", "g", "g")
    rater.press("n")
    rater.page.keyboard.type("Only the start of the log is there.")
    rater.decide("Control+Enter")
    with to_label.decisions() as decisions:
        value = label_of(decisions.current(Step.LABEL)[0])
    assert value.cannot_tell == ("cause", "stage")
    assert value.cause is None
    assert value.confidence.value == "guess"
    assert value.note == "Only the start of the log is there."


def test_search_finds_a_term_by_its_error_text_and_picks_it(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    rater.press("/")
    rater.page.keyboard.type("out of memory")
    expect(rater.page.locator(".term[aria-selected=true]")).to_contain_text("Out of Memory")
    rater.press("Enter")
    expect(rater.page.locator("#axis-symptom .pick")).to_have_text(
        "Crash - CUDA Error - Out of Memory"
    )
    expect(rater.page.locator("#axis-cause")).to_have_attribute("aria-selected", "true")


def test_highlighted_term_shows_its_definition_and_boundary_rules(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    term = to_label.taxonomy.term("incorrect")
    rater.press("ArrowDown", "ArrowDown")
    card = rater.page.locator("#card")
    expect(card).to_contain_text(term.definition.split("`")[0])
    expect(card).to_contain_text("Told apart")
    expect(card).to_contain_text(term.includes[0].split("`")[0])


def test_long_card_says_that_it_goes_on_and_a_key_reads_on(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(to_label), "ada", ONE, height=800)
    card, on = rater.page.locator("#card"), rater.page.locator("#card-on")
    expect(on).to_be_hidden()
    rater.press("3", "ArrowDown")
    expect(on).to_be_visible()
    for _ in range(20):
        rater.press("x")
    expect(on).to_be_hidden()
    assert card.evaluate("box => box.scrollTop + box.clientHeight >= box.scrollHeight - 3")
    rater.press("X")
    expect(on).to_be_visible()


def test_a_click_shows_what_it_is_on_and_takes_only_what_was_shown(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    term = rater.page.locator(".term")
    card, chosen = rater.page.locator("#card h2"), rater.page.locator("#axis-symptom .pick")
    for name, shown in (("Crash", "Crash"), ("CUDA Error", "Crash - CUDA Error")):
        term.filter(has=rater.page.get_by_text(name, exact=True)).click()
        expect(card).to_have_text(shown)
        expect(chosen).to_have_text("not chosen")
    term.filter(has=rater.page.get_by_text("CUDA Error", exact=True)).click()
    expect(chosen).to_have_text("Crash - CUDA Error")


def test_what_a_screen_reader_says_of_terms_is_words(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    by_role = rater.page.get_by_role
    expect(by_role("option", name="Crash (has finer terms)", exact=True)).to_have_count(1)
    expect(by_role("option", name="Cannot tell", exact=True)).to_have_count(1)
    expect(by_role("group", name="How sure").get_by_role("button")).to_have_count(3)
    expect(by_role("tab", name="Symptom not chosen", exact=True)).to_have_count(1)


def test_undo_takes_the_last_decision_back_and_shows_it_again(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    rater.press("1", "1", "1", "7", "1", "2")
    rater.decide("Enter")
    rater.decide("u")
    assert rater.data()["issue"]["url"] == url_of(1)
    expect(rater.page.locator("#axis-symptom .pick")).to_have_text(
        "Crash - CUDA Error - Out of Memory"
    )
    expect(rater.page.locator("#done")).to_have_text("0 of 12")
    with to_label.decisions() as decisions:
        assert decisions.current(Step.LABEL) == []
        assert [one.value is None for one in decisions.history(step=Step.LABEL)] == [False, True]
    rater.decide("Enter")
    with to_label.decisions() as decisions:
        assert len(decisions.current(Step.LABEL)) == 1


def test_skipped_issue_comes_last(tmp_path: Path, serve: Serve, visit: Go) -> None:
    folder = make(tmp_path / "study", REPORTS[:3])
    include_all(folder)
    rater = visit(serve(folder), "ada", "/label")
    first = rater.data()["issue"]["url"]
    rater.decide("s")
    seen = []
    for _ in range(2):
        seen.append(rater.data()["issue"]["url"])
        rater.press("0", "0", "0")
        rater.decide("Enter")
    assert first not in seen
    assert rater.data()["issue"]["url"] == first


def test_folded_log_opens_with_a_key(to_label: StudyFolder, serve: Serve, visit: Go) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    hidden = rater.page.get_by_text("Loading shard 30 of 60")
    expect(hidden).to_be_hidden()
    expect(rater.page.get_by_text("56 lines folded")).to_be_visible()
    rater.press("f")
    expect(hidden).to_be_visible()
    rater.press("f")
    expect(hidden).to_be_hidden()


def test_draft_survives_a_reload(to_label: StudyFolder, serve: Serve, visit: Go) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    rater.press("1", "1", "1", "e", "q")
    rater.page.reload()
    rater.ready()
    expect(rater.page.locator("#axis-symptom .pick")).to_have_text(
        "Crash - CUDA Error - Out of Memory"
    )
    expect(rater.page.locator("#quote .value")).to_contain_text("Traceback")


def test_saving_an_incomplete_decision_says_what_is_missing(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    rater.press("1", "1", "1", "Control+Enter")
    expect(rater.page.locator("#saving")).to_contain_text("Choose first: cause, stage")
    with to_label.decisions() as decisions:
        assert decisions.history(step=Step.LABEL) == []


def test_decision_waits_while_the_server_is_away_and_is_recorded_once(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    served = serve(to_label)
    rater = visit(served, "ada", ONE)
    served.stop()
    rater.press("0", "0", "0", "Enter")
    expect(rater.page.locator("#saving")).to_contain_text("Not saved yet")
    again = serve(to_label, served.port)
    expect(rater.page.locator("#saving")).to_contain_text("Open your own link again")
    rater.context.new_page().goto(again.enter("ada"))
    expect(rater.page.locator("#done")).to_have_text("1 of 12")
    with again.folder.decisions() as decisions:
        assert len(decisions.history(step=Step.LABEL)) == 1


def test_all_keys_are_listed(to_label: StudyFolder, serve: Serve, visit: Go) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    rater.press("?")
    expect(rater.page.locator("#help")).to_be_visible()
    rater.press("1")
    expect(rater.page.locator("#axis-symptom .pick")).to_have_text("not chosen")
    rater.press("Escape")
    expect(rater.page.locator("#help")).to_be_hidden()


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1280, "light")])
def test_page_fits_and_is_legible(
    to_label: StudyFolder, serve: Serve, visit: Go, width: int, theme: str
) -> None:
    from rendering.test_page_in_browser import LOW_CONTRAST

    rater = visit(serve(to_label), "ada", ONE, width=width, color_scheme=theme)
    rater.press("1", "1", "1", "e", "q")
    assert rater.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert rater.page.evaluate(LOW_CONTRAST) == []


def test_adjudicator_decides_between_two_raters(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    same = {"cause": "hardware/gpu-memory", "stage": "inference"}
    line = "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.40 GiB"
    label(to_label, url_of(1), "ada", symptom="crash/cuda/out-of-memory", quote=line, **same)
    label(to_label, url_of(1), "ben", symptom="loading", codebook="0.9.0", **same)
    label(to_label, url_of(2), "ada", symptom="loading", **same)
    label(to_label, url_of(2), "ben", symptom="loading", **same)
    rater = visit(serve(to_label), "ada", "/adjudicate")
    assert rater.data()["issue"]["url"] == url_of(1)
    expect(rater.page.locator(".quoted")).to_contain_text(line)
    expect(rater.page.locator(".differs")).to_have_count(1)
    rows = rater.page.locator(".beside tbody th")
    expect(rows).to_have_text(["symptom", "quote", "cause", "stage", "how sure", "when"])
    expect(rater.page.locator(".touched")).to_contain_text("decided under codebook 0.9.0")
    rater.press("b", "Enter")
    expect(rater.page.locator("#saving")).to_contain_text("needs its reason, in words")
    rater.page.keyboard.type("x")
    rater.press("Enter")
    expect(rater.page.locator("#saving")).to_contain_text("needs its reason, in words")
    rater.page.locator("#reason").fill("")
    rater.page.keyboard.type("It never became ready.")
    expect(rater.page.locator("#saving")).to_have_text("")
    rater.decide("Enter")
    expect(rater.page.locator("h1")).to_have_text("All done.")
    with to_label.decisions() as decisions:
        final = decisions.current(Step.ADJUDICATE)
    assert [label_of(one).symptom for one in final] == ["loading"]
    assert final[0].reason == "It never became ready."
    assert final[0].rater == "ada"
    rater.open("/adjudicate/history")
    first = rater.page.locator("tbody tr").first
    expect(first).to_contain_text("It never became ready.")
    expect(first.locator("a")).to_have_text(REPORTS[0][0])
    expect(first).to_contain_text("acme/engine#1")


def test_enter_alone_picks_nothing_on_a_fresh_issue(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    expect(rater.page.locator(".term[aria-selected=true]")).to_have_count(0)
    expect(rater.page.locator("#next")).to_have_text("1–9 pick the symptom")
    rater.press("Enter", "Enter", "Enter")
    for axis in ("symptom", "cause", "stage"):
        expect(rater.page.locator(f"#axis-{axis} .pick")).to_have_text("not chosen")
    rater.press("ArrowDown")
    expect(rater.page.locator(".term[aria-selected=true]")).to_contain_text("Crash")


def test_next_step_is_said_at_every_point(to_label: StudyFolder, serve: Serve, visit: Go) -> None:
    rater = visit(serve(to_label), "ada", ONE)
    said = rater.page.locator("#next")
    expect(said).to_have_text("1–9 pick the symptom")
    rater.press("1")
    expect(said).to_have_text("Enter symptom: Crash or 1–9 for what exactly")
    rater.press("/")
    rater.page.keyboard.type("no such words")
    expect(said).to_have_text("Esc leave the search")
    rater.press("Escape", "0", "0", "0")
    expect(said).to_have_text("Enter save and go on")


def test_adjudicator_sees_labels_and_chooses_only_where_raters_differ(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    same = {"cause": "hardware/gpu-memory", "stage": "inference"}
    label(to_label, url_of(1), "ada", symptom="crash/cuda/out-of-memory", **same)
    label(to_label, url_of(1), "ben", symptom="loading", **same)
    rater = visit(serve(to_label), "ada", "/adjudicate")
    beside = rater.page.locator(".beside")
    expect(beside).to_contain_text("Crash - CUDA Error - Out of Memory")
    expect(beside).not_to_contain_text("crash/cuda")
    expect(rater.page.locator("footer")).to_contain_text("ab take a rater's")
    expect(rater.page.locator("#axis-symptom .pick")).to_have_text("not chosen")
    expect(rater.page.locator("#axis-cause .pick")).not_to_have_text("not chosen")
    expect(rater.page.locator("#axis-stage .pick")).not_to_have_text("not chosen")
    rater.press("g", "b", "r")
    rater.page.keyboard.type("It never became ready.")
    rater.decide("Enter")
    with to_label.decisions() as decisions:
        (final,) = decisions.current(Step.ADJUDICATE)
    assert label_of(final).cause == "hardware/gpu-memory"
    assert label_of(final).confidence.value == "probable"
