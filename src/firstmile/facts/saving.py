"""An environment as JSON and back; what comes from elsewhere is checked field by field."""

import dataclasses
import json
import types
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from firstmile.errors import UserError
from firstmile.facts.environment import SCHEMA, Environment

LARGEST: Final = 4 * 1024 * 1024
"""Characters of one saved environment; ours have some ten thousand."""


def environment_text(environment: Environment) -> str:
    """Return an environment as JSON: the fields in their order, two spaces a level."""
    return json.dumps(dataclasses.asdict(environment), indent=2, ensure_ascii=False) + "\n"


def environment_from(text: str, *, name: str) -> Environment:
    """Read back what `environment_text` wrote; raises UserError by the name for anything else.

    Fields that a later version added are passed over. One of another schema is refused.
    """
    if len(text) > LARGEST:
        raise UserError(f"{name} is larger than any environment: give a file of firstmile facts.")
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{name} is no JSON: give a file of firstmile facts.") from error
    if not isinstance(tree, dict) or tree.get("schema") != SCHEMA:
        raise UserError(
            f"{name} is no environment of schema {SCHEMA}: write it with firstmile facts "
            "--format json."
        )
    try:
        made = _made(Environment, tree, "environment")
    except _UnfitError as error:
        raise UserError(f"{name} is no environment: {error}.") from error
    assert isinstance(made, Environment)
    return made


class _UnfitError(ValueError):
    """A field does not hold what its type says."""


def _made(wanted: Any, value: Any, where: str) -> Any:
    """Return a value as the type that is wanted; raises _UnfitError naming the field."""
    if dataclasses.is_dataclass(wanted) and isinstance(wanted, type):
        if not isinstance(value, dict):
            raise _UnfitError(f"{where} is not a set of fields")
        hints = get_type_hints(wanted)
        given = {
            field.name: _made(hints[field.name], value[field.name], f"{where}.{field.name}")
            for field in dataclasses.fields(wanted)
            if field.name in value
        }
        try:
            return wanted(**given)
        except TypeError as error:
            raise _UnfitError(f"{where} lacks a field") from error
    if get_origin(wanted) is tuple:
        if not isinstance(value, list):
            raise _UnfitError(f"{where} is not a list")
        each = get_args(wanted)[0]
        return tuple(_made(each, one, f"{where}[{place}]") for place, one in enumerate(value))
    if get_origin(wanted) in (Union, types.UnionType):
        if value is None:
            return None
        wanted = next(each for each in get_args(wanted) if each is not type(None))
        return _made(wanted, value, where)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise _UnfitError(f"{where} is not of the kind {wanted.__name__}")
    return value
