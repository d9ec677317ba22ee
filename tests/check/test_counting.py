"""One of a thing is said in the singular by the checks as well."""

import ast
import inspect
import re
from itertools import pairwise
from pathlib import Path

import pytest

from firstmile.check.counting import counted, share
from firstmile.check.running import judge_one
from firstmile.check.unit import find_checks

WRONG = re.compile(
    r"(?<![-.,\d/])\b1 (?:[a-z]+ )?(?:files|parts|tensors|shards|matrices|records|processes|GPUs)\b"
    r"|(?<![-.,\d/])\b1 (?:ranks|layers|samples|steps|links|packages|texts|cores|workers|stages)\b"
    r"|(?<![-.,\d])\b1 of (?:the )?(?:1|\d+ \w+ are)\b"
)


def test_a_number_goes_with_its_noun_and_verb() -> None:
    assert counted(1, "file") == "1 file"
    assert counted(1_200, "file") == "1,200 files"
    assert counted(1, "matrix has", "matrices have") == "1 matrix has"
    assert share(1, 2, "shard", "is", "are") == "1 of 2 shards is"
    assert share(2, 3, "shard", "is", "are") == "2 of 3 shards are"


SOURCES = sorted(Path(inspect.getfile(counted)).parent.rglob("*.py"))
NOUNS = re.compile(
    r" (?:[a-z]+ )?(?:files|records|samples|steps|tensors|workers|threads|processes|packages"
    r"|modules|links|texts|pickles|settings|adapters|devices|ranks|stages|layers|slices|scales)\b"
)
"""What there may be one of, behind a number."""
MORE_THAN_ONE = frozenset(
    (
        *("copies of the model side by side", "devices", "samples at a time and add up"),
        *("steps does not fall on an evaluation every", "layers on the device", "threads share"),
        *("stages share", "files that the index names", "ranks", "devices (", "adapters are such"),
        *("devices of this size", "processes, one for each visible GPU, since the command names"),
        *("of the settings", "names what is not there", "open files", "texts of", "ranks off"),
        *("refuses files with", "knows models of", "the ranks"),
        "samples see each other",
    )
)
"""Beginnings of what stands where one is told in other words, or cannot be."""


def test_no_number_stands_before_a_noun_that_may_be_one() -> None:
    wrong = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.JoinedStr):
                continue
            for value, text in pairwise(node.values):
                if isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant):
                    found = NOUNS.match(str(text.value))
                    words = str(text.value).strip()
                    if found and not any(words.startswith(each) for each in MORE_THAN_ONE):
                        wrong.append(f"{path.name}:{node.lineno}: {ast.unparse(value)}{words}")
    assert wrong == []


@pytest.mark.long
def test_no_check_says_one_things() -> None:
    wrong = []
    for each_check in find_checks():
        for example in each_check.examples():
            for each in judge_one(each_check, example.snapshot, example.intent):
                texts = (each.message, each.remedy or "", *(one.text for one in each.evidence))
                wrong += [text for text in texts if WRONG.search(text)]
    assert wrong == []
