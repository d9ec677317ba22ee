"""One of a thing is said in the singular by the checks as well."""

import re

import pytest

from firstmile.check.counting import counted, share
from firstmile.check.running import judge_one
from firstmile.check.unit import find_checks

WRONG = re.compile(
    r"(?<![.,\d/])\b1 (?:files|parts|tensors|shards|matrices|records|processes|GPUs|ranks|layers)\b"
    r"|(?<![.,\d])\b1 of (?:the )?(?:1|\d+ \w+ are)\b"
)


def test_a_number_goes_with_its_noun_and_verb() -> None:
    assert counted(1, "file") == "1 file"
    assert counted(1_200, "file") == "1,200 files"
    assert counted(1, "matrix has", "matrices have") == "1 matrix has"
    assert share(1, 2, "shard", "is", "are") == "1 of 2 shards is"
    assert share(2, 3, "shard", "is", "are") == "2 of 3 shards are"


@pytest.mark.long
def test_no_check_says_one_things() -> None:
    wrong = []
    for check in find_checks():
        for example in check.examples():
            for each in judge_one(check, example.snapshot, example.intent):
                texts = (each.message, each.remedy or "", *(one.text for one in each.evidence))
                wrong += [text for text in texts if WRONG.search(text)]
    assert wrong == []
