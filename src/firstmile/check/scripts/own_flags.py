"""The flags that argparse is told of in a script, and what the command's words give to them."""

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from firstmile.check.flags import Flag, Grammar, Takes, take_apart
from firstmile.check.scripts.literals import UNREAD, dotted

_MAKING: Final = ("parser", "subparsers")
"""Ends of the names of what makes a parser, or parts of one."""
_KINDS: Final = {"int": Takes.INT, "float": Takes.FLOAT, "str": Takes.TEXT}
_SWITCHES: Final = ("store_true", "store_false")


class OwnFlags(msgspec.Struct, frozen=True, kw_only=True):
    """A script's own flags; what each comes to is `taken`, and `placed` the words without a flag.

    What is taken is UNREAD where it is not known.
    """

    flags: tuple[Flag, ...] = ()
    taken: dict[str, Any] = msgspec.field(default_factory=dict)
    placed: tuple[str, ...] = ()


def read_flags(
    nodes: Sequence[ast.AST],
    words: Sequence[str],
    parsed: Collection[str],
    value: Callable[[ast.expr], Any],
) -> OwnFlags:
    """Read what argparse is told to take, and what the command's words give to it.

    `parsed` are the names of what parsers return, `value` gives the value of a literal.
    """
    if not parsed:
        return OwnFlags()
    calls = [
        (node, names)
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "add_argument"
        and (names := [value(each) for each in node.args])
    ]
    found: dict[str, Flag] = {}
    defaults: dict[str, Any] = {}
    for node, names in calls:
        if all(isinstance(each, str) and each.startswith("-") for each in names):
            flag, default = _flag(node, names, value)
            found[flag.keeps], defaults[flag.keeps] = flag, default
    table = tuple(found.values())
    said = take_apart(words, table, Grammar(abbreviations=True))
    taken: dict[str, Any] = {}
    for name, default in defaults.items():
        typed = default is not UNREAD or found[name].takes is not Takes.TEXT
        taken[name] = said.values.get(name, default) if typed else UNREAD
    placed: tuple[str, ...] = ()
    by_place = [node for node, names in calls if isinstance(names[0], str) and names[0][:1] != "-"]
    if by_place and not said.unread:
        given = _given_by_place(nodes, by_place, said.positional, value)
        if given is not None:
            taken |= given
            placed = tuple(said.positional)
    for each in nodes:
        if not isinstance(each, ast.Attribute) or isinstance(each.ctx, ast.Load):
            continue
        if isinstance(each.value, ast.Name) and each.value.id in parsed:
            taken[each.attr] = UNREAD
    return OwnFlags(flags=table, taken=taken, placed=placed)


def _flag(
    node: ast.Call, names: Sequence[str], value: Callable[[ast.expr], Any]
) -> tuple[Flag, Any]:
    """Return an option with its default."""
    more = {each.arg: each.value for each in node.keywords if each.arg is not None}
    long = next((each for each in names if each.startswith("--")), names[0])
    dest = value(more["dest"]) if "dest" in more else None
    keeps = dest if isinstance(dest, str) else long.lstrip("-").replace("-", "_")
    action = value(more["action"]) if "action" in more else None
    default = value(more["default"]) if "default" in more else None
    takes = _KINDS.get(dotted(more["type"]) if "type" in more else "str")
    if action in _SWITCHES:
        takes = Takes.SWITCH
        default = default if "default" in more else action == "store_false"
    elif "nargs" in more:
        takes = Takes.LIST
    if takes is None or (action is not None and action not in _SWITCHES):
        takes, default = Takes.TEXT, UNREAD
    denials = tuple(names) if action == "store_false" else ()
    flag = Flag(names=() if denials else tuple(names), keeps=keeps, takes=takes, denials=denials)
    return flag, default


def _given_by_place(
    nodes: Sequence[ast.AST],
    calls: Sequence[ast.Call],
    words: Sequence[str],
    value: Callable[[ast.expr], Any],
) -> Mapping[str, Any] | None:
    """Return what the only parser takes by place of words without a flag; None where not sure."""
    makers = [
        name
        for each in nodes
        if isinstance(each, ast.Call)
        and (name := dotted(each.func).rpartition(".")[2].lower()).endswith(_MAKING)
    ]
    said = [{each.arg: each.value for each in call.keywords} for call in calls]
    if len(makers) != 1 or len(calls) != len(words) or any("nargs" in each for each in said):
        return None
    given = {}
    for call, word in zip(sorted(calls, key=lambda call: call.lineno), words, strict=True):
        kind = next((each.value for each in call.keywords if each.arg == "type"), None)
        is_text = kind is None or dotted(kind).rpartition(".")[2] in ("str", "Path")
        given[str(value(call.args[0]))] = word if is_text else UNREAD
    return given
