"""Trees that a command's files hold, as YAML or JSON, read with bounds on size and depth."""

import importlib
from collections.abc import Callable
from typing import Any, Final

from firstmile.errors import pip_install
from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.documents import json_of

LARGEST: Final = 512 * 1024
"""Characters of a YAML file: PyYAML without its C part reads about 200 kB a second."""
MOST_NODES: Final = 50_000
"""Nodes of a YAML tree, those that aliases stand for counted again each time."""
DEEPEST: Final = 40
LONGEST_NUMBER: Final = 400
"""Characters of a number: YAML 1.1 has some of base 60, read in quadratic time."""
_OF_NUMBERS: Final = "0123456789:_+-."


def fields_of(
    path: str, read: Callable[[str], str | None], *, yaml: bool | None = None
) -> dict[str, Any]:
    """Return the fields of a YAML or JSON file, told apart by its ending unless it is said.

    Raises UnreadableError with the reason, for every way in which it can fail.
    """
    text = read(path)
    if text is None:
        raise UnreadableError("it cannot be read")
    is_yaml = yaml if yaml is not None else not path.endswith(".json")
    tree = yaml_of(text) if is_yaml else json_of(text)
    if not isinstance(tree, dict):
        raise UnreadableError("it holds no set of fields")
    return {str(name): value for name, value in tree.items()}


def yaml_of(text: str) -> Any:
    """Return the tree of a YAML text by PyYAML's safe loader; raises UnreadableError.

    What the tree would weigh with its aliases resolved is counted beforehand, so that neither
    nesting nor merging of aliases multiplies it.
    """
    if len(text) > LARGEST:
        raise UnreadableError(f"it is longer than {LARGEST:,} characters")
    try:
        yaml: Any = importlib.import_module("yaml")
    except ImportError as error:
        raise UnreadableError(f"reading YAML needs PyYAML: {pip_install('check')}") from error
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _require_bounded(yaml, text, loader)
        return yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        raise UnreadableError(f"it is no YAML that can be read{where}") from error
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise UnreadableError("it holds a value that cannot be read") from error


def _require_bounded(yaml: Any, text: str, loader: Any) -> None:
    total = 0
    depth = 0
    weights: dict[str, int] = {}
    opened: list[tuple[str | None, int]] = []
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in weights:
                raise UnreadableError("an alias in it refers to itself or to nothing")
            total += weights[event.anchor]
        elif isinstance(event, yaml.CollectionStartEvent):
            opened.append((event.anchor, total))
            total += 1
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, start = opened.pop()
            if anchor is not None:
                weights[anchor] = total - start
            depth -= 1
        elif isinstance(event, yaml.ScalarEvent):
            total += 1
            if len(event.value) > LONGEST_NUMBER and not event.value.strip(_OF_NUMBERS):
                raise UnreadableError("it holds a number that is longer than any")
            if event.anchor is not None:
                weights[event.anchor] = 1
        if total > MOST_NODES or depth > DEEPEST:
            raise UnreadableError("it is nested or sized beyond any use")
