"""A codebook or a list of words names many failures, and tells of none."""

from pathlib import Path

import pytest

from firstmile import diagnose
from firstmile.diagnose.hypotheses import NOTHING_FAILED

DOCS = Path(__file__).parents[2] / "docs"
SHOWN = "RuntimeError: CUDA error: device-side assert triggered"


@pytest.mark.parametrize("name", ["codebook", "keywords", "checks", "initiatives", "screening"])
def test_our_own_pages_on_failures_report_none(name: str) -> None:
    text = (DOCS / f"{name}.md").read_text("utf-8")
    assert diagnose(text).abstained == NOTHING_FAILED


@pytest.mark.parametrize("title", ["Changelog", "FAQ", "Release notes", "常见问题"])
def test_a_short_page_whose_title_says_so_reports_none(title: str) -> None:
    page = f"# {title}\n\n**Q: Why do I get garbled output?**\nA: Use the chat template.\n"
    assert diagnose(page).abstained == NOTHING_FAILED
    assert diagnose(f"# Garbled output\n\n{page}").abstained is None
    assert diagnose(f"{page}\n{SHOWN}\n").abstained is None


def test_a_page_of_items_answers_as_soon_as_a_person_or_a_run_speaks_in_it() -> None:
    items = "".join(
        f"\n## Out of memory, kind {number}\n\n"
        "- `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB`\n"
        "- against the others: did the card refuse it (here), or the kernel (there)?\n"
        for number in range(8)
    )
    page = f"# Codebook\n{items}"
    assert diagnose(page).abstained == NOTHING_FAILED
    asked = "Why do I get the second of these on my card?"
    assert diagnose(f"# Codebook\n\n{asked}\n{items}").abstained is None
    assert diagnose(f"{page}\n{SHOWN}\n").abstained is None


@pytest.mark.parametrize(
    "shown",
    [
        "Segmentation fault (core dumped)",
        "Killed",
        "CUDA error: out of memory",
        "llama_model_load: error loading model: unknown model architecture: 'qwen3'",
    ],
)
def test_a_line_of_a_run_below_a_list_of_versions_is_no_example(shown: str) -> None:
    versions = "".join(f"- package{number}: 1.{number}\n" for number in range(30))
    page = f"# Crash of the server\n## Environment\n{versions}"
    assert diagnose(f"{page}\n{shown}\n").abstained is None


def test_a_page_of_prose_is_read_for_what_happened() -> None:
    prose = "The server worked for a day with all of the usual requests of the team.\n" * 30
    page = f"# Crash of the server\n{prose}- one item\n"
    assert diagnose(f"{page}CUDA error: out of memory\n").abstained is None
