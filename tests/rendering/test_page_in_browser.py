"""The page in a real browser: quiet, legible, usable by mouse, keyboard and touch-sized screens."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from firstmile.rendering.document import Document
from firstmile.rendering.figures import Drawings, write_figures
from firstmile.rendering.page import write_page
from firstmile.rendering.tables import write_tables
from patience import wait_until
from rendering import samples
from rendering.serving import serving

RECORD_VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""

TEXT_OUTSIDE = """() => [...document.querySelectorAll(".chart")].flatMap((chart) => {
  const svg = chart.querySelector(".live svg") ?? chart.querySelector(".still svg");
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter((text) => {
    if (!text.textContent.trim() || getComputedStyle(text).opacity === "0") return false;
    const box = text.getBoundingClientRect();
    const slack = 1.5;
    return box.left < frame.left - slack || box.right > frame.right + slack
      || box.top < frame.top - slack || box.bottom > frame.bottom + slack;
  }).map((text) => `${chart.id}: ${text.textContent}`);
})"""

LOW_CONTRAST = """() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const part = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const backOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const back = parse(getComputedStyle(at).backgroundColor);
      if (back.length === 3 || back[3] > 0) return back;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.querySelectorAll("body *:not(script):not(svg *)")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    const [one, two] = [parse(getComputedStyle(element).color), backOf(element)].map(luminance);
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) low.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return low;
}"""


@dataclass
class Visit:
    """An opened page and everything that went wrong on it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def read_through(self) -> None:
        """Scroll to the end, so that every chart is built, and back."""
        charts = self.page.locator(".chart")
        for place in range(charts.count()):
            chart = charts.nth(place)
            chart.scroll_into_view_if_needed()
            chart.locator(".live svg").wait_for()
        self.page.evaluate("scrollTo({top: 0, behavior: 'instant'})")

    def run(self, script: str) -> Any:
        """Evaluate a script in the page."""
        return self.page.evaluate(script)

    def wait_until(self, condition: str) -> None:
        """Wait for a condition; the page's policy forbids the browser driver's own way."""
        wait_until(self.page, lambda: bool(self.run(condition)), condition)


Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def address(
    document: Document, drawings: Drawings, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Write the whole report as people get it and return the page's path."""
    folder = tmp_path_factory.mktemp("report")
    write_figures(document, folder / "figures", drawings=drawings)
    write_tables(document, folder / "tables")
    (folder / "report.json").write_text("{}")
    return write_page(
        document, folder, drawings=drawings, downloads=[("Data", "report.json")], footer=["End."]
    )


@pytest.fixture
def open_page(browser: Browser, address: Path) -> Iterator[Open]:
    """Open the page in a fresh context of a given width and theme."""
    contexts = []

    def opened(width: int = 1280, url: str = address.as_uri(), **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(RECORD_VIOLATIONS)
        visit = Visit(page)
        page.on("request", lambda request: visit.requests.append(request.url))
        page.on("console", lambda message: visit.complaints.append(message.text))
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.goto(url)
        return visit

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_page_is_whole_quiet_and_fits(
    open_page: Open, address: Path, width: int, theme: str
) -> None:
    visit = open_page(width, color_scheme=theme)
    visit.read_through()
    assert visit.page.locator(".chart.is-live").count() == len(samples.figures())
    assert [url for url in visit.requests if not url.startswith("data:")] == [address.as_uri()]
    assert visit.complaints == []
    assert visit.run("window.violations") == []
    assert visit.run("window.hacked") is None
    assert visit.run("document.documentElement.scrollWidth <= innerWidth")
    assert visit.run(TEXT_OUTSIDE) == []
    assert visit.run(LOW_CONTRAST) == []


def test_names_leave_room_for_the_drawing_on_a_phone(open_page: Open) -> None:
    visit = open_page(360)
    visit.read_through()
    squeezed = visit.run(
        """() => [...document.querySelectorAll(".live svg")].filter((svg) =>
          svg.querySelector(".role-frame path.background").getBoundingClientRect().width
            < 0.5 * svg.getBoundingClientRect().width
        ).map((svg) => svg.closest(".chart").id)"""
    )
    assert squeezed == []


def test_charts_far_below_are_not_built_yet(open_page: Open) -> None:
    visit = open_page()
    expect(visit.page.locator("#chart-noise-cells.is-live")).to_have_count(0)
    expect(visit.page.locator("#chart-noise-cells .still svg")).to_be_visible()


@pytest.fixture
def served(address: Path) -> Iterator[str]:
    """Return the report's address over HTTP.

    Chromium under load loses what a page from a file stores, about once in twenty reloads.
    """
    with serving(address) as url:
        yield url


def test_theme_button_turns_the_page_dark_and_is_remembered(open_page: Open, served: str) -> None:
    visit = open_page(url=served, color_scheme="light")
    visit.page.locator("#chart-dots").scroll_into_view_if_needed()
    label = visit.page.locator("#chart-dots .live text", has_text="Crash").first
    label.wait_for()
    look = "(e) => [getComputedStyle(document.body).backgroundColor, getComputedStyle(e).fill]"
    light = label.evaluate(look)
    visit.page.get_by_role("button", name="Switch to dark colors").click()
    dark = label.evaluate(look)
    assert light != dark
    assert light[1] != dark[1]
    chart = visit.page.locator("#chart-dots .live svg")
    assert chart.evaluate("e => getComputedStyle(e).backgroundColor") == "rgba(0, 0, 0, 0)"
    visit.page.reload()
    assert visit.run("getComputedStyle(document.body).backgroundColor") == dark[0]
    visit.page.get_by_role("button", name="Switch to light colors").click()
    assert visit.run("getComputedStyle(document.body).backgroundColor") == light[0]


def test_theme_follows_the_system_without_scripts(open_page: Open) -> None:
    looks = set()
    for theme in ("light", "dark"):
        visit = open_page(color_scheme=theme, java_script_enabled=False)
        looks.add(visit.page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor"))
    assert len(looks) == 2


def test_first_tab_offers_to_skip_to_the_content(open_page: Open) -> None:
    visit = open_page()
    visit.page.keyboard.press("Tab")
    link = visit.page.get_by_role("link", name="Skip to the content")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("main")).to_be_focused()


def test_everything_that_can_be_used_is_reached_by_keyboard(open_page: Open) -> None:
    visit = open_page(360)
    visit.page.wait_for_timeout(200)
    wanted = visit.run(
        """() => {
          const all = document.querySelectorAll(
            "a[href], button, input, summary, [tabindex='0']");
          window.wanted = new Set([...all].filter((e) => e.checkVisibility()));
          return window.wanted.size;
        }"""
    )
    assert wanted > 60
    for _ in range(wanted + 40):
        visit.page.keyboard.press("Tab")
        visit.run("window.wanted.delete(document.activeElement)")
    assert visit.run("[...window.wanted].map((e) => e.outerHTML.slice(0, 80))") == []


def test_focus_is_visible(open_page: Open) -> None:
    visit = open_page()
    for _ in range(4):
        visit.page.keyboard.press("Tab")
        outline = visit.run(
            "(() => { const s = getComputedStyle(document.activeElement);"
            " return [s.outlineStyle, parseFloat(s.outlineWidth)]; })()"
        )
        assert outline[0] != "none"
        assert outline[1] >= 2


def test_column_is_sorted_by_keyboard_both_ways(open_page: Open) -> None:
    visit = open_page()
    button = visit.page.locator("#table-claims").get_by_role("button", name="Sort by effect")
    head = visit.page.locator("#table-claims th", has_text="effect")
    button.focus()
    visit.page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    first = visit.page.locator("#table-claims tbody tr").first
    expect(first).to_contain_text("Series fail alike")
    visit.page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(visit.page.locator("#table-claims tbody tr").nth(0)).to_contain_text("Failures are rare")
    expect(visit.page.locator("#table-claims tbody tr").nth(1)).to_contain_text("Crashes point")


def test_long_table_is_filtered_and_says_how_many_rows_remain(open_page: Open) -> None:
    visit = open_page()
    box = visit.page.locator(".table", has=visit.page.locator("#table-long-table"))
    box.get_by_role("searchbox").fill("row 4")
    expect(box.locator("tbody tr:visible")).to_have_count(6)
    expect(box.locator("output")).to_have_text("6 of 45 rows")
    box.get_by_role("searchbox").fill("")
    expect(box.locator("tbody tr:visible")).to_have_count(45)


def test_numbers_behind_a_figure_open_below_it(open_page: Open) -> None:
    visit = open_page()
    figure = visit.page.locator("#figure-treemap")
    table = figure.locator("table")
    expect(table).to_be_hidden()
    figure.locator("summary").focus()
    visit.page.keyboard.press("Enter")
    expect(table).to_be_visible()
    expect(table).to_contain_text("Out of Memory")


def test_tooltip_shows_a_hostile_label_as_text(open_page: Open) -> None:
    visit = open_page()
    chart = visit.page.locator("#chart-treemap")
    chart.scroll_into_view_if_needed()
    chart.locator(".live svg").wait_for()
    boxes = chart.locator(".live .mark-rect path")
    boxes.nth(boxes.count() - 1).hover()
    tip = visit.page.locator("#tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("</script><script>window.hacked=1</script>")
    assert visit.run("window.hacked") is None
    visit.page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_category_picked_in_the_legend_stands_out(open_page: Open) -> None:
    visit = open_page()
    chart = visit.page.locator("#chart-stacked-shares")
    chart.scroll_into_view_if_needed()
    chart.locator(".live svg").wait_for()
    faint = chart.locator(".live .mark-rect path[opacity='0.15']")
    expect(faint).to_have_count(0)
    chart.locator(".live .role-legend-label text", has_text="Crash").click()
    expect(faint).to_have_count(12)


def test_chart_is_laid_out_anew_when_the_window_changes(open_page: Open) -> None:
    visit = open_page()
    chart = visit.page.locator("#chart-stacked-shares")
    chart.scroll_into_view_if_needed()
    svg = chart.locator(".live svg")
    svg.wait_for()
    wide = svg.evaluate("e => e.getBoundingClientRect().width")
    visit.page.set_viewport_size({"width": 420, "height": 800})
    chart_width = "document.querySelector('#chart-stacked-shares .live svg').clientWidth"
    visit.wait_until(f"{chart_width} < 400")
    assert wide > 700
    assert visit.run("document.documentElement.scrollWidth <= innerWidth")


def test_wide_table_scrolls_in_its_own_box_and_says_so(open_page: Open) -> None:
    visit = open_page(360)
    box = visit.page.locator(".scroll", has=visit.page.locator("#table-long-table"))
    box.scroll_into_view_if_needed()
    visit.wait_until("document.querySelectorAll('.scrolls').length > 0")
    hint = box.evaluate("e => getComputedStyle(e, '::before').content")
    assert "Scroll sideways" in hint
    box.focus()
    visit.page.keyboard.press("ArrowRight")
    visit.wait_until("[...document.querySelectorAll('.scroll')].some(e => e.scrollLeft)")


def test_contents_are_folded_on_a_phone_and_open_on_a_desk(open_page: Open) -> None:
    phone, desk = open_page(360), open_page(1280)
    link = "Shares"
    expect(phone.page.get_by_role("navigation").get_by_text(link, exact=True)).to_be_hidden()
    phone.page.locator("nav summary").click()
    phone.page.get_by_role("navigation").get_by_text(link, exact=True).click()
    expect(phone.page.locator("#shares h2")).to_be_in_viewport()
    expect(desk.page.get_by_role("navigation").get_by_text(link, exact=True)).to_be_visible()


def test_without_scripts_the_still_figures_show(open_page: Open) -> None:
    visit = open_page(360, java_script_enabled=False)
    stills = visit.page.locator(".still svg")
    assert stills.count() == len(samples.figures())
    for place in range(stills.count()):
        expect(stills.nth(place)).to_be_visible()
    expect(visit.page.locator("#theme")).to_be_hidden()
    expect(visit.page.locator("#table-long-table tbody tr")).to_have_count(45)


def test_print_shows_everything_in_light_colors(open_page: Open) -> None:
    visit = open_page(color_scheme="dark")
    visit.read_through()
    pdf = visit.page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    visit.page.emulate_media(media="print")
    visit.run("dispatchEvent(new Event('beforeprint'))")
    assert visit.run("getComputedStyle(document.body).backgroundColor") == "rgb(253, 253, 251)"
    expect(visit.page.locator("nav")).to_be_hidden()
    expect(visit.page.locator("#theme")).to_be_hidden()
    assert visit.run("[...document.querySelectorAll('details')].every((one) => one.open)")
    for place in range(len(samples.figures())):
        expect(visit.page.locator(".still").nth(place)).to_be_visible()
        expect(visit.page.locator(".live").nth(place)).to_be_hidden()
        expect(visit.page.locator("figure table").nth(place)).to_be_visible()


def test_figures_are_not_cut_at_a_page_end(open_page: Open) -> None:
    visit = open_page()
    visit.page.emulate_media(media="print")
    kept = visit.run(
        "[...document.querySelectorAll('.chart')].map(e => getComputedStyle(e).breakInside)"
    )
    assert set(kept) == {"avoid"}


@pytest.mark.parametrize(("motion", "behavior"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_motion_is_only_for_those_who_want_it(open_page: Open, motion: str, behavior: str) -> None:
    visit = open_page(reduced_motion=motion)
    assert visit.run("getComputedStyle(document.documentElement).scrollBehavior") == behavior


def test_files_that_the_page_links_to_are_there(open_page: Open, address: Path) -> None:
    visit = open_page()
    links = visit.run("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    beside = [link for link in links if not link.startswith(("#", "https://"))]
    assert len(beside) > 50
    assert [link for link in beside if not (address.parent / link).is_file()] == []


def test_charts_have_names_for_a_screen_reader(open_page: Open) -> None:
    visit = open_page()
    visit.read_through()
    images = visit.page.get_by_role("img")
    expect(images).to_have_count(len(samples.figures()))
    expect(visit.page.get_by_role("img", name="Treemap of 93 failures")).to_have_count(1)
    expect(visit.page.get_by_role("main")).to_have_count(1)
    expect(visit.page.get_by_role("navigation", name="Contents")).to_have_count(1)
    expect(visit.page.get_by_role("table", name="Claims, judged")).to_have_count(1)
