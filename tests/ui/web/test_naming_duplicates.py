"""A rater who leaves out a duplicate names the other issue, with the keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from firstmile.study.decisions import Step, screen_of
from firstmile.study.folder import StudyFolder
from ui.web.served import Served, Visit
from ui.web.studies import REPORTS, add_issues, url_of

Serve = Callable[..., Served]
Go = Callable[..., Visit]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("5", [5]),
        ("#5", [5]),
        ("acme/engine#5", [5]),
        (url_of(5), [5]),
        (url_of(5) + "#issuecomment-12", [5]),
        ("all-reduce nodes", [4]),
        ("acme/engine#99", []),
        ("https://example.org/a/b/issues/5", []),
        ("   ", []),
        ("x" * 5_000, []),
        ("\x00'\"*", []),
    ],
)
def test_issue_is_found_by_number_address_and_words(
    screening: Served, words: str, numbers: list[int]
) -> None:
    with screening.client("ada") as client:
        found = client.get("/issues/named.json", params={"of": url_of(1), "words": words}).json()
    assert not found["itself"]
    assert [one["url"] for one in found["issues"]][: len(numbers) or 1] == [
        url_of(one) for one in numbers
    ]


def test_issue_is_no_duplicate_of_itself(screening: Served) -> None:
    with screening.client("ada") as client:
        for words in ("1", url_of(1), "Engine dies while the cache"):
            asked = {"of": url_of(1), "words": words}
            found = client.get("/issues/named.json", params=asked).json()
            assert url_of(1) not in [one["url"] for one in found["issues"]]
            assert found["itself"] is not words.startswith("Engine")


def test_number_means_an_issue_of_the_same_repository(study: StudyFolder, serve: Serve) -> None:
    add_issues(study, REPORTS[:3], repository="acme/other")
    with serve(study).client("ada") as client:
        asked = {"of": url_of(1, "acme/other"), "words": "2"}
        found = client.get("/issues/named.json", params=asked).json()
    assert found["issues"][0]["name"] == "acme/other#2"


def notes(folder: StudyFolder) -> list[tuple[str | None, str]]:
    with folder.decisions() as decisions:
        found = [screen_of(one) for one in decisions.current(Step.SCREEN)]
    return [(one.reason, one.note) for one in found]


def test_duplicate_is_named_by_keyboard_alone(study: StudyFolder, serve: Serve, visit: Go) -> None:
    rater = visit(serve(study), "ada", "/screen")
    rater.press("n")
    rater.page.keyboard.type("same trace")
    rater.press("Escape", "5")
    expect(rater.page.locator("#which h2")).to_have_text("Duplicate of which issue?")
    expect(rater.page.locator("#which-save")).to_have_text(
        "Enter leave it out, without saying of which"
    )
    rater.page.keyboard.type("memory")
    expect(rater.page.locator("#which-hits .term")).not_to_have_count(0)
    rater.page.keyboard.press("Control+a")
    rater.page.keyboard.type("7")
    expect(rater.page.locator("#which-save")).to_have_text(
        "Enter leave it out: duplicate of acme/engine#7"
    )
    rater.decide("Enter")
    assert notes(study) == [("duplicate", f"Duplicate of {url_of(7)}\nsame trace")]
    rater.decide("u")
    expect(rater.page.locator("#note")).to_have_value("same trace")
    rater.press("5", "Escape")
    expect(rater.page.locator("#which")).to_be_hidden()
    assert notes(study) == []
    rater.decide("5", "Enter")
    assert notes(study) == [("duplicate", "same trace")]
    assert rater.complaints == []
    assert rater.page.evaluate("window.violations") == []


def test_enter_names_nothing_that_was_not_seen(study: StudyFolder, serve: Serve, visit: Go) -> None:
    rater = visit(serve(study), "ada", "/screen")
    rater.press("5")
    rater.page.keyboard.type("no such words anywhere")
    rater.press("Enter", "Enter")
    expect(rater.page.locator("#which-hits")).to_contain_text("No issue of the study has")
    expect(rater.page.locator("#which-save")).to_be_disabled()
    rater.press("Enter")
    expect(rater.page.locator("#which")).to_be_visible()
    assert notes(study) == []


def test_arrows_walk_through_the_issues_that_were_found(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    add_issues(study, [("Zebra one", "", ()), ("Zebra two", "", ())], repository="acme/other")
    rater = visit(serve(study), "ada", "/screen")
    rater.press("5")
    rater.page.keyboard.type("zebra")
    expect(rater.page.locator("#which-hits .term")).to_have_count(2)
    rater.press("ArrowDown")
    second = rater.page.locator("#which-hits [aria-selected=true]")
    name = (second.locator("small").text_content() or "").strip().partition(",")[0]
    rater.decide("Enter")
    repository, _, number = name.partition("#")
    assert notes(study) == [("duplicate", f"Duplicate of {url_of(int(number), repository)}")]


def test_one_escape_goes_back_from_words_already_typed(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(study), "ada", "/screen")
    rater.press("5")
    rater.page.keyboard.type("engine")
    rater.press("Escape")
    expect(rater.page.locator("#which")).to_be_hidden()
    assert notes(study) == []


def test_name_without_owner_means_the_repository_of_that_name(
    study: StudyFolder, serve: Serve
) -> None:
    name = url_of(2).split("/")[-3]
    with serve(study).client("ada") as client:
        for words, expected in ((f"{name}#2", [url_of(2)]), ("none#2", [])):
            asked = {"of": url_of(1), "words": words}
            found = client.get("/issues/named.json", params=asked).json()
            assert [one["url"] for one in found["issues"][:1]] == expected


def test_naming_the_issue_that_is_read_is_said_to_be_that(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(study), "ada", "/screen?issue=" + url_of(1))
    rater.press("5")
    rater.page.keyboard.type("#1")
    expect(rater.page.locator("#which-hits")).to_have_text(
        "That is the issue that you are reading: name the other one."
    )
    expect(rater.page.locator("#which-save")).to_be_disabled()
    rater.page.keyboard.type("99")
    expect(rater.page.locator("#which-hits")).to_contain_text("No issue of the study has")


def test_a_key_right_after_the_question_is_closed_reaches_the_page(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(study), "ada", "/screen")
    rater.press("5")
    # Within one task, so before the page is drawn again and gives the focus of a hidden field back.
    focused = rater.page.evaluate(
        """() => {
          const field = document.getElementById("which-words");
          const there = document.activeElement === field;
          field.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
          return [there, document.activeElement === field];
        }"""
    )
    assert focused == [True, False]
    rater.decide("5", "Enter")
    assert notes(study) == [("duplicate", "")]
