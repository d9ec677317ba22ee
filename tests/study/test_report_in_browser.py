"""A person reads the report of the published labels in a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from firstmile.rendering.page import write_page
from firstmile.study.judging import Verdict, load_claims
from firstmile.study.labelled_sets import open_labelled_set
from firstmile.study.report import Report, make_report
from firstmile.study.settings import Settings
from firstmile.study.writing import write_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FEW = Settings(permutations=199, bootstraps=199, noise_replicates=20)
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def report(data_folder: Path) -> Report:
    opened = open_labelled_set(str(data_folder / "open-llm-failures"))
    return make_report(opened.counts, opened.facts, opened.findings, FEW)


@pytest.fixture(scope="module")
def address(report: Report, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the report once, and return the page's address."""
    return write_report(report, tmp_path_factory.mktemp("browser") / "report").as_uri()


@pytest.fixture(scope="module")
def address_of_claims(report: Report, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write a page of the report's claims alone, which is drawn in a third of the time."""
    document = report.document
    claims = replace(document, sections=tuple(s for s in document.sections if s.id == "claims"))
    return write_page(claims, tmp_path_factory.mktemp("claims")).as_uri()


DESK_AND_PHONE = [(1280, "light"), (360, "dark")]
"""Where behavior is tried; how the page looks is tried at both widths in both schemes."""


@pytest.fixture(params=DESK_AND_PHONE)
def page(request: pytest.FixtureRequest, browser: "Browser", address: str) -> "Iterator[Page]":
    """Open the report at two widths, light and dark."""
    with opened_quietly(browser, address, *request.param) as opened:
        yield opened


@pytest.fixture(params=DESK_AND_PHONE)
def page_of_claims(
    request: pytest.FixtureRequest, browser: "Browser", address_of_claims: str
) -> "Iterator[Page]":
    with opened_quietly(browser, address_of_claims, *request.param) as opened:
        yield opened


@contextmanager
def opened_quietly(
    browser: "Browser", address: str, width: int, scheme: Scheme
) -> "Iterator[Page]":
    """Open a page; fail on any error or request."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    opened = context.new_page()
    troubles: list[str] = []
    opened.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("request", lambda r: troubles.append(r.url) if r.url.startswith("http") else None)
    opened.goto(address)
    yield opened
    assert troubles == []
    context.close()


@pytest.mark.every_run
def test_claims_are_read_sorted_and_filtered(page_of_claims: "Page") -> None:
    table = page_of_claims.locator("#table-claims")
    assert table.locator("tbody tr").count() == len(load_claims())
    for verdict in Verdict:
        assert table.get_by_text(verdict.value, exact=True).count() > 0

    header = table.get_by_role("button", name="Verdict")
    header.focus()
    page_of_claims.keyboard.press("Enter")
    shown = [cell.strip() for cell in table.locator("tbody tr td:nth-child(3)").all_inner_texts()]
    assert shown == sorted(shown)


def test_a_chart_comes_alive_and_its_numbers_open(page: "Page") -> None:
    figure = page.locator("figure", has_text="adjusted residuals").first
    figure.scroll_into_view_if_needed()
    page.wait_for_function(
        "element => element.querySelector('.vega-embed, [data-state=live], canvas, svg') !== null",
        arg=figure.element_handle(),
    )
    details = figure.locator("details").first
    details.locator("summary").focus()
    page.keyboard.press("Enter")
    assert details.get_attribute("open") is not None
    assert details.locator("table").is_visible()


@pytest.mark.parametrize(
    "page", [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")], indirect=True
)
def test_the_page_never_scrolls_sideways(page: "Page") -> None:
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    wide = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide[0] <= wide[1]


OUTSIDE = """(kind) => [...document.querySelectorAll(".chart")].flatMap((chart) => {
  chart.classList.remove("is-live");
  const svg = chart.querySelector(`${kind} svg`);
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter((text) => {
    const box = text.getBoundingClientRect();
    return text.textContent.trim() && getComputedStyle(text).opacity !== "0"
      && (box.left < frame.left - 1.5 || box.right > frame.right + 1.5
        || box.top < frame.top - 1.5 || box.bottom > frame.bottom + 1.5);
  }).map((text) => `${chart.id}: ${text.textContent}`);
})"""


@pytest.mark.parametrize("page", [(1280, "light"), (360, "light")], indirect=True)
def test_no_text_runs_out_of_a_figure(page: "Page") -> None:
    """Neither in the still figures, drawn with the house font, nor in the living ones."""
    assert page.evaluate(OUTSIDE, ".still") == []
    charts = page.locator(".chart")
    for place in range(charts.count()):
        charts.nth(place).scroll_into_view_if_needed()
        charts.nth(place).locator(".live svg").wait_for()
    assert page.evaluate(OUTSIDE, ".live") == []


@pytest.mark.parametrize("page", [(1280, "light")], indirect=True)
def test_claims_are_read_without_scrolling_sideways_on_a_desk(page: "Page") -> None:
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    wide = page.evaluate(
        "[...document.querySelectorAll('[id^=table-claim], [id^=table-initiatives]')]"
        ".filter(t => t.scrollWidth > t.parentElement.clientWidth + 1).map(t => t.id)"
    )
    assert wide == []


def test_initiatives_are_closed_until_asked_for(page: "Page") -> None:
    section = page.locator("#initiatives-tokenizer")
    table = section.locator("table")
    assert not table.is_visible()
    section.locator("summary").focus()
    page.keyboard.press("Enter")
    assert table.is_visible()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#initiatives-hardware table").is_visible()


def test_the_contents_lead_to_the_data_quality_page(page: "Page") -> None:
    link = page.locator("nav a[href='#data-quality']").first
    page.evaluate("document.querySelectorAll('nav details').forEach(d => d.open = true)")
    link.click()
    heading = page.locator("#data-quality")
    heading.wait_for()
    page.wait_for_timeout(300)
    top = heading.evaluate("element => element.getBoundingClientRect().top")
    assert -50 < top < 400
    assert page.get_by_text("issue-labelled-twice").first.is_visible()
