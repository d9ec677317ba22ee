"""Parses Python files and says what they import and define: run as a program, to be given up.

The parser of the interpreter recurses and may end its process at code that is nested on purpose.
The question is a list of texts in JSON; the answer to each is a line of JSON, written as soon as
it is known.
"""

import ast
import json
import sys
import warnings
from collections.abc import Iterator
from typing import Any, Final

from firstmile.facts.model_folder.confined import confine, open_no_more

MOST_NAMES: Final = 1_000
LONGEST_NAME: Final = 200


def parsed(text: str) -> dict[str, Any]:
    """Return the names that a text imports, those behind a test apart, and its classes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        return {"problem": f"it is no Python that this version reads, from line {error.lineno}"}
    except (ValueError, RecursionError, MemoryError):
        return {"problem": "it is no Python, or nested beyond any use"}
    plain: dict[str, None] = {}
    guarded: dict[str, None] = {}
    classes: dict[str, None] = {}
    for node, is_guarded in _walk(tree):
        if isinstance(node, ast.ClassDef):
            classes[node.name[:LONGEST_NAME]] = None
        for name in _imported(node):
            (guarded if is_guarded else plain)[name[:LONGEST_NAME]] = None
    return {
        "imports": list(plain)[:MOST_NAMES],
        "guarded": [name for name in guarded if name not in plain][:MOST_NAMES],
        "classes": list(classes)[:MOST_NAMES],
    }


def _walk(tree: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """Yield statements in order, with whether a `try` or a test stands around them.

    What is inside functions counts as plain: transformers asks for it as well.
    """
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, is_guarded = waiting.pop()
        yield node, is_guarded
        inner = is_guarded or isinstance(node, ast.Try | ast.TryStar | ast.If | ast.Match)
        below = [
            (child, inner)
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)
        ]
        waiting += reversed(below)


def _imported(node: ast.AST) -> list[str]:
    """Return the names that a statement imports: "torch.nn", ".configuration_own.Config"."""
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    if isinstance(node, ast.ImportFrom):
        origin = "." * node.level + (node.module or "")
        joint = "" if not node.module else "."
        return [
            origin if each.name == "*" else f"{origin}{joint}{each.name}" for each in node.names
        ]
    return []


def _main() -> None:
    confine(sys.argv[1:])
    texts = json.loads(sys.stdin.buffer.read())
    open_no_more()
    for text in texts:
        sys.stdout.write(json.dumps(parsed(text)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
