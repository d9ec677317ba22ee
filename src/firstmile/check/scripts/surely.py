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
_CATCHING: Final = ("suppress", "raises")
"""What catches exceptions without an `except`."""

_MAIN: Final = ast.dump(ast.Constant("__main__"))


class Code(msgspec.Struct):
    """The parts of a script with what each stands in, and how often names are bound."""

    nodes: Sequence[ast.AST]
    parents: dict[ast.AST, ast.AST] = msgspec.field(default_factory=dict)
    bound: Counter[str] = msgspec.field(default_factory=Counter)
    loads: dict[str, list[ast.Name]] = msgspec.field(default_factory=dict)
    left: dict[ast.AST, int] = msgspec.field(default_factory=dict)
    """The line from which on a function may have been left, or is put off, of those that may."""
    catching: set[ast.AST] = msgspec.field(default_factory=set)
    """What an exit within does not end the run."""
    called: dict[tuple[ast.FunctionDef, int, bool], bool] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look at each part once."""
        self.bound = bindings(self.nodes)
        for node in self.nodes:
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self.loads.setdefault(node.id, []).append(node)
        for node in self.nodes:
            if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom):
                self._leave(node)
            elif isinstance(node, ast.With | ast.Try) and _catches(node):
                self.catching.add(node)

    def _leave(self, node: ast.Return | ast.Yield | ast.YieldFrom) -> None:
        above = self.parents.get(node)
        while above is not None and not isinstance(above, ast.FunctionDef | ast.Lambda):
            above = self.parents.get(above)
        line = (node.end_lineno or 0) if isinstance(node, ast.Return) else 0
        if above is not None:
            self.left[above] = min(self.left.get(above, line), line)

    def runs(self, node: ast.AST, level: int = 0, *, unless_asked: bool = False) -> bool:
        """Say whether a part is run whenever the script is.

        With `unless_asked` tests of the words that ask for a file of settings are passed over.
        """
        line = getattr(node, "lineno", 0)
        child, above = node, self.parents.get(node)
        while above is not None:
            if isinstance(above, ast.FunctionDef):
                is_reached = line <= self.left.get(above, line)
                return (
                    is_reached
                    and child in above.body
                    and self._is_called(above, level, unless_asked=unless_asked)
                )
            if above in self.catching or not _passes(above, child, unless_asked=unless_asked):
                return False
            child, above = above, self.parents.get(above)
        return True

    def _is_called(self, function: ast.FunctionDef, level: int, *, unless_asked: bool) -> bool:
        if level >= _DEEPEST or self.bound[function.name] != 1:
            return False
        # Told once: functions that call each other many times have very many ways from the first.
        key = (function, level, unless_asked)
        found = self.called.get(key)
        if found is None:
            calls = (self.parents.get(each) for each in self.loads.get(function.name, ()))
            found = self.called[key] = any(
                isinstance(call, ast.Call)
                and dotted(call.func) == function.name
                and self.runs(call, level + 1, unless_asked=unless_asked)
                for call in calls
            )
        return found

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
            if isinstance(node, ast.alias) and node.name == "argv" and node.asname is not None:
                return True
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


def _passes(above: ast.AST, child: ast.AST, *, unless_asked: bool) -> bool:
    """Say whether a part inside another is run whenever that one is."""
    if isinstance(above, ast.If):
        return child is above.test or _holds(above, child, unless_asked=unless_asked)
    if isinstance(above, ast.Try):
        return child in above.body
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


def _holds(above: ast.If, child: ast.AST, *, unless_asked: bool) -> bool:
    test = above.test
    if isinstance(test, ast.Compare) and dotted(test.left) == "__name__":
        is_main = [ast.dump(each) for each in test.comparators] == [_MAIN]
        return child in above.body and is_main and isinstance(test.ops[0], ast.Eq)
    if not unless_asked:
        return False
    asked = {each.attr for each in ast.walk(test) if isinstance(each, ast.Attribute)}
    return {"argv", "endswith"} <= asked and child in above.orelse


def _catches(above: ast.With | ast.Try) -> bool:
    if isinstance(above, ast.Try):
        return any(map(_catches_the_end, above.handlers))
    made = (each.context_expr for each in above.items)
    called = (dotted(each.func) for each in made if isinstance(each, ast.Call))
    return any(each.rpartition(".")[2] in _CATCHING for each in called)


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
