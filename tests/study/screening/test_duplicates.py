import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.study.screening.duplicates import Group, Report, group_duplicates

ERROR = "ValueError: the checkpoint was split for 8 ranks and this group of processes has 1 rank"
WORDS = [f"{first}{second}" for first in "bdfglmnprstv" for second in ("ana", "ero", "ilu", "omi")]


def report(key: str, text: str, title: str = "it does not start") -> Report:
    return Report(key=key, title=title, text=text)


def prose(seed: int, words: int = 120) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def members(groups: tuple[Group, ...]) -> list[tuple[str, ...]]:
    return [group.members for group in groups]


def test_one_error_in_two_repositories_is_one_group_and_the_line_is_shown() -> None:
    again = ERROR.replace("8", "2")
    groups = group_duplicates(
        [
            report("a/a#1", f"Loading two of them fails here\n{ERROR}"),
            report("b/b#3", f"Loading them fails on my machine\n{again}"),
            report("b/b#5", prose(1)),
        ]
    )
    assert members(groups) == [("a/a#1", "b/b#3")]
    (join,) = groups[0].joins
    assert (join.kind, join.evidence, join.holders) == ("error line", ERROR, 2)


def test_a_line_that_many_hold_joins_nobody() -> None:
    many = [report(f"#{i}", f"{ERROR}\n{prose(i, 12)}") for i in range(30)]
    assert not group_duplicates(many)
    assert len(group_duplicates(many, most_holders=30)) == 1


def test_the_same_error_in_texts_with_nothing_else_in_common_is_left_apart() -> None:
    first, second = prose(1, 300), " ".join(f"x{word}" for word in prose(2, 300).split())
    assert not group_duplicates(
        [report("#1", f"{first}\n{ERROR}", "one"), report("#2", f"{second}\n{ERROR}", "two")]
    )


def test_nearly_the_same_text_is_one_group_with_its_similarity() -> None:
    text = prose(3)
    groups = group_duplicates(
        [report("#1", text), report("#2", text + " and one more thing"), report("#3", prose(4))]
    )
    assert members(groups) == [("#1", "#2")]
    assert groups[0].joins[0].kind == "text"
    assert 0.8 < groups[0].joins[0].similarity < 1


def test_numbers_in_a_text_make_no_difference() -> None:
    words = prose(5).split()
    first = " ".join(f"{word} {i}" for i, word in enumerate(words))
    second = " ".join(f"{word} {i * 7}" for i, word in enumerate(words))
    assert members(group_duplicates([report("#1", first), report("#2", second)])) == [("#1", "#2")]


def test_chinese_texts_are_compared_by_character() -> None:
    text = "模型加载到一半的时候进程退出没有任何提示日志里也看不到原因换了机器仍然一样"
    assert members(group_duplicates([report("#1", text), report("#2", f"{text}谢谢")]))


def test_what_a_form_wrote_in_every_report_makes_none_of_them_alike() -> None:
    form = prose(6, 100)
    assert not group_duplicates(
        [report(f"#{i}", f"{form} {prose(i, 40)}") for i in range(100, 140)]
    )


def test_a_chain_of_joins_does_not_grow_beyond_the_largest_group() -> None:
    words = prose(7, 700).split()
    chain = [report(f"#{i}", " ".join(words[10 * i : 10 * i + 100])) for i in range(60)]
    groups = group_duplicates(chain, largest_group=12)
    assert max(len(group.members) for group in groups) <= 12
    assert max(len(group.members) for group in group_duplicates(chain)) > 12


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["one two"] * 3])
def test_short_and_empty_reports_are_left_alone(texts: list[str]) -> None:
    assert group_duplicates([report(f"#{i}", text, "") for i, text in enumerate(texts)]) == ()


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_edited_copies_are_found_and_strangers_are_not(seed: int) -> None:
    draw = random.Random(seed)
    originals = [prose(6 * seed + place, 150) for place in range(6)]
    reports = []
    for place, text in enumerate(originals):
        words = text.split()
        for _ in range(3):
            del words[draw.randrange(len(words))]
        reports += [report(f"#{place}", text), report(f"copy of #{place}", " ".join(words))]
    groups = group_duplicates(reports)
    assert sorted(members(groups)) == sorted((f"#{i}", f"copy of #{i}") for i in range(6))


def test_groups_do_not_share_members_and_joins_stay_inside() -> None:
    reports = [report(f"#{i}", prose(i % 20, 80) + f" {ERROR if i < 4 else ''}") for i in range(60)]
    groups = group_duplicates(reports)
    seen = [key for group in groups for key in group.members]
    assert len(seen) == len(set(seen))
    for group in groups:
        assert all({join.first, join.second} <= set(group.members) for join in group.joins)
    assert all(len(a.members) >= len(b.members) for a, b in pairwise(groups))
