"""The page of an examination in a real browser: it fits, runs nothing and asks for nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from firstmile.findings import Outcome
from firstmile.rendering.examination_page import as_page

from .checkups import FLAG, change, finding, hostile, memory, told

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LONG = {**told(), "memory": memory(), "smallest_change": change("--flag " * 30)}


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
@pytest.mark.parametrize("data", [LONG, hostile()], ids=["long", "hostile"])
def test_the_page_fits_and_nothing_in_it_runs(
    data: dict[str, Any],
    width: int,
    scheme: Literal["light", "dark"],
    browser: "Browser",
    tmp_path: Path,
) -> None:
    file = tmp_path / "page.html"
    file.write_text(as_page(data, all_of_it=True), encoding="utf-8")
    said: list[str] = []
    asked: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("script").count() == 0
    assert page.locator("h1").inner_text() == "firstmile check"
    assert (said, asked) == ([], [file.as_uri()])
    page.close()


def test_a_flag_stands_on_one_line_however_narrow_the_page_is(
    browser: "Browser", tmp_path: Path
) -> None:
    words = [f"{'x' * number} Give --chat-template FILE." for number in range(1, 30)]
    data = told(*(finding(FLAG, Outcome.FAIL, word, remedy=word) for word in words))
    file = tmp_path / "page.html"
    file.write_text(as_page(data), encoding="utf-8")
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(file.as_uri())
    lines = page.evaluate(
        "[...document.querySelectorAll('.flag')].map(one => one.getClientRects().length)"
    )
    assert len(lines) >= 58
    assert set(lines) == {1}
    page.close()
