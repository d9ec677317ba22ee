"""Replies of language models: the one JSON object that is asked for, whoever asks for it."""

import json
import re
from typing import Any, Final

_LONGEST_REPLY: Final = 100_000
_LONGEST_SHOWN: Final = 60
_FENCED: Final = re.compile(r"```(?:json)?\s*\n(.*)\n\s*```", re.DOTALL)


class ReplyError(Exception):
    """A reply that cannot be used; the message is a clause that the model is told, too."""


def fields_of(content: str, wanted: set[str]) -> dict[str, Any]:
    """Return the fields of a reply, which are the wanted ones; raises ReplyError.

    Reasoning before the object (closed by `</think>`) and a code fence around it are put up with;
    a key that stands twice is not, since which of the two was meant is not known.
    """
    fields = _object(content)
    if fields.keys() != wanted:
        wrong = sorted(wanted ^ fields.keys())
        raise ReplyError(f"it lacks a key or has one too many ({', '.join(map(in_short, wrong))})")
    return fields


def _object(content: str) -> dict[str, Any]:
    if len(content) > _LONGEST_REPLY:
        raise ReplyError("it is too long")
    body = content.rpartition("</think>")[2].strip()
    fenced = _FENCED.fullmatch(body)
    try:
        fields = json.loads(fenced[1] if fenced else body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise ReplyError("it is not one JSON object") from None
    if not isinstance(fields, dict):
        raise ReplyError("it is not one JSON object")
    return fields


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key stands in it twice")
    return fields


def in_short(value: Any) -> str:
    """Return the beginning of a value as Python writes it, for a clause about it."""
    return repr(value)[:_LONGEST_SHOWN]
