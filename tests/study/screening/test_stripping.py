import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.study.screening.stripping import (
    RULES,
    frequent_lines,
    screening_text,
    strip_body,
    strip_title,
)


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("[Bug]: it hangs", "it hangs"),
        ("[Bug][ROCm] it hangs", "it hangs"),
        ("Feature Request: a flag", "a flag"),
        ("【求助】显存不足", "显存不足"),
        ("Eval bug: wrong output", "wrong output"),
        ("[Usage]: ", ""),
        ("问题：无法加载", "无法加载"),
        ("ImportError: no module", "ImportError: no module"),
        ("A bug: it hangs", "A bug: it hangs"),
    ],
)
def test_what_a_form_puts_before_a_title_goes(title: str, left: str) -> None:
    assert strip_title(title) == left


def test_headings_go_and_comments_in_code_stay() -> None:
    body = "### Describe the bug\nIt hangs\n```sh\n# start it\nrun\n```\n**To reproduce**\nrun it"
    assert strip_body(body) == "It hangs\n```sh\n# start it\nrun\n```\nrun it"


def test_the_environment_section_goes_up_to_the_next_heading() -> None:
    body = "### Your current environment\nPyTorch 2.1\nUbuntu\n### What happened\nIt hangs"
    assert strip_body(body) == "It hangs"


def test_a_dump_without_a_heading_goes() -> None:
    body = "It hangs\n```\nPyTorch version: 2.1\nIs debug build: False\n```\nevery time"
    assert strip_body(body) == "It hangs\nevery time"


def test_collapsed_environments_go_and_collapsed_logs_stay() -> None:
    body = (
        "<details><summary>System Info</summary>\n64 cores\n</details>\n"
        "<details><summary>Log</summary>\nValueError: no\n</details>"
    )
    left = strip_body(body)
    assert "64 cores" not in left
    assert "ValueError: no" in left


@pytest.mark.parametrize("mark", [" ", "x", "X", "y", "", " x", "*"])
def test_checklists_go(mark: str) -> None:
    assert strip_body(f"- [{mark}] I searched for this bug\nIt hangs") == "It hangs"


def test_comments_go_even_when_never_closed() -> None:
    assert strip_body("It <!-- a bug? --> hangs<!-- rest\nof it") == "It  hangs"


def test_a_forms_sentences_are_learned_and_a_programs_output_is_kept() -> None:
    form = "Please describe the problem in detail below."
    bodies = [
        f"{form}\nreport {i} is its own\n```\nRuntimeError: CUDA error\n```" for i in range(40)
    ]
    lines = frequent_lines(bodies)
    assert lines == {form.casefold()}
    assert strip_body(bodies[7], lines) == "report 7 is its own\n```\nRuntimeError: CUDA error\n```"


def test_a_few_equal_reports_are_no_form() -> None:
    assert not frequent_lines(["The same sentence is in here."] * 4 + ["Another one here."] * 3)


def test_the_screen_reads_the_title_as_it_is() -> None:
    assert screening_text("[Bug] slow", "### Bug\nit takes long") == "[Bug] slow\nit takes long"


def test_every_rule_says_what_and_why() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.reason.endswith(".") for rule in RULES)


@given(st.text(alphabet=st.sampled_from("#`~ab <!->[]x*\n\r:details/"), max_size=200))
def test_stripping_twice_changes_no_more_than_once_and_adds_nothing(body: str) -> None:
    once = strip_body(body)
    assert len(once) <= len(body)
    assert set(once) <= set(body) | {"\n"}


@pytest.mark.parametrize(
    "body",
    ["<!--" * 500_000, "```\n" * 100_000, "# \n" * 100_000, "<details>" * 200_000, "**" * 900_000,
     "- [" * 600_000, "[x]" * 600_000, " " * 300_000],
)  # fmt: skip
def test_hostile_bodies_take_linear_time(body: str) -> None:
    start = time.process_time()
    strip_body(body)
    strip_title(body)
    assert time.process_time() - start < 5
