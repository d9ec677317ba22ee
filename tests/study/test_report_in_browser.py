"""A person reads the report of the published labels in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from firstmile.study.judging import Verdict, load_claims
from firstmile.study.labelled_sets import open_labelled_set
from firstmile.study.report import make_report
from firstmile.study.settings import Settings
from firstmile.study.writing import write_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FEW = Settings(permutations=199, bootstraps=199, noise_replicates=20)
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def address(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the report once, and return the page's address."""
    opened = open_labelled_set(str(data_folder / "open-llm-failures"))
    report = make_report(opened.counts, opened.facts, opened.findings, FEW)
    folder = tmp_path_factory.mktemp("browser") / "report"
    return write_report(report, folder).as_uri()


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")])
def page(request: pytest.FixtureRequest, browser: "Browser", address: str) -> "Iterator[Page]":
    """Open the report at two widths, light and dark; fail on any error or request."""
    width, scheme = request.param
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


def test_claims_are_read_sorted_and_filtered(page: "Page") -> None:
    table = page.locator("#table-claims")
    assert table.locator("tbody tr").count() == len(load_claims())
    for verdict in Verdict:
        assert table.get_by_text(verdict.value, exact=True).count() > 0

    header = table.get_by_role("button", name="Verdict")
    header.focus()
    page.keyboard.press("Enter")
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


def test_the_page_never_scrolls_sideways(page: "Page") -> None:
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    wide = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide[0] <= wide[1]


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
