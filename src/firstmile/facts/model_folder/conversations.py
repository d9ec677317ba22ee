"""The conversations that a chat template is tried with, each named after what it shows.

Their words are plain and occur in no template by chance, so that a check can look for them in
what came out. Dates are fixed: a snapshot of the same folder is the same tomorrow.
"""

from collections.abc import Mapping
from typing import Any, Final

SYSTEM: Final = "Speak like a gardener of pear trees."
ASKED: Final = "When do quinces ripen in the valley?"
ANSWERED: Final = "Quinces ripen there in early October."
ASKED_AGAIN: Final = "And the medlars beside them?"
ANSWERED_AGAIN: Final = "Medlars follow after the first frost."
THOUGHT: Final = "The valley is warm, so harvest comes early."
SPECIAL: Final = (
    "Is 3 < 5 & \"seven\" > 'two'? {{ braces }} {% raw %} back\\slash\n\ttab <b>bold</b>"
)
TOOL_NAME: Final = "harvest_calendar"
TOOL_PURPOSE: Final = "Tell the month in which an orchard fruit is picked."
TOOL_ARGUMENT: Final = "quince_orchard"
TOOL_RESULT: Final = "picked from October onwards"

_SYSTEM: Final = {"role": "system", "content": SYSTEM}
_ASKED: Final = {"role": "user", "content": ASKED}
_ANSWERED: Final = {"role": "assistant", "content": ANSWERED}
_ASKED_AGAIN: Final = {"role": "user", "content": ASKED_AGAIN}
_ANSWERED_AGAIN: Final = {"role": "assistant", "content": ANSWERED_AGAIN}

TOOL: Final = {
    "type": "function",
    "function": {
        "name": TOOL_NAME,
        "description": TOOL_PURPOSE,
        "parameters": {
            "type": "object",
            "properties": {"fruit": {"type": "string", "description": "A fruit by its name."}},
            "required": ["fruit"],
        },
    },
}


def _called(arguments: Any) -> dict[str, Any]:
    call = {
        "id": "call00001",
        "type": "function",
        "function": {"name": TOOL_NAME, "arguments": arguments},
    }
    return {"role": "assistant", "content": "", "tool_calls": [call]}


_RESULT: Final = {
    "role": "tool",
    "tool_call_id": "call00001",
    "name": TOOL_NAME,
    "content": TOOL_RESULT,
}
_THOUGHT: Final = {**_ANSWERED, "reasoning_content": THOUGHT, "thinking": THOUGHT}


def _with(*messages: Mapping[str, Any], prompt: bool = True, **more: Any) -> dict[str, Any]:
    return {"messages": list(messages), "add_generation_prompt": prompt, **more}


CONVERSATIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "plain": _with(_ASKED),
    "plain without prompt": _with(_ASKED, prompt=False),
    "answered": _with(_ASKED, _ANSWERED, prompt=False),
    "system": _with(_SYSTEM, _ASKED),
    "two turns": _with(_ASKED, _ANSWERED, _ASKED_AGAIN),
    "two turns answered": _with(_ASKED, _ANSWERED, _ASKED_AGAIN, _ANSWERED_AGAIN, prompt=False),
    "special characters": _with({"role": "user", "content": SPECIAL}),
    "list of parts": _with({"role": "user", "content": [{"type": "text", "text": ASKED}]}),
    "two users in a row": _with(_ASKED, _ASKED_AGAIN),
    "tools": _with(_ASKED, tools=[TOOL]),
    "tool result": _with(_ASKED, _called({"fruit": TOOL_ARGUMENT}), _RESULT, tools=[TOOL]),
    "tool arguments as text": _with(
        _ASKED, _called('{"fruit": "' + TOOL_ARGUMENT + '"}'), _RESULT, tools=[TOOL]
    ),
    "reasoning in the history": _with(_ASKED, _THOUGHT, _ASKED_AGAIN),
    "thinking on": _with(_ASKED, enable_thinking=True, thinking=True),
    "thinking off": _with(_ASKED, enable_thinking=False, thinking=False),
}
"""What is handed to a template, by name: messages, and the variables beside them."""


def in_parts(conversation: Mapping[str, Any]) -> dict[str, Any]:
    """Return a conversation whose texts are lists of one part each."""
    messages = [
        {**message, "content": [{"type": "text", "text": message["content"]}]}
        if isinstance(message["content"], str)
        else message
        for message in conversation["messages"]
    ]
    return {**conversation, "messages": messages}
