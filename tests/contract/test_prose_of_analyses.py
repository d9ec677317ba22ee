"""No number is typed in what the analyses say: each comes out of the failures."""

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

from firstmile.study import (
    association,
    breakdown,
    comparison,
    contrasts,
    crosstab,
    estimates,
    judging,
    verdict_words,
)
from firstmile.study.analysis import find_analyses

TYPED = re.compile(r"\d")
PROSE_MODULES = (
    association,
    breakdown,
    comparison,
    contrasts,
    crosstab,
    estimates,
    judging,
    verdict_words,
)
MAY_HOLD_DIGITS = {
    "p < .001": "the bound below which a p value is not spelled out",
    " 0.": "a zero that is taken away from a p value",
}


def prose_constants(module: ModuleType) -> Iterator[tuple[str, int, str]]:
    """Yield function, line and text of every string in functions that return prose.

    Prose is what `str`, `tuple[str, ...]` or `list[str]` is declared to come out of; formats of
    f-strings (".3f") are no text.
    """
    tree = ast.parse(inspect.getsource(module))
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or function.returns is None:
            continue
        if ast.unparse(function.returns) not in ("str", "tuple[str, ...]", "list[str]"):
            continue
        formats = {
            id(part)
            for node in ast.walk(function)
            if isinstance(node, ast.FormattedValue) and node.format_spec is not None
            for part in ast.walk(node.format_spec)
        }
        for node in ast.walk(function):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_docstring = node.value == ast.get_docstring(function, clean=False)
                if id(node) not in formats and not is_docstring:
                    yield function.name, node.lineno, node.value


@pytest.mark.parametrize(
    "module",
    [*find_analyses(), *PROSE_MODULES],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_no_number_is_typed_in_what_is_said(module: ModuleType) -> None:
    typed = []
    for function, line, text in prose_constants(module):
        rest = text
        for allowed in MAY_HOLD_DIGITS:
            rest = rest.replace(allowed.removeprefix("p"), "")
        if TYPED.search(rest):
            typed.append(f"{function}, line {line}: {text!r}")
    assert not typed


def test_a_typed_number_would_be_seen() -> None:
    module = ModuleType("invented")
    source = (
        'def sentences(result: int) -> tuple[str, ...]:\n    return (f"{result:.2f} of 706.",)\n'
    )
    assert [text for _, _, text in _constants_of(module, source)] == [" of 706."]


def _constants_of(module: ModuleType, source: str) -> list[tuple[str, int, str]]:
    original = inspect.getsource
    try:
        inspect.getsource = lambda _module: source  # type: ignore[assignment]
        return list(prose_constants(module))
    finally:
        inspect.getsource = original
