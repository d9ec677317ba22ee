"""What a script's own parser answers to the words of the command: nothing, or the end of the run.

Only a parser that is read whole counts: made once, told of its options by literals, asked once
and for certain. Its options are then put into a parser of Python's own, which is asked in its
place; nothing of the script is run. Of all others nothing is said.
"""

import argparse
import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NoReturn

import msgspec

from firstmile.check.flags import is_flag
from firstmile.check.intent import OwnOptions
from firstmile.check.scripts.filled import Filling
from firstmile.check.scripts.literals import dotted
from firstmile.check.scripts.surely import Code, keywords_of
from firstmile.check.unknown_words import shown

_PLAIN: Final = frozenset(("prog", "usage", "description", "epilog", "formatter_class"))
_SWITCHES: Final = frozenset(("add_help", "allow_abbrev"))
_OF_PARSERS: Final = frozenset(
    (
        *("add_argument", "add_argument_group", "add_mutually_exclusive_group", "parse_args"),
        *("print_help", "print_usage", "format_help", "format_usage"),
        *("set_defaults", "error", "exit"),
    )
)
_GROUPS: Final = frozenset(("add_argument_group", "add_mutually_exclusive_group"))
_ACTIONS: Final = frozenset(
    (
        *("store", "store_true", "store_false", "append", "extend", "count"),
        *("store_const", "append_const", "version"),
    )
)
_WITH_A_VALUE: Final = frozenset(("store", "append", "extend"))
_WITH_A_CONSTANT: Final = frozenset(("store_const", "append_const"))
_TYPES: Final[Mapping[str, type]] = {"int": int, "float": float}
_LARGEST_COUNT: Final = 100
_MOST_OPTIONS: Final = 2_000
_MOST_PLACES: Final = 20
_MOST_OF_ANY_LENGTH: Final = 2
"""Options without a name, and those of them that take several words: argparse tries all ways to
deal out the words to them, in time that doubles with each.
"""
_MOST_WORDS: Final = 399
_HOLE: Final = re.compile(r"[$`<%*?\[]|\{\{|\.\.\.|\u2026")
"""What a shell, a template or a person still puts something in for."""
_REQUIRED: Final = re.compile(r"(?s)the following arguments are required: (.*)")
_FILES: Final = (".json", ".yaml", ".yml", ".toml", ".args")
_OF_FILLING: Final = frozenset(
    (
        *("parse_args_into_dataclasses", "parse_args_and_config", "parse_json_file"),
        *("parse_yaml_file", "add_argument", "set_defaults", "print_help", "print_usage"),
    )
)
_FILLING: Final = re.compile(r"transformers\.(?:\w+\.)*HfArgumentParser|trl\.(?:\w+\.)*TrlParser")
_ASKING: Final = ("parse_args_into_dataclasses", "parse_args_and_config")
_LENIENT: Final = ("args", "look_for_args_file", "args_filename", "args_file_flag")
_WITH_A_DEFAULT: Final = ("default", "default_factory", "init")


class _RefusedError(Exception):
    """What a parser says when it ends the run."""


class _HelpError(Exception):
    """A parser that prints help or a version, and ends well."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _RefusedError(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _HelpError

    def print_help(self, file: Any = None) -> None:
        return


class _Option(msgspec.Struct):
    names: tuple[str, ...]
    settings: dict[str, Any]
    is_sure: bool


class Asking(msgspec.Struct):
    """A script's parser of options, asked by the words of the command."""

    code: Code
    named: Callable[[ast.expr], str]
    value: Callable[[ast.expr], Any]
    words: Sequence[str]
    path: str = ""

    def answer(self, filling: Filling, written: Mapping[str, Any]) -> OwnOptions | None:
        """Return what the script's only parser answers; `written` is the file that is named."""
        try:
            if not filling.parsed:
                return self.of_argparse()
            kinds = {each.name: each for each in self.code.nodes if isinstance(each, ast.ClassDef)}
            return self.of_dataclasses(filling, written, kinds)
        except RecursionError:
            # Code that is nested beyond any use cannot be written out again.
            return None

    def of_argparse(self) -> OwnOptions | None:
        """Return what a parser of argparse answers; None where it is not surely read."""
        made = self._made()
        is_plain = len(made) == 1 and self.named(made[0].func) == "argparse.ArgumentParser"
        name = self.code.name_given(made[0]) if is_plain else None
        if name is None or self._has_open_words() or not self.code.runs(made[0]):
            return None
        settings = self._parser_settings(made[0])
        asked = self._calls(name, _OF_PARSERS)
        if settings is None or asked is None or self.code.changes_words():
            return None
        parses = [call for method, call in asked if method == "parse_args"]
        if len(parses) != 1 or not self._takes_the_words(parses[0]):
            return None
        options = self._options(name, asked)
        if options is None or not self.code.runs(parses[0]):
            return None
        return self._answer(settings, options, parses[0])

    def of_dataclasses(
        self, filling: Filling, written: Mapping[str, Any], kinds: Mapping[str, ast.ClassDef]
    ) -> OwnOptions | None:
        """Return the fields without a default that the words do not give; None where not sure."""
        if not filling.parsed or self._has_open_words() or self._names_a_file(written):
            return None
        made = self._made()
        is_filling = len(made) == 1 and _FILLING.fullmatch(self.named(made[0].func))
        name = self.code.name_given(made[0]) if is_filling else None
        asked = self._calls(name, _OF_FILLING) if name is not None else None
        if asked is None or self.code.changes_words():
            return None
        fills = [call for method, call in asked if method in _ASKING]
        if len(fills) != 1 or fills[0].args or not self.code.runs(fills[0], unless_asked=True):
            return None
        said = keywords_of(fills[0])
        if said is None or any(each in said for each in _LENIENT):
            return None
        given = {
            word.partition("=")[0].replace("-", "_")[2:] for word in self.words if word[:2] == "--"
        }
        missing = tuple(
            f"--{field}"
            for field in self._required(filling, kinds)
            if field not in written and not any(field.startswith(each) for each in given if each)
        )
        return OwnOptions(where=self._place(fills[0]), missing=missing)

    def _made(self) -> list[ast.Call]:
        """Return the calls that make a parser of any kind."""
        return [
            each
            for each in self.code.nodes
            if isinstance(each, ast.Call)
            and self.named(each.func).rpartition(".")[2].endswith("Parser")
        ]

    def _required(self, filling: Filling, kinds: Mapping[str, ast.ClassDef]) -> Iterator[str]:
        """Yield the fields that HfArgumentParser requires: those without a default, but truths.

        A field that is only named again keeps the default that a base gives it, and what one from
        elsewhere gives is not known.
        """
        for parsed in filling.parsed:
            line = [kinds.get(each) for each in (parsed, *filling.bases_of(parsed))]
            own = [each for each in line if each is not None and self.code.bound[each.name] == 1]
            if len(own) < len(line):
                continue
            given = {name for each in own for name in _defaults(each)}
            seen: set[str] = set()
            for made in own:
                for each in made.body:
                    if not isinstance(each, ast.AnnAssign) or not isinstance(each.target, ast.Name):
                        continue
                    name = each.target.id
                    is_new = name not in seen and name not in given
                    if is_new and _is_dataclass(made) and _is_required(each):
                        yield name
                    seen.add(name)

    def _names_a_file(self, written: Mapping[str, Any]) -> bool:
        if "--config" in self.words or any(word.startswith("--config=") for word in self.words):
            return not written
        alone = (
            word
            for place, word in enumerate(self.words)
            if not is_flag(word) and (place == 0 or not is_flag(self.words[place - 1]))
        )
        return any(word.endswith(_FILES) for word in alone)

    def _has_open_words(self) -> bool:
        """Say whether a word may stand for several, or none: `$ARGS`, `[options]`."""
        words = self.words
        return len(words) > _MOST_WORDS or any(
            not is_flag(word)
            and _HOLE.search(word)
            and (place == 0 or not is_flag(words[place - 1]))
            for place, word in enumerate(words)
        )

    def _calls(self, name: str, known: frozenset[str]) -> list[tuple[str, ast.Call]] | None:
        """Return the methods that are called on a parser; None where it is used otherwise."""
        found = []
        for each in self.code.methods(name):
            if each is None or each[0] not in known:
                return None
            found.append(each)
        return found

    def _parser_settings(self, call: ast.Call) -> dict[str, Any] | None:
        said = keywords_of(call)
        if said is None or not said.keys() <= _PLAIN | _SWITCHES or len(call.args) > 1:
            return None
        found = {name: self.value(said[name]) for name in _SWITCHES if name in said}
        return found if all(isinstance(each, bool) for each in found.values()) else None

    def _takes_the_words(self, call: ast.Call) -> bool:
        if call.keywords or len(call.args) > 1:
            return False
        if not call.args:
            return True
        given = call.args[0]
        if isinstance(given, ast.Constant):
            return given.value is None
        return ast.unparse(given) == "sys.argv[1:]"

    def _options(self, parser: str, asked: Sequence[tuple[str, ast.Call]]) -> list[_Option] | None:
        """Return all options that a parser and its groups are told of; None where not all."""
        found: list[_Option] = []
        waiting = list(asked)
        while waiting:
            method, call = waiting.pop(0)
            above = self.code.parents.get(call)
            if method in _GROUPS:
                name = self.code.name_given(call)
                if name is not None:
                    within = self._calls(name, _GROUPS | {"add_argument"})
                elif isinstance(above, ast.Attribute):
                    use = self.code.parents.get(above)
                    is_told = isinstance(use, ast.Call) and above.attr == "add_argument"
                    within = [(above.attr, use)] if is_told and isinstance(use, ast.Call) else None
                else:
                    within = [] if isinstance(above, ast.Expr) else None
                if within is None:
                    return None
                waiting += within
            elif method == "add_argument":
                option = self._option(call) if isinstance(above, ast.Expr) else None
                if option is None or len(found) >= _MOST_OPTIONS:
                    return None
                found.append(option)
        places = [each for each in found if not each.names[0].startswith("-")]
        of_any_length = sum(isinstance(each.settings.get("nargs"), str) for each in places)
        is_quick = len(places) <= _MOST_PLACES and of_any_length <= _MOST_OF_ANY_LENGTH
        return found if is_quick else None

    def _option(self, call: ast.Call) -> _Option | None:
        said = keywords_of(call)
        names = [self.value(each) for each in call.args]
        if said is None or not names or not all(isinstance(each, str) and each for each in names):
            return None
        is_sure, is_option = self.code.runs(call), names[0].startswith("-")
        if not is_option and (len(names) > 1 or not is_sure):
            return None
        settings = self._option_settings(said)
        if settings is None:
            return None
        required = self.value(said["required"]) if "required" in said else False
        if is_option and required is True and is_sure:
            settings["required"] = True
        return _Option(tuple(names), settings, is_sure)

    def _option_settings(self, said: Mapping[str, ast.expr]) -> dict[str, Any] | None:
        action = self.value(said["action"]) if "action" in said else "store"
        if "action" in said and dotted(said["action"]).endswith("BooleanOptionalAction"):
            return {"action": argparse.BooleanOptionalAction}
        if action not in _ACTIONS:
            return None
        found: dict[str, Any] = {"action": action}
        if action in _WITH_A_CONSTANT:
            found["const"] = None
        if action == "version":
            found["version"] = ""
        if action not in _WITH_A_VALUE:
            return found
        count = self.value(said["nargs"]) if "nargs" in said else None
        is_number = type(count) is int and 0 < count <= _LARGEST_COUNT
        if not is_number and count not in (None, "?", "*", "+"):
            return None
        found["nargs"] = count
        kind = dotted(said["type"]) if "type" in said else "str"
        if kind in _TYPES and not self.code.bound[kind]:
            found["type"] = _TYPES[kind]
        choices = self.value(said["choices"]) if "choices" in said else None
        is_known = kind == "str" or "type" in found
        if isinstance(choices, tuple) and choices and is_known and count not in ("?", "*"):
            found["choices"] = list(choices)
        return found

    def _answer(
        self, settings: Mapping[str, Any], options: Sequence[_Option], asked: ast.Call
    ) -> OwnOptions | None:
        """Ask a parser of the same options."""
        where = self._place(asked)
        try:
            parser = _Parser(prog="script", **settings)
            for each in options:
                parser.add_argument(*each.names, **each.settings)
            _, rest = parser.parse_known_args([*self.words])
        except _HelpError:
            return None
        except _RefusedError as error:
            if str(error).startswith("ambiguous") and not all(each.is_sure for each in options):
                return None
            return self._refused(str(error), where)
        except (argparse.ArgumentError, ValueError, TypeError, AttributeError, RecursionError):
            return None
        known = tuple(name for each in options for name in each.names if name.startswith("--"))
        return OwnOptions(where=where, unknown=tuple(map(shown, rest)), known=known)

    def _refused(self, message: str, where: str) -> OwnOptions | None:
        required = _REQUIRED.fullmatch(message)
        if required is not None:
            return OwnOptions(where=where, missing=tuple(map(_longest, required[1].split(", "))))
        if any(_HOLE.search(word) for word in self.words):
            return None
        return OwnOptions(where=where, refuses=shown(message))

    def _place(self, call: ast.Call) -> str:
        return f"{dotted(call.func)}() in line {call.lineno} of {self.path}"


def _longest(names: str) -> str:
    """Return the long one of an option's names, which argparse joins: "-m/--model"."""
    return max(names.split("/"), key=len) if names.startswith("-") else names


def _is_dataclass(made: ast.ClassDef) -> bool:
    named = (each.func if isinstance(each, ast.Call) else each for each in made.decorator_list)
    return any(dotted(each).rpartition(".")[2] == "dataclass" for each in named)


def _defaults(made: ast.ClassDef) -> Iterator[str]:
    """Yield what a class gives a value, which is no `field()` without a default."""
    for each in made.body:
        if isinstance(each, ast.Assign):
            yield from (one.id for one in each.targets if isinstance(one, ast.Name))
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield from () if each.value is None or _is_required(each) else (each.target.id,)


def _is_required(field: ast.AnnAssign) -> bool:
    """Say whether a field has no default and is no truth; one with other names is left out."""
    kind = ast.unparse(field.annotation)
    if "bool" in kind or "ClassVar" in kind or "InitVar" in kind or "KW_ONLY" in kind:
        return False
    if field.value is None:
        return True
    call = field.value
    if not isinstance(call, ast.Call) or dotted(call.func) not in ("field", "dataclasses.field"):
        return False
    said = keywords_of(call)
    if said is None or call.args or any(each in said for each in _WITH_A_DEFAULT):
        return False
    return "aliases" not in ast.unparse(said["metadata"]) if "metadata" in said else True
