"""Literals of Python code: what counts as one, and the names that are bound to one for good."""

import ast
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

DEEPEST: Final = 30
"""Levels of a value inside a value, or of a dotted name."""
_LONGEST_TEXT: Final = 10_000
_LARGEST_NUMBER: Final = 10**15


class Unread:
    """Stands for a value that is no literal."""

    def __repr__(self) -> str:
        """Say so where it is shown."""
        return "(no literal)"


UNREAD: Final = Unread()


def plain(value: Any) -> Any:
    """Return a constant that is a number, a text, a truth or None; UNREAD for what is large."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_TEXT else UNREAD
    return value if is_number(value) else UNREAD


def has_unread(value: Any) -> bool:
    """Say whether a value, or one inside it, is no literal."""
    if isinstance(value, dict):
        return any(has_unread(each) for each in value.values())
    if isinstance(value, tuple):
        return any(has_unread(each) for each in value)
    return value is UNREAD


def is_number(value: Any) -> bool:
    """Say whether a value is a finite number of a usable size."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) < _LARGEST_NUMBER


def combined(operator: ast.operator, left: Any, right: Any) -> Any:
    """Return the sum, difference or product of numbers, or two texts as one."""
    if isinstance(left, str) and isinstance(right, str) and isinstance(operator, ast.Add):
        return plain(left + right)
    if not (is_number(left) and is_number(right)):
        return UNREAD
    if isinstance(operator, ast.Add):
        return plain(left + right)
    if isinstance(operator, ast.Sub):
        return plain(left - right)
    return plain(left * right) if isinstance(operator, ast.Mult) else UNREAD


def compared(operator: ast.cmpop, left: Any, right: Any) -> bool | None:
    """Return whether a comparison of equality or membership holds; None where it is not known."""
    if left is UNREAD or has_unread(right):
        return None
    if isinstance(operator, ast.In | ast.NotIn):
        if not isinstance(right, tuple) and not (isinstance(right, str) and isinstance(left, str)):
            return None
        return (left in right) is isinstance(operator, ast.In)
    if isinstance(operator, ast.Eq | ast.NotEq):
        return (left == right) is isinstance(operator, ast.Eq)
    if isinstance(operator, ast.Is | ast.IsNot) and (right is None or isinstance(right, bool)):
        return (left is right) is isinstance(operator, ast.Is)
    return None


def dotted(node: ast.expr) -> str:
    """Return a name such as "os.environ"; what is no name at its start stands as "?"."""
    parts: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute) and len(parts) < DEEPEST:
        parts.append(inner.attr)
        inner = inner.value
    parts.append(inner.id if isinstance(inner, ast.Name) else "?")
    return ".".join(reversed(parts))


def assigned(node: ast.AST) -> tuple[str | None, ast.expr | None]:
    """Return name and value of an assignment to one name, or of the first of two of argparse."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id, node.value
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return None, None
    target = node.targets[0]
    if isinstance(target, ast.Tuple) and target.elts and isinstance(node.value, ast.Call):
        target = target.elts[0]
    return (target.id, node.value) if isinstance(target, ast.Name) else (None, None)


def of_classes(nodes: Sequence[ast.AST]) -> set[ast.AST]:
    """Return the assignments that make fields of classes, and the names in them: no variables."""
    found: set[ast.AST] = set()
    for node in nodes:
        for each in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(each, ast.AnnAssign):
                found |= {each, each.target}
    return found


def bindings(nodes: Sequence[ast.AST]) -> Counter[str]:
    """Count how often each name is bound, in whatever scope but that of a class's fields."""
    found: Counter[str] = Counter()
    fields = of_classes(nodes)
    for node in nodes:
        if node in fields:
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found[node.id] += 1
        elif isinstance(node, ast.arg):
            found[node.arg] += 1
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] += 1
        elif isinstance(node, ast.alias):
            found[node.asname or node.name.partition(".")[0]] += 1
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found[node.name] += 1
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found[node.rest] += 1
    return found


def changed(nodes: Sequence[ast.AST]) -> set[str]:
    """Return the names whose values are changed in place: an item set, or a method called."""
    found = set()
    for node in nodes:
        place: ast.expr | None = None
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            place = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            place = node.func.value
        if isinstance(place, ast.Name):
            found.add(place.id)
    return found
