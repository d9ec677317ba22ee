"""Names that hold what a script's parser read, wherever it hands them on.

`args = get_args()` of a function that returns what was parsed, and `def main(args)` that is only
ever called with it, are as plain as `args = parser.parse_args()`.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from firstmile.check.scripts.literals import assigned, dotted

_PARSED: Final = ("parse_args", "parse_known_args")
_MOST_ROUNDS: Final = 30
"""How often what is handed on may be handed on again."""
_MOST_TAKEN: Final = 20
_MOST_CALLS: Final = 50
"""Arguments and calls of a function beyond which it is passed over."""
_WITHIN: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def parsed_names(nodes: Sequence[ast.AST], bound: Mapping[str, int]) -> set[str]:
    """Return the names all of whose bindings hold what argparse read; `bound` counts these."""
    return _Handing(nodes, bound).names()


class _Handing(msgspec.Struct):
    """Functions that are bound once, what they return and by which calls; what is given to names.

    `held` and `giving` are the names and functions that may hold and return what was parsed: all
    at first, and fewer by each round.
    """

    nodes: Sequence[ast.AST]
    bound: Mapping[str, int]
    functions: dict[str, ast.FunctionDef] = msgspec.field(default_factory=dict)
    calls: dict[str, list[ast.Call]] = msgspec.field(default_factory=dict)
    given: list[tuple[str, ast.expr]] = msgspec.field(default_factory=list)
    held: set[str] = msgspec.field(default_factory=set)
    giving: set[str] = msgspec.field(default_factory=set)
    told: dict[str, list[ast.expr | None]] = msgspec.field(default_factory=dict)

    def names(self) -> set[str]:
        """Return what is left once nothing more falls away; nothing where that takes too long."""
        self._look()
        for _ in range(_MOST_ROUNDS):
            found = self._found()
            held = {name for name in self.held if 0 < found[name] == self.bound[name]}
            giving = {name for name in self.giving if all(map(self._holds, self.told[name]))}
            if (held, giving) == (self.held, self.giving):
                return held
            self.held, self.giving = held, giving
        return set()

    def _look(self) -> None:
        loads: Counter[str] = Counter()
        for each in self.nodes:
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
                loads[each.id] += 1
            elif isinstance(each, ast.FunctionDef) and self.bound[each.name] == 1:
                self.functions[each.name] = each
            elif isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
                self.calls.setdefault(each.func.id, []).append(each)
            name, value = assigned(each)
            if name is not None and value is not None:
                self.given.append((name, value))
        # One that is handed on itself may be called by anybody.
        self.calls = {name: made for name, made in self.calls.items() if loads[name] == len(made)}
        self.held = {name for name, _ in self.given}
        self.held |= {each.arg for made in self.functions.values() for each in made.args.args}
        self.told = {
            name: [each.value for each in _returns(made)] for name, made in self.functions.items()
        }
        self.giving = {name for name, told in self.told.items() if told}

    def _found(self) -> Counter[str]:
        """Count the bindings of each name that hold what was parsed."""
        found = Counter(name for name, value in self.given if self._holds(value, is_name=False))
        for name, function in self.functions.items():
            made, taken = self.calls.get(name, ()), function.args.args
            if len(taken) > _MOST_TAKEN or not 0 < len(made) <= _MOST_CALLS:
                continue
            for place, each in enumerate(taken):
                if all(self._holds(_passed(call, place, each.arg)) for call in made):
                    found[each.arg] += 1
        return found

    def _holds(self, value: ast.expr | None, *, is_name: bool = True) -> bool:
        if isinstance(value, ast.Name):
            return is_name and value.id in self.held
        if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant):
            value = value.value if value.slice.value == 0 else None
        if not isinstance(value, ast.Call):
            return False
        if isinstance(value.func, ast.Name):
            return value.func.id in self.giving
        return dotted(value.func).rpartition(".")[2] in _PARSED


def _returns(function: ast.FunctionDef) -> Iterator[ast.Return]:
    """Yield what a function returns, without those of functions within it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Return):
            yield each
        elif not isinstance(each, _WITHIN):
            waiting += ast.iter_child_nodes(each)


def _passed(call: ast.Call, place: int, name: str) -> ast.expr | None:
    """Return what a call gives to an argument, by its place or its name."""
    if any(isinstance(each, ast.Starred) for each in call.args):
        return None
    if place < len(call.args):
        return call.args[place]
    return next((each.value for each in call.keywords if each.arg == name), None)
