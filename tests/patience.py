"""How long tests of pages wait for what must happen: a busy machine may stall for many seconds."""

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE_MS: Final = 60_000
"""Longest wait in milliseconds; nothing is slower for it, since each wait ends with its event."""

_LOOK_EVERY_MS: Final = 25


def wait_until(page: "Page", came_true: Callable[[], bool], expected: str) -> None:
    """Wait for a condition; a page that never meets it fails with what it says of itself."""
    end = monotonic() + PATIENCE_MS / 1000
    while not came_true():
        if monotonic() > end:
            shown = page.locator("#saving, dialog[open]").all_text_contents()
            pytest.fail(f"never came true on {page.url}: {expected}; it says {shown}")
        page.wait_for_timeout(_LOOK_EVERY_MS)


def wait_for_change(page: "Page", act: Callable[[], None]) -> None:
    """Act, then wait for the next issue's page and until that listens to keys."""
    data = page.locator("#data")
    before = data.text_content()
    act()
    wait_until(page, lambda: data.text_content() != before, "the page goes on")
    page.locator("html[data-ready]").wait_for(state="attached")
