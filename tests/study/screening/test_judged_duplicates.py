import csv
import re

import pytest
from bench.duplicates import KINDS, PAIRS, pairs_of, plant, read_pairs

from firstmile.study.screening.duplicates import Report, group_duplicates

LINK = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/issues/\d*[13579]|[\w./-]+ row \d+")


def test_judgements_are_links_and_verdicts_and_nothing_else() -> None:
    with PAIRS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 100
    for row in rows:
        assert list(row) == ["first", "second", "same"]
        assert LINK.fullmatch(row["first"])
        assert LINK.fullmatch(row["second"])
        assert row["same"] in {"yes", "no"}


def test_no_pair_is_judged_twice() -> None:
    with PAIRS.open(encoding="utf-8") as lines:
        assert len(read_pairs()) == sum(1 for _ in lines) - 1


@pytest.mark.parametrize("kind", KINDS)
def test_planted_copies_differ_from_their_originals_and_come_out_the_same_again(kind: str) -> None:
    texts = (
        "The server stops when many prompts come at once and nothing is in its log file",
        "模型加载到一半的时候进程退出没有任何提示日志里也看不到原因",
        " ".join(f"word{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(90)),
        "It ends so\nValueError: the checkpoint was split for more ranks than there are here",
    )
    reports = [
        Report(key=f"a/a#{2 * i + 1}", title=text[:9], text=text) for i, text in enumerate(texts)
    ]
    copies = plant(reports, kind)
    assert copies
    assert copies == plant(reports, kind)
    by_key = {report.key: report for report in reports}
    assert all(copy != by_key[copy.key[:-1]] for copy in copies)


def test_pairs_of_a_group_are_every_two_members() -> None:
    text = "The server stops when many prompts come at once and nothing is in its log file"
    reports = [Report(key=f"#{i}", title="", text=text) for i in (1, 3, 5)]
    assert len(pairs_of(group_duplicates(reports))) == 3
