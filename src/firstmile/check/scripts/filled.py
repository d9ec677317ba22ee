"""Objects that HfArgumentParser, TrlParser and their kin fill from a command's words.

A script names dataclasses to the parser (its own, TrainingArguments, TRL's), gets back an object
of each, and reads the attributes of these: `model_args.model_name_or_path`. What an attribute comes
to is said by the command, by its file of settings, or by the default of the field.
"""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from firstmile.check.flag_tables.training import FLAGS
from firstmile.check.flags import Flag, Grammar, Takes, take_apart
from firstmile.check.scripts.literals import UNREAD, bindings, dotted

PARSERS: Final = re.compile(r"(?:Hf|H4)ArgumentParser|TrlParser")
OF_TRL: Final = re.compile(
    r"(?:SFT|(?:Online)?DPO|KTO|ORPO|CPO|BCO|TPO|(?:Async)?GRPO|PPO|RLOO|Reward|GKD|PRM|XPO|NashMD"
    r"|Distillation|GOLD|MiniLLM|SDFT|SDPO)"
)
ARGUMENTS: Final = re.compile(rf"\w*TrainingArguments|{OF_TRL.pattern}Config")
"""Classes that hold the settings of a training, and those that are made from one by their names."""
MODEL_CONFIG: Final = "ModelConfig"
"""TRL's class of a model's settings, from which TRL's functions load it as the flags say."""
_FILLS: Final = (
    *("parse_args_into_dataclasses", "parse_args_and_config", "parse_json_file"),
    *("parse_yaml_file", "parse_dict", "parse"),
)
_LENIENT: Final = (
    "return_remaining_strings",
    "fail_with_unknown_args",
    "args",
    "look_for_args_file",
)
"""Arguments by which a parser takes other words than the command's, or passes some over."""
_DEEPEST: Final = 8
"""Defaults that are attributes of other objects that are filled."""
_MOST_CLASSES: Final = 50
_LONGEST_LINE: Final = 20
"""Classes of which each is made from the next."""
_OFF: Final = dict.fromkeys(("fp16", "do_train", "do_predict", "push_to_hub"), False)
_NONE: Final = dict.fromkeys(("deepspeed", "resume_from_checkpoint"), None)
_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "TrainingArguments": {**_OFF, **_NONE, "bf16": False},
    "Seq2SeqTrainingArguments": {**_OFF, **_NONE, "bf16": False},
    MODEL_CONFIG: {
        **dict.fromkeys(("use_peft", "load_in_4bit", "load_in_8bit"), False),
        **dict.fromkeys(("model_name_or_path", "attn_implementation"), None),
        "model_revision": "main",
    },
}
"""Defaults of the libraries' classes that are the same in all releases (transformers, TRL)."""
_KINDS: Final = {
    frozenset(("bool",)): Takes.BOOL,
    frozenset(("int",)): Takes.INT,
    frozenset(("float",)): Takes.FLOAT,
}
_LISTS: Final = frozenset(("list", "List", "Sequence", "tuple", "Tuple"))

Value = Callable[[ast.expr], Any]
Named = Callable[[ast.expr], str]


class OwnClass(msgspec.Struct, frozen=True):
    """A class of the script: what it is made from, and its fields by kind and default."""

    bases: tuple[str, ...]
    fields: Mapping[str, tuple[Takes, ast.expr | None]]


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What a parser fills: its classes down to those of libraries, and what the command says.

    `said` stands by the names that the table of flags keeps; `flags` are fields of the script's
    own classes, `defaults` what those that train say by themselves. `later` are attributes that the
    script sets afterwards, UNREAD where it may do so, or to no literal. With `is_strict` all
    classes are known, and the parser stops at a flag that none of them has.
    """

    classes: frozenset[str] = frozenset()
    said: Mapping[str, Any] = msgspec.field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    defaults: Mapping[str, Any] = msgspec.field(default_factory=dict)
    later: Mapping[str, Any] = msgspec.field(default_factory=dict)
    is_strict: bool = False

    @property
    def trains(self) -> bool:
        """Whether the settings of a training are among them."""
        return any(ARGUMENTS.fullmatch(each) for each in self.classes)


def said_by(
    words: Sequence[str], written: Mapping[str, Any], own: Sequence[Flag] = ()
) -> dict[str, Any]:
    """Return what a file of settings and the flags over it say, by the names of the table."""
    known = {name for each in FLAGS for name in each.names}
    further = [each for each in own if not known & {*each.names}]
    return {**written, **take_apart(words, (*further, *FLAGS), Grammar()).values}


class Filling(msgspec.Struct):
    """The parsers of a script, the objects that they fill, and their attributes."""

    named: Named
    value: Value
    words: Sequence[str] = ()
    written: Mapping[str, Any] = msgspec.field(default_factory=dict)
    own: dict[str, OwnClass] = msgspec.field(default_factory=dict)
    parsed: tuple[str, ...] = ()
    objects: dict[str, str] = msgspec.field(default_factory=dict)
    said: dict[str, Any] = msgspec.field(default_factory=dict)
    later: dict[str, Any] = msgspec.field(default_factory=dict)
    is_strict: bool = False
    within: int = 0

    def find(self, nodes: Sequence[ast.AST], constants: Mapping[str, ast.expr]) -> None:
        """Find the classes of the script, its parsers, and the names of what they fill."""
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                self.own[node.name] = self._own_class(node)
        found = {
            self._classes(node, constants)
            for node in nodes
            if isinstance(node, ast.Call)
            and PARSERS.fullmatch(self.named(node.func).rpartition(".")[2])
        }
        if len(found) != 1:
            return
        self.parsed = found.pop()
        self.said = said_by(self.words, self.written, self._flags())
        self._find_objects(nodes)
        fills = [one for one in nodes if isinstance(one, ast.Call) and _fills(one)]
        lenient = any(each.arg in _LENIENT for one in fills for each in one.keywords)
        self.is_strict = bool(fills) and not lenient and all(map(self._is_known, self.parsed))

    def _is_known(self, name: str) -> bool:
        return all(
            each in self.own or each == "object" or each.startswith(("transformers.", "trl."))
            for each in self._line(name)
        )

    def of(self, owner: str, attribute: str) -> Any:
        """Return an attribute of an object that is filled; UNREAD where it is not known."""
        if attribute in self.later:
            return UNREAD
        keeps = _KEPT.get(attribute, attribute)
        if keeps in self.said:
            value = self.said[keeps]
            return tuple(value) if isinstance(value, list) else value
        for name in self._line(self.objects[owner]):
            one = self.own.get(name)
            if one is not None and attribute in one.fields:
                return self._default(one.fields[attribute][1])
            known = _DEFAULTS.get(name.rpartition(".")[2], {})
            if one is None and attribute in known:
                return known[attribute]
        return UNREAD

    def set_later(self, target: ast.expr, value: ast.expr, *, maybe: bool) -> None:
        """Take an assignment to an attribute of what was filled."""
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            owner = target.value.id
            if owner in self.objects and self._trains(self.objects[owner]):
                found = UNREAD if maybe or target.attr in self.later else self.value(value)
                self.later[target.attr] = found

    def filled(self) -> Filled | None:
        """Return what the parsers of the script fill, None where there are none."""
        if not self.parsed:
            return None
        classes = {name.rpartition(".")[2] for each in self.parsed for name in self._line(each)}
        return Filled(
            classes=frozenset(classes),
            said=self.said,
            flags=self._flags(),
            defaults=dict(self._defaults()),
            later={_KEPT.get(name, name): value for name, value in self.later.items()},
            is_strict=self.is_strict,
        )

    def bases_of(self, name: str) -> tuple[str, ...]:
        """Return the classes that one of the script's own is made from."""
        return tuple(self._line(name)[1:])

    def _own_class(self, node: ast.ClassDef) -> OwnClass:
        fields = {}
        for each in node.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                fields[each.target.id] = (_kind(each.annotation), each.value)
        bases = (self._class_named(base, within=node.name) for base in node.bases)
        return OwnClass(tuple(bases), fields)

    def _class_named(self, node: ast.expr, within: str = "") -> str:
        """Return the name of a class: the script's own stands before one that is imported."""
        is_own = isinstance(node, ast.Name) and node.id in self.own and node.id != within
        return dotted(node) if is_own else self.named(node)

    def _classes(self, call: ast.Call, constants: Mapping[str, ast.expr]) -> tuple[str, ...]:
        named = [each.value for each in call.keywords if each.arg == "dataclass_types"]
        given: ast.expr | None = call.args[0] if call.args else named[0] if named else None
        if isinstance(given, ast.Name) and given.id not in self.own:
            given = constants.get(given.id, given)
        if given is None:
            return ()
        parts = given.elts if isinstance(given, ast.Tuple | ast.List) else [given]
        return tuple(self._class_named(each) for each in parts[:_MOST_CLASSES])

    def _find_objects(self, nodes: Sequence[ast.AST]) -> None:
        found: dict[str, set[str]] = {}
        count: Counter[str] = Counter()
        for node in nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                for name, place in _filled_by(node):
                    count[name] += 1
                    if place < len(self.parsed):
                        found.setdefault(name, set()).add(self.parsed[place])
            elif isinstance(node, ast.arg):
                count[node.arg] += 1
        bound = bindings(nodes)
        for name, classes in found.items():
            if len(classes) == 1 and bound[name] == count[name]:
                self.objects[name] = classes.pop()

    def _line(self, name: str) -> list[str]:
        """Return a class and those that it is made from, in the order that Python looks at them."""
        line = [name]
        waiting = [name]
        while waiting and len(line) < _LONGEST_LINE:
            one = self.own.get(waiting.pop(0))
            for base in one.bases if one is not None else ():
                if base not in line:
                    line.append(base)
                    waiting.append(base)
        return line

    def _trains(self, name: str) -> bool:
        return any(ARGUMENTS.fullmatch(each.rpartition(".")[2]) for each in self._line(name))

    def _fields(self) -> Iterator[tuple[str, str, Takes, ast.expr | None]]:
        for each in self.parsed:
            for owner in self._line(each):
                one = self.own.get(owner)
                for name, (kind, default) in one.fields.items() if one is not None else ():
                    yield each, name, kind, default

    def _flags(self) -> tuple[Flag, ...]:
        return tuple(
            Flag(names=(f"--{name}",), keeps=name, takes=kind)
            for name, kind in {name: kind for _, name, kind, _ in self._fields()}.items()
        )

    def _defaults(self) -> Iterator[tuple[str, Any]]:
        """Yield the defaults of fields that mean the same in every script."""
        for owner, name, _, default in self._fields():
            of_all = self._trains(owner) and not name.startswith(_OF_ADAPTERS)
            if name in _KEPT and (of_all or name in _OF_MODELS):
                value = self._default(default)
                if value is not UNREAD and value is not None:
                    yield _KEPT[name], value

    def _default(self, value: ast.expr | None) -> Any:
        if self.within >= _DEEPEST:
            return UNREAD
        self.within += 1
        try:
            return self._stated(value)
        finally:
            self.within -= 1

    def _stated(self, value: ast.expr | None) -> Any:
        if not isinstance(value, ast.Call) or not dotted(value.func).endswith("field"):
            return UNREAD if value is None else self.value(value)
        said = {each.arg: each.value for each in value.keywords}
        if "default" in said:
            return self.value(said["default"])
        made = said.get("default_factory")
        return self.value(made.body) if isinstance(made, ast.Lambda) else UNREAD


_KEPT: Final = {name.lstrip("-"): each.keeps for each in FLAGS for name in each.names}
_OF_MODELS: Final = (
    *("model_name_or_path", "model_name", "use_lora", "use_peft", "q_lora", "use_qlora"),
    *("model_max_length", "max_seq_length", "max_length", "packing"),
)


_OF_ADAPTERS: Final = ("lora_", "peft_", "bits")
"""Beginnings of fields that count only where LoraConfig or a quantization is given them."""


def _filled_by(node: ast.Assign) -> Iterator[tuple[str, int]]:
    """Yield the names that an assignment gives to what a parser returns, and their places."""
    value, place = node.value, 0
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant):
        place = value.slice.value if isinstance(value.slice.value, int) else 0
        value = value.value
    if not isinstance(value, ast.Call) or not _fills(value):
        return
    target = node.targets[0]
    parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    for number, each in enumerate(parts):
        if isinstance(each, ast.Name):
            yield each.id, number if len(parts) > 1 else max(place, 0)


def _fills(call: ast.Call) -> bool:
    return dotted(call.func).rpartition(".")[2] in _FILLS


def _kind(annotation: ast.expr) -> Takes:
    names: set[str] = set()
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names |= {*re.findall(r"\w{1,40}", node.value[:200])}
    if names & _LISTS:
        return Takes.LIST
    return _KINDS.get(frozenset(names & {"bool", "int", "float", "str"}), Takes.TEXT)
