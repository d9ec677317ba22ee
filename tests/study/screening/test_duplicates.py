import random
import string
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.study.screening.duplicates import LARGEST_GROUP, Group, Report, group_duplicates

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
    (join,) = (join for join in groups[0].joins if join.kind == "error line")
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


FORM = """## Is there an existing issue / discussion for this? | 是否已有关于该错误的问题或讨论?
- [x] I have searched the existing issues and discussions | 我已经搜索过已有的问题和讨论
## Is there an existing answer for this in FAQ? | 该问题是否在FAQ中有解答?
- [x] I have searched the FAQ and found nothing in it | 我已经搜索过常见问题解答
Please describe what happens and what you expected to happen in this place, and paste the log."""

SHORT = (
    "The tokenizer drops the space after a comma when streaming is switched on",
    "Loading a quantized checkpoint from a network drive never ends on Windows",
    "The answer stops in the middle of a sentence when two adapters are merged",
    "Installing from source wants a compiler that the image does not have at all",
    "用两张显卡推理的时候输出全是感叹号",
    "微调之后加载检查点提示缺少词表文件",
    "下载模型到一半就断开并且不能续传",
)


def titled(text: str) -> str:
    return " ".join(text.split()[:4]) if text.isascii() else text[:6]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "The tokenizer drops the space after a comma when streaming is on",
            "tokenizer drops the space after a comma when streaming is on!",
        ),
        ("用两张显卡推理的时候输出全是感叹号", "用两张显卡推理时输出全是感叹号"),
        (
            "Loading a sharded checkpoint never ends. It waits for a lock on a network drive.",
            "Loading a sharded checkpoint never ends: waits for a lock on the network drive.",
        ),
    ],
)
def test_two_reports_of_a_sentence_are_one_group(first: str, second: str) -> None:
    others = [report(f"o/o#{i}", text, "") for i, text in enumerate(SHORT[1:4] + SHORT[5:])]
    groups = group_duplicates([report("a/a#1", first, ""), report("b/b#3", second, ""), *others])
    assert members(groups) == [("a/a#1", "b/b#3")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Please add support for the mixtral model", "Please add support for the gemma model"),
        ("Support for qwen2.5 in the server please", "Support for qwen3 in the server please"),
        ("显存不足怎么办", "显存不足怎么办"),
        ("CUDA out of memory", "CUDA out of memory"),
        ("Segmentation fault (core dumped)", "Segmentation fault (core dumped)"),
        (
            "RuntimeError: CUDA out of memory. Tried to allocate 2 GiB on this device, please help",
            "RuntimeError: CUDA out of memory. Tried to allocate 9 GiB on this device, please help",
        ),
    ],
)
def test_short_texts_that_differ_in_the_name_or_say_a_bare_error_are_left_apart(
    first: str, second: str
) -> None:
    others = [report(f"o/o#{i}", text, "") for i, text in enumerate(SHORT)]
    assert not group_duplicates([report("a/a#1", first, ""), report("b/b#3", second, ""), *others])


def test_short_texts_in_one_form_are_not_alike_for_the_form() -> None:
    reports = [
        report(f"a/a#{i}", FORM.replace("\nPlease", f"\n{text}\nPlease"), titled(text))
        for i, text in enumerate(SHORT)
    ]
    assert not group_duplicates(reports)


def test_a_copy_is_found_in_another_repository_s_form() -> None:
    inside = [
        report(f"a/a#{i}", FORM.replace("\nPlease", f"\n{text}\nPlease"), titled(text))
        for i, text in enumerate(SHORT)
    ]
    groups = group_duplicates([*inside, report("b/b#1", SHORT[0], titled(SHORT[0]))])
    assert members(groups) == [("a/a#0", "b/b#1")]


def test_forms_that_nobody_filled_in_are_not_one_failure() -> None:
    log = "\n".join(f"main prints {word} and {word}{word} while it reads" for word in WORDS[:6])
    form = f"{FORM}\n{log}"
    filled = [report(f"a/a#{i}", f"{FORM}\n{text}", titled(text)) for i, text in enumerate(SHORT)]
    title = "Insert a summary of your issue or wish here"
    empty = [report(f"a/a#{i}", form, title) for i in range(100, 106)]
    assert not group_duplicates([*filled, *empty])
    own = report("a/a#200", f"{FORM}\nThe grammar file is read twice after a restart", title)
    assert not group_duplicates([*filled, *empty, own])


def test_a_wrapper_s_error_does_not_join_reports_that_each_tell_another_cause() -> None:
    wrapper = "ImporterError: the importer stopped in its function that handles a node of a graph"
    causes = (
        "ValueError: shapes of what a concat layer takes differ in their second dimension",
        "KeyError: no tile operator was registered by any plugin under such name yet",
    )
    texts = [f"Importing this model fails\n{wrapper}\n{cause} here" for cause in causes]
    assert not group_duplicates([report("#1", texts[0]), report("#2", texts[1])])
    assert group_duplicates([report("#1", texts[0]), report("#2", texts[0])])


def test_one_error_under_titles_alike_is_one_failure_whatever_the_logs() -> None:
    apart = " ".join(f"x{word}" for word in prose(2, 90).split())
    groups = group_duplicates(
        [
            report("#1", f"{prose(1, 200)}\n{ERROR}", "checkpoint split for ranks fails to load"),
            report("#3", f"{apart}\n{ERROR}", "checkpoint split for ranks does not load"),
        ]
    )
    assert members(groups) == [("#1", "#3")]


def test_the_same_words_under_a_title_of_something_else_are_not_enough() -> None:
    words = prose(8, 100).split()
    first, second = " ".join(words), " ".join(words[:85] + prose(9, 15).split())
    titles = ("cannot add this node", "overflow while padding an image")
    apart = [report("#1", first, titles[0]), report("#2", second, titles[1])]
    assert not group_duplicates(apart)
    assert group_duplicates([report("#1", first, titles[0]), report("#2", second, titles[0])])


@pytest.mark.parametrize(
    "text",
    ["/" * 20_000, "a" * 20_000, "a/" * 10_000, "字" * 20_000, "b\n" * 10_000, "0x" * 10_000],
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    start = time.process_time()
    group_duplicates([report(f"#{i}", f"{text}\n{i}") for i in range(40)])
    assert time.process_time() - start < 8


def test_the_result_depends_on_the_reports_alone() -> None:
    reports = [report(f"a/a#{i}", f"{SHORT[i % 7]} {prose(i, 3)}") for i in range(40)]
    assert group_duplicates(reports) == group_duplicates(list(reports))


def word(draw: random.Random) -> str:
    return "".join(draw.choices(string.ascii_lowercase, k=7))


def sentence(draw: random.Random, words: int) -> str:
    return " ".join(word(draw) for _ in range(words))


def stranger(draw: random.Random, number: int) -> Report:
    text = "\n".join(sentence(draw, 12) for _ in range(6))
    return report(f"a/b#{10_000 + number}", text, sentence(draw, 6))


STRANGERS = [stranger(random.Random(number), number) for number in range(40)]
MANY = pytest.param(200, marks=pytest.mark.long)
MONTHS = ("January", "March", "June", "November")


@pytest.mark.parametrize("repositories", [1, 200])
@pytest.mark.parametrize("unlike", [False, True])
@pytest.mark.parametrize(("near", "lines"), [(False, 2), (False, 12), (True, 12)])
@pytest.mark.parametrize("times", [2, 3, 10, 26, MANY])
def test_a_failure_is_one_group_however_often_it_was_filed(
    times: int, lines: int, near: bool, unlike: bool, repositories: int
) -> None:
    draw = random.Random(times)
    body = "\n".join(sentence(draw, 12) for _ in range(lines))
    copies = []
    for number in range(times):
        seen = f"v0.{number % 9}.1{draw.choice(['', '.post2', 'rc1'])} on {draw.choice(MONTHS)} {3}"
        copies.append(
            report(
                f"c/{'d' * (number % repositories)}#{number}",
                f"{body}\nseen with {seen} at our place" if near else body,
                sentence(draw, 6) if unlike else "the server hangs after the second adapter",
            )
        )
    (group,) = group_duplicates([*STRANGERS, *copies])
    assert set(group.members) == {copy.key for copy in copies}


@pytest.mark.parametrize("times", [3, 26, MANY])
def test_copies_with_an_edited_line_each_are_joined_however_many(times: int) -> None:
    draw = random.Random(times)
    lines = [sentence(draw, 12).split() for _ in range(20)]
    copies = []
    for number in range(times):
        edited = [list(line) for line in lines]
        edited[draw.randrange(20)][draw.randrange(12)] = word(draw)
        text = "\n".join(" ".join(line) for line in edited)
        copies.append(report(f"a/b#{number}", text, "the server hangs after the second adapter"))
    groups = group_duplicates([*STRANGERS, *copies])
    assert sum(len(group.members) for group in groups) == times
    assert len(groups) == -(-times // LARGEST_GROUP)


def test_reports_made_by_one_program_about_unlike_things_are_left_apart() -> None:
    draw = random.Random(5)
    made = "\n".join(sentence(draw, 12) for _ in range(6))
    reports = [
        report(f"a/b#{i}", f"{made}\nthe test {name} failed", f"nightly test {name}")
        for i, name in enumerate(word(draw) for _ in range(60))
    ]
    assert not group_duplicates([*STRANGERS, *reports])


def test_a_form_left_as_it_is_under_many_titles_joins_none_of_them() -> None:
    draw = random.Random(6)
    default = "\n".join(sentence(draw, 12) for _ in range(3))
    filled = [
        report(f"a/b#{i}", f"{FORM}\n{one.text}", one.title) for i, one in enumerate(STRANGERS)
    ]
    empty = [report(f"a/b#{500 + i}", f"{FORM}\n{default}", sentence(draw, 6)) for i in range(30)]
    assert not group_duplicates([*filled, *empty])


@pytest.mark.long
def test_many_copies_take_linear_time() -> None:
    draw = random.Random(7)
    body = "\n".join(sentence(draw, 12) for _ in range(8))

    def seconds(times: int) -> float:
        copies = [report(f"a/b#{i}", f"{body} {word(draw)}") for i in range(times)]
        start = time.process_time()
        group_duplicates(copies)
        return time.process_time() - start

    assert seconds(1_200) < 10 * max(0.2, seconds(300))
