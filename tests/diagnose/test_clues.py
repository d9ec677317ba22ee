"""Clues: each lies within a line, so a text has those of its lines."""

import re

import pytest

from firstmile.diagnose.clues import find_clues, load_clues
from firstmile.knowledge import load_cases
from firstmile.knowledge.syntax import Chain, Choice, OneOf, Repeat, Text, Tree, WordEdge, tree_of


def holds_a_line_end(tree: Tree) -> bool:
    match tree:
        case Text():
            return "\n" in tree.value
        case OneOf():
            return any(first <= ord("\n") <= last for first, last in tree.ranges)
        case Chain():
            return any(map(holds_a_line_end, tree.parts))
        case Choice():
            return any(map(holds_a_line_end, tree.options))
        case Repeat():
            return holds_a_line_end(tree.part)
        case WordEdge():
            return False


@pytest.mark.parametrize("name", load_clues())
def test_no_clue_goes_over_the_end_of_a_line_or_asks_for_an_end_of_the_text(name: str) -> None:
    pattern = load_clues()[name]
    tree = tree_of(pattern)
    assert tree is not None
    assert not holds_a_line_end(tree)
    assert not re.search(r"(?<!\\)[$^]|\\[Az]", pattern)


def test_a_text_has_the_clues_of_its_lines() -> None:
    for case in load_cases()[::7]:
        lines = (find_clues(line) for line in case.text.split("\n"))
        assert find_clues(case.text) == frozenset().union(*lines)
