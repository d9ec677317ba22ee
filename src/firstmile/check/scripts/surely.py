"""What of a script is surely run, and how its names are used: for what must not be guessed."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from firstmile.check.scripts.literals import bindings, dotted

_DEEPEST: Final = 8
"""Functions that call each other, down to the one that is looked at."""
_CHANGING: Final = ("append", "extend", "insert", "remove", "pop", "clear", "reverse", "sort")
_LOOKING: Final = ("len", "print", "str", "list", "tuple", "repr", "any", "enumerate")
_CAUGHT: Final = ("SystemExit", "BaseException")


class Code(msgspec.Struct):
    """The parts of a script with what each stands in, and how often names are bound."""

    nodes: Sequence[ast.AST]
    parents: dict[ast.AST, ast.AST] = msgspec.field(default_factory=dict)
    bound: Counter[str] = msgspec.field(default_factory=Counter)
    loads: dict[str, list[ast.Name]] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look at each part once."""
        self.bound = bindings(self.nodes)
        for node in self.nodes:
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self.loads.setdefault(node.id, []).append(node)

    def runs(self, node: ast.AST, level: int = 0) -> bool:
        """Say whether a part is run whenever the script is, but for tests of sys.argv."""
        child, above = node, self.parents.get(node)
        while above is not None:
            if isinstance(above, ast.FunctionDef):
                return child in above.body and self._is_called(above, level)
            if not _passes(above, child):
                return False
            child, above = above, self.parents.get(above)
        return True

    def _is_called(self, function: ast.FunctionDef, level: int) -> bool:
        if level >= _DEEPEST or self.bound[function.name] != 1:
            return False
        calls = (self.parents.get(each) for each in self.loads.get(function.name, ()))
        return any(
            isinstance(call, ast.Call)
            and dotted(call.func) == function.name
            and self.runs(call, level + 1)
            for call in calls
        )

    def methods(self, name: str) -> Iterator[tuple[str, ast.Call] | None]:
        """Yield the methods that are called on a name; None for each other use of it."""
        for each in self.loads.get(name, ()):
            attribute = self.parents.get(each)
            call = self.parents.get(attribute) if attribute is not None else None
            if (
                isinstance(attribute, ast.Attribute)
                and isinstance(call, ast.Call)
                and call.func is attribute
            ):
                yield attribute.attr, call
            else:
                yield None

    def name_given(self, value: ast.AST) -> str | None:
        """Return the name that a value is given to, where it is bound this once."""
        node = self.parents.get(value)
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            return None
        target = node.targets[0]
        if not isinstance(target, ast.Name) or self.bound[target.id] != 1:
            return None
        return target.id

    def changes_words(self) -> bool:
        """Say whether the script may change the words of its command (`sys.argv`)."""
        for node in self.nodes:
            is_attribute = isinstance(node, ast.Attribute) and node.attr == "argv"
            if not is_attribute and not (isinstance(node, ast.Name) and node.id == "argv"):
                continue
            if not isinstance(getattr(node, "ctx", None), ast.Load):
                return True
            above = self.parents.get(node)
            if isinstance(above, ast.Subscript) and not isinstance(above.ctx, ast.Load):
                return True
            if isinstance(above, ast.Attribute) and above.attr in _CHANGING:
                return True
            if isinstance(above, ast.Call) and dotted(above.func) not in _LOOKING:
                return True
            if isinstance(above, ast.Assign | ast.AnnAssign | ast.NamedExpr):
                return True
        return False


def _passes(above: ast.AST, child: ast.AST) -> bool:
    """Say whether a part inside another is run whenever that one is."""
    if isinstance(above, ast.If):
        return child is above.test or _holds(above, child)
    if isinstance(above, ast.Try):
        return child in above.body and not any(map(_catches_the_end, above.handlers))
    if isinstance(above, ast.For):
        return child is above.iter
    if isinstance(above, ast.IfExp):
        return child is above.test
    if isinstance(above, ast.BoolOp):
        return child is above.values[0]
    if isinstance(above, ast.stmt):
        simple = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.With)
        return isinstance(above, simple)
    other = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    return not isinstance(above, (*other, ast.ExceptHandler, ast.match_case, ast.comprehension))


def _holds(above: ast.If, child: ast.AST) -> bool:
    test = above.test
    if isinstance(test, ast.Compare) and dotted(test.left) == "__name__":
        return child in above.body and isinstance(test.ops[0], ast.Eq)
    return any(isinstance(each, ast.Attribute) and each.attr == "argv" for each in ast.walk(test))


def _catches_the_end(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(dotted(each).rpartition(".")[2] in _CAUGHT for each in kinds)


def keywords_of(call: ast.Call) -> Mapping[str, ast.expr] | None:
    """Return the arguments of a call by their names; None where it takes more than is written."""
    found: dict[str, Any] = {each.arg: each.value for each in call.keywords if each.arg}
    is_open = len(found) != len(call.keywords)
    return None if is_open or any(isinstance(each, ast.Starred) for each in call.args) else found
