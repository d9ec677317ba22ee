"""A Python script's calls with their literal arguments, parsed and never run.

What is a literal: numbers, texts, truths, lists, tuples, tables, `torch.float16`, simple sums of
such, names that are bound once in the whole script and to such a value, and what `argparse` makes
of the command's own flags (`args.model`). All else stays unread, which is said of each argument.
"""

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from firstmile.check.flags import Flag
from firstmile.check.intent import OwnOptions
from firstmile.check.scripts.filled import Filled, Filling
from firstmile.check.scripts.handed_on import parsed_names
from firstmile.check.scripts.literals import (
    DEEPEST,
    UNREAD,
    assigned,
    bindings,
    changed,
    combined,
    compared,
    dotted,
    has_unread,
    is_number,
    of_classes,
    plain,
)
from firstmile.check.scripts.own_flags import read_flags
from firstmile.check.scripts.own_options import Asking
from firstmile.check.scripts.surely import Code
from firstmile.facts.machine import UnreadableError

LARGEST: Final = 512 * 1024
"""Characters of a script that is parsed."""
MOST_NODES: Final = 200_000
MOST_CALLS: Final = 5_000
MOST_VALUES: Final = 500_000
"""Values that are looked up in all: names that stand for tables of names would double them."""
_MOST_ITEMS: Final = 1_000
_PARSERS: Final = re.compile(r"Parser\Z|\A(?:argparse|transformers|trl)\Z")
_TAKEN_APART: Final = ("model_kwargs",)
"""Arguments that are tables of further arguments, each a literal or not by itself."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call by its dotted name, aliases of imports put back ("vllm.LLM", "?.generate").

    Arguments that are no literals are UNREAD; `open` says that more came by `**` than was read.
    `maybe` says that a test stands around it, or a function that nothing names; `after` are the
    methods called on its result ("half", "cuda"). `bases` are the classes that a class of the
    script itself which is called is made from.
    """

    name: str
    positional: tuple[Any, ...]
    named: Mapping[str, Any]
    line: int
    open: bool = False
    maybe: bool = False
    after: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()

    @property
    def last(self) -> str:
        """The last part of the name: "from_pretrained"."""
        return self.name.rpartition(".")[2]

    @property
    def kin(self) -> tuple[str, ...]:
        """The last parts of its name and of those of its bases."""
        return tuple(each.rpartition(".")[2] for each in (self.name, *self.bases))

    @property
    def owner(self) -> str:
        """The part before the last: the class of a class method."""
        return self.name.rpartition(".")[0].rpartition(".")[2]


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """What a script calls, the variables of the environment that it sets, and its own flags.

    `filled` is what a parser of dataclasses fills, None where there is none; `own_options` what
    the script's own parser says to the words, None where it is not surely read. `placed` are the
    words without a flag that it takes by their places.
    """

    calls: tuple[Call, ...]
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    filled: Filled | None = None
    own_options: OwnOptions | None = None
    placed: tuple[str, ...] = ()


def read_script(
    text: str,
    words: Sequence[str] = (),
    written: Mapping[str, Any] | None = None,
    path: str = "the script",
) -> Script:
    """Return what a script calls; `words` are the command's, of which it may take its own flags.

    `written` are the settings of the file that the command names, which stand before its flags.

    Raises UnreadableError where it is no Python that can be parsed.
    """
    if len(text) > LARGEST:
        raise UnreadableError(f"it is longer than {LARGEST:,} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        raise UnreadableError(
            f"it is no Python that this version reads, from line {error.lineno}"
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UnreadableError("it is no Python, or nested beyond any use") from error
    nodes = []
    for node in ast.walk(tree):
        nodes.append(node)
        if len(nodes) > MOST_NODES:
            raise UnreadableError(f"it has more than {MOST_NODES:,} parts")
    return _Parsing(tree, nodes, words, written or {}, path).script()


class _Parsing(msgspec.Struct):
    tree: ast.Module
    nodes: Sequence[ast.AST]
    words: Sequence[str]
    written: Mapping[str, Any]
    path: str
    origins: dict[str, str] = msgspec.field(default_factory=dict)
    constants: dict[str, ast.expr] = msgspec.field(default_factory=dict)
    used: set[str] = msgspec.field(default_factory=set)
    taken: dict[str, Any] = msgspec.field(default_factory=dict)
    parsed: set[str] = msgspec.field(default_factory=set)
    left: int = MOST_VALUES
    filling: Filling = msgspec.field(default_factory=lambda: Filling(dotted, lambda _: UNREAD))

    def script(self) -> Script:
        bound = bindings(self.nodes)
        altered, fields = changed(self.nodes), of_classes(self.nodes)
        self.parsed = parsed_names(self.nodes, bound)
        for node in self.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._import(node)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self.used.add(node.id)
            elif isinstance(node, ast.Attribute):
                self.used.add(node.attr)
            name, value = assigned(node)
            if name is None or value is None or bound[name] != 1 or node in fields:
                continue
            if name in self.parsed:
                continue
            if name not in altered or isinstance(value, ast.Constant | ast.Attribute):
                self.constants[name] = value
        self.filling = Filling(self._named, self.value, self.words, self.written)
        self.filling.find(self.nodes, self.constants)
        own = read_flags(self.nodes, self.words, self.parsed, self.value)
        self.taken, flags = own.taken, own.flags
        calls = tuple(self._calls())
        filled = self.filling.filled()
        flags += filled.flags if filled is not None else ()
        return Script(
            calls=calls,
            variables=self._variables(),
            flags=flags,
            filled=filled,
            own_options=self._own_options(),
            placed=own.placed,
        )

    def _own_options(self) -> OwnOptions | None:
        if not any(_PARSERS.search(each) for each in self.origins.values()):
            return None
        asking = Asking(Code(self.nodes), self._named, self.value, self.words, self.path)
        return asking.answer(self.filling, self.written)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for each in node.names:
                self.origins[each.asname or each.name.partition(".")[0]] = (
                    each.name if each.asname else each.name.partition(".")[0]
                )
        elif not node.level:
            for each in node.names:
                self.origins[each.asname or each.name] = f"{node.module}.{each.name}"

    def _calls(self) -> Iterator[Call]:
        count = 0
        waiting: list[tuple[ast.AST, bool, tuple[str, ...]]] = [(self.tree, False, ())]
        while waiting and count < MOST_CALLS:
            node, maybe, after = waiting.pop()
            if isinstance(node, ast.Call):
                count += 1
                yield self._call(node, maybe, after)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    self.filling.set_later(target, node.value, maybe=maybe)
            waiting += reversed(list(self._below(node, maybe, after)))

    def _below(
        self, node: ast.AST, maybe: bool, after: tuple[str, ...]
    ) -> Iterator[tuple[ast.AST, bool, tuple[str, ...]]]:
        """Yield what is inside a node, with whether it may not run."""
        if isinstance(node, ast.If | ast.IfExp):
            yield node.test, maybe, ()
            holds = self._truth(node.test)
            parts: list[tuple[ast.stmt | ast.expr | list[ast.stmt], bool]] = [
                (node.body, holds is not False),
                (node.orelse, holds is not True),
            ]
            for part, can_run in parts:
                for each in part if isinstance(part, list) else [part]:
                    if can_run:
                        yield each, maybe or holds is None, ()
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            is_run = node.name in self.used or node.decorator_list or node.name.startswith("__")
            maybe = maybe or not is_run
        elif isinstance(node, ast.ExceptHandler | ast.match_case | ast.Lambda | ast.BoolOp):
            maybe = True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.value, maybe, (node.func.attr, *after)
            for argument in (*node.args, *node.keywords):
                yield argument, maybe, ()
            return
        for child in ast.iter_child_nodes(node):
            yield child, maybe, ()

    def _truth(self, test: ast.expr, level: int = 0) -> bool | None:
        """Return what a test comes to: `__name__ == "__main__"` holds, most are not known."""
        if level > DEEPEST:
            return None
        if isinstance(test, ast.Compare) and dotted(test.left) == "__name__":
            return isinstance(test.ops[0], ast.Eq)
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            sides = (self.value(each, level + 1) for each in (test.left, test.comparators[0]))
            return compared(test.ops[0], *sides)
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            holds = self._truth(test.operand, level + 1)
            return None if holds is None else not holds
        if isinstance(test, ast.BoolOp):
            parts = [self._truth(each, level + 1) for each in test.values]
            decides = isinstance(test.op, ast.Or)
            return decides if decides in parts else None if None in parts else not decides
        value = self.value(test, level)
        return None if value is UNREAD else bool(value)

    def _call(self, node: ast.Call, maybe: bool, after: tuple[str, ...]) -> Call:
        named: dict[str, Any] = {}
        is_open = False
        for each in node.keywords:
            value = self.value(each.value)
            if each.arg is not None:
                whole = each.arg in _TAKEN_APART or not has_unread(value)
                named[each.arg] = value if whole else UNREAD
            elif isinstance(value, dict):
                named.update({str(key): inner for key, inner in value.items()})
            else:
                is_open = True
        starred = any(isinstance(each, ast.Starred) for each in node.args)
        return Call(
            name=self._named(node.func),
            positional=() if starred else tuple(self.value(each) for each in node.args),
            named=named,
            line=node.lineno,
            open=is_open or starred,
            maybe=maybe,
            after=after,
            bases=self.filling.bases_of(node.func.id) if isinstance(node.func, ast.Name) else (),
        )

    def _named(self, node: ast.expr) -> str:
        first, dot, rest = dotted(node).partition(".")
        return f"{self.origins.get(first, first)}{dot}{rest}"

    def _variables(self) -> dict[str, str]:
        """Return what is put into os.environ, where each variable is set once."""
        found: dict[str, list[Any]] = {}
        for node in self.nodes:
            if not isinstance(node, ast.Assign) or len(node.targets) != 1:
                continue
            target = node.targets[0]
            if isinstance(target, ast.Subscript) and self._named(target.value) == "os.environ":
                name = self.value(target.slice)
                found.setdefault(str(name), []).append(self.value(node.value))
        return {
            name: values[0]
            for name, values in found.items()
            if len(values) == 1 and isinstance(values[0], str) and name.isidentifier()
        }

    def value(self, node: ast.expr, level: int = 0) -> Any:
        """Return the value of a literal, UNREAD where it is none."""
        self.left -= 1
        if level > DEEPEST or self.left < 0:
            return UNREAD
        if isinstance(node, ast.Constant):
            return plain(node.value)
        if isinstance(node, ast.Name):
            known = self.constants.get(node.id)
            return UNREAD if known is None else self.value(known, level + 1)
        if isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if owner in self.parsed:
                return self.taken.get(node.attr, UNREAD)
            if owner in self.filling.objects:
                return self.filling.of(owner, node.attr)
            name = self._named(node)
            return (
                name.removeprefix("torch.")
                if name.count(".") == 1 and (name.startswith("torch."))
                else UNREAD
            )
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.value(node.operand, level + 1)
            return -inner if is_number(inner) else UNREAD
        if isinstance(node, ast.BinOp):
            return combined(
                node.op, self.value(node.left, level + 1), self.value(node.right, level + 1)
            )
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return self._listed(node.elts, level)
        if isinstance(node, ast.IfExp):
            holds = self._truth(node.test, level + 1)
            chosen = node.body if holds else node.orelse
            return UNREAD if holds is None else self.value(chosen, level + 1)
        if isinstance(node, ast.Dict):
            return self._table(node, level)
        if isinstance(node, ast.Call) and dotted(node.func) == "dict" and not node.args:
            values = {each.arg: self.value(each.value, level + 1) for each in node.keywords}
            return UNREAD if None in values else values
        if isinstance(node, ast.Call) and dotted(node.func) == "getattr" and len(node.args) == 2:
            of_torch = self._named(node.args[0]) == "torch"
            return self.value(node.args[1], level + 1) if of_torch else UNREAD
        return UNREAD

    def _listed(self, nodes: Sequence[ast.expr], level: int) -> Any:
        if len(nodes) > _MOST_ITEMS:
            return UNREAD
        found = [self.value(each, level + 1) for each in nodes]
        return UNREAD if any(each is UNREAD for each in found) else tuple(found)

    def _table(self, node: ast.Dict, level: int) -> Any:
        """Return a table; values in it that are no literals stay UNREAD there."""
        if len(node.keys) > _MOST_ITEMS:
            return UNREAD
        found = {}
        for key, value in zip(node.keys, node.values, strict=True):
            name = UNREAD if key is None else self.value(key, level + 1)
            if not isinstance(name, str | int):
                return UNREAD
            found[name] = self.value(value, level + 1)
        return found
