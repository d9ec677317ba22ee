"""What a model replied, checked before it is believed."""

from typing import Any, Final

from firstmile.diagnose.replies import ReplyError, fields_of, in_short
from firstmile.study.decisions import Confidence, LabelValue
from firstmile.study.model_rater.prompt import Prompt
from firstmile.taxonomy import Axis

SHORTEST_QUOTE: Final = 8
"""A shorter quote proves nothing, unless it is a whole line."""
_LONGEST_QUOTE: Final = 1_000
_LONGEST_NOTE: Final = 500


def read_reply(content: str, text: str, prompt: Prompt) -> LabelValue:
    """Return the labels of a reply to a text; raises ReplyError naming the first fault.

    The reply must be one JSON object of the schema, its codes terms of their own axis, its quote
    a part of one line of the text, verbatim. So a reply that follows instructions in the text
    instead of reading it has nothing to show for it.
    """
    fields = fields_of(content, set(prompt.schema["required"]))
    codes = {axis: _code(fields[axis.value], axis, prompt) for axis in Axis}
    try:
        confidence = Confidence(fields["confidence"])
    except ValueError:
        raise ReplyError(f"{in_short(fields['confidence'])} is no confidence") from None
    quote, note = fields["quote"], fields["note"]
    if not isinstance(quote, str) or not isinstance(note, str):
        raise ReplyError("quote and note have to be strings")
    told = any(code is not None for code in codes.values())
    return LabelValue(
        symptom=codes[Axis.SYMPTOM],
        cause=codes[Axis.CAUSE],
        stage=codes[Axis.STAGE],
        confidence=confidence,
        quote=_quote(quote, text) if told or quote.strip() else "",
        note=note.strip()[:_LONGEST_NOTE],
        cannot_tell=tuple(axis.value for axis, code in codes.items() if code is None),
    )


def cannot_tell(reason: str) -> LabelValue:
    """Return the labels of a model that gave no usable reply."""
    return LabelValue(
        confidence=Confidence.GUESS, note=reason, cannot_tell=tuple(axis.value for axis in Axis)
    )


def _code(value: Any, axis: Axis, prompt: Prompt) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in prompt.codes[axis]:
        raise ReplyError(f"{in_short(value)} is no code of the axis {axis.value}")
    return value


def _quote(quote: str, text: str) -> str:
    wanted = quote.strip()
    if not wanted:
        raise ReplyError("the quote is missing")
    if len(wanted) > _LONGEST_QUOTE:
        raise ReplyError("the quote is longer than a line")
    lines = text.splitlines()
    if len(wanted) < SHORTEST_QUOTE and all(wanted != line.strip() for line in lines):
        raise ReplyError("the quote is too short to prove anything")
    if not any(wanted in line for line in lines):
        raise ReplyError(
            "the quote does not stand in one line of the report, character by character"
        )
    return wanted
