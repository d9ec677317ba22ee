"""Python files of a model folder, parsed and never run: what they import, which classes they have.

transformers runs them where `trust_remote_code` is set, and asks before whether all that they
import is installed; what stands inside `try` is not asked for.
"""

import ast
import warnings
from collections.abc import Iterator
from typing import Final

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import Code, File
from firstmile.facts.model_folder.source import Source

LARGEST: Final = 512 * 1024
MOST_BYTES: Final = 2 * 1024 * 1024
MOST_FILES: Final = 64
MOST_NAMES: Final = 1_000
LONGEST_NAME: Final = 200


def read_code(source: Source, files: tuple[File, ...]) -> tuple[Code, ...]:
    """Return imports and classes of the Python files of the top level and one below it."""
    named = [file for file in files if file.path.endswith(".py") and file.path.count("/") <= 1]
    found = []
    left = MOST_BYTES
    for file in named[:MOST_FILES]:
        try:
            if file.kind not in ("file", "link"):
                raise UnreadableError("it is not a plain file of this folder")
            text = source.text(file.path, most=min(LARGEST, left))
            left -= len(text)
            found.append(parse_code(text, file.path))
        except UnreadableError as error:
            found.append(_unread(file.path, str(error)))
    return tuple(found)


def parse_code(text: str, path: str) -> Code:
    """Return what a Python text imports and defines."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        return _unread(path, f"it is no Python that this version reads, from line {error.lineno}")
    except (ValueError, RecursionError, MemoryError):
        return _unread(path, "it is no Python, or nested beyond any use")
    plain: dict[str, None] = {}
    guarded: dict[str, None] = {}
    classes: dict[str, None] = {}
    for node, is_guarded in _walk(tree):
        if isinstance(node, ast.ClassDef):
            classes[node.name[:LONGEST_NAME]] = None
        for name in _imported(node):
            (guarded if is_guarded else plain)[name[:LONGEST_NAME]] = None
    return Code(
        path=path,
        imports=tuple(plain)[:MOST_NAMES],
        guarded=tuple(name for name in guarded if name not in plain)[:MOST_NAMES],
        classes=tuple(classes)[:MOST_NAMES],
    )


def _unread(path: str, problem: str) -> Code:
    return Code(path=path, imports=(), guarded=(), classes=(), problem=problem)


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
