"""Reports that are mostly a form: copies of one failure are found, and the form joins nobody."""

import random
import string

import pytest

from firstmile.study.screening.duplicates import Group, Report, group_duplicates
from firstmile.study.screening.stripping import strip_body


def sentence(draw: random.Random, words: int) -> str:
    return " ".join("".join(draw.choices(string.ascii_lowercase, k=6)) for _ in range(words))


def fields(seed: int) -> str:
    """Return what stripping leaves of an issue form: fields with their answers, a default log."""
    draw = random.Random(seed)
    lines = [f"- {sentence(draw, 2)}: {sentence(draw, 3)} {n}" for n in range(10)]
    log = [f"$ {sentence(draw, 2)} --{sentence(draw, 1)}={n}" for n in range(4)]
    return "\n".join([*lines, "```shell", *log, "```"])


FORM = fields(1)


def filed(number: int, title: str, own: str) -> Report:
    return Report(key=f"a/b#{number}", title=title, text=strip_body(f"{own}\n\n{FORM}"))


def others(draw: random.Random, count: int) -> list[Report]:
    return [filed(1_000 + n, sentence(draw, 6), sentence(draw, 12)) for n in range(count)]


def members(groups: tuple[Group, ...]) -> list[set[str]]:
    return [set(group.members) for group in groups]


@pytest.mark.parametrize("strangers", [10, 100])
@pytest.mark.parametrize("retitled", [False, True])
@pytest.mark.parametrize("times", [2, 3, 5, 26])
def test_a_failure_filed_over_and_over_in_a_form_is_one_group(
    times: int, retitled: bool, strangers: int
) -> None:
    draw = random.Random(f"{times} {retitled} {strangers}")
    title, own = sentence(draw, 6), sentence(draw, 12)
    copies = [filed(n, f"{title} {sentence(draw, retitled)}", own) for n in range(times)]
    groups = group_duplicates([*others(draw, strangers), *copies])
    assert members(groups) == [{copy.key for copy in copies}]


@pytest.mark.parametrize("strangers", [0, 1, 10, 100])
@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize("times", [3, 5, 26])
def test_different_reports_that_share_a_form_are_left_apart(
    times: int, alike: bool, strangers: int
) -> None:
    draw = random.Random(f"{times} {alike} {strangers}")
    begun = sentence(draw, 4) if alike else ""
    reports = [filed(n, f"{begun} {sentence(draw, 2)}", sentence(draw, 12)) for n in range(times)]
    assert not group_duplicates([*others(draw, strangers), *reports])


@pytest.mark.parametrize("strangers", [0, 1])
@pytest.mark.parametrize("times", [2, 3])
def test_one_title_and_one_form_with_different_answers_is_not_one_failure(
    times: int, strangers: int
) -> None:
    draw = random.Random(f"{times} {strangers}")
    title = sentence(draw, 6)
    reports = [filed(n, title, sentence(draw, 12)) for n in range(times)]
    assert not group_duplicates([*others(draw, strangers), *reports])


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Insert summary of your issue or enhancement..",
        "(short issue description)",
        "Please enter a title here",
        "请在这里填写问题的标题",
    ],
)
def test_a_form_filed_as_it_is_under_its_own_title_is_no_failure(title: str) -> None:
    draw = random.Random(title)
    default = sentence(draw, 12)
    empty = [filed(n, title, default) for n in range(5)]
    assert not group_duplicates([*others(draw, 20), *empty])


def test_a_default_text_under_three_unlike_titles_joins_nobody() -> None:
    draw = random.Random(9)
    default = sentence(draw, 12)
    left = [filed(n, sentence(draw, 6), default) for n in range(3)]
    assert not group_duplicates([*others(draw, 20), *left])
