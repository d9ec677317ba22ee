"""Tool calls and their results stand in what the chat template writes.

Why: after a tool has run, the client sends the model's call and the tool's result back. A template
that passes over either, or refuses the role "tool", ends an agent at its second step: an error
400, or a model that calls the same tool again and again. OpenAI's clients send arguments as text,
which some templates refuse though they take a table.

Fix: name a template that writes them, or put calls and results into ordinary messages.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from firstmile.check.chat_templates import template_of
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import RefusedError, chatml, inst, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.conversations import TOOL_ARGUMENT, TOOL_RESULT
from firstmile.facts.model_folder.folder import Template
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/repetitive",
    cause="tokenizer/control-token",
    stage="inference",
    entries=("chat-template-refuses-the-order-or-role-of-messages",),
    references=("https://huggingface.co/docs/transformers/main/en/chat_extras",),
)
_MADE_INTO_TABLES: Final = ("vllm", "sglang")
"""Engines that turn arguments given as text into a table before they render."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look for the call's argument and the tool's result in what was written."""
    if not (intent.tool_choice or intent.tool_parser):
        return does_not_apply("the command does not ask for tools")
    found = template_of(snapshot, intent, tools=True)
    if isinstance(found, Verdict):
        return found
    tried, texts = found.of("tool result"), found.of("tool arguments as text")
    if tried is not None and tried.text is None and intent.engine not in _MADE_INTO_TABLES:
        tried = texts if texts is not None and texts.text is not None else tried
    if tried is None:
        return not_known("what the template makes of a tool's result")
    remedy = "Name a template that writes tool calls and results with --chat-template."
    if tried.text is None:
        return failed(
            "The chat template refuses tool calls and their results.",
            seen(tried.refused or "it gave no reason", file=found.path),
            remedy=remedy,
        )
    lost = [
        what
        for what, text in (("the tool's result", TOOL_RESULT), ("the tool call", TOOL_ARGUMENT))
        if text not in tried.text
    ]
    if lost:
        return failed(
            f"The chat template loses {' and '.join(lost)}.",
            seen(f"it writes {tried.text[-160:]!r}", file=found.path),
            remedy=remedy,
        )
    if texts is not None and texts.text is None and intent.engine not in _MADE_INTO_TABLES:
        return warned(
            "The chat template refuses arguments that are given as text.",
            seen(texts.refused or "it gave no reason", file=found.path),
            remedy="Send the arguments of earlier calls as a table (json.loads), not as text.",
        )
    return passed("Tool calls and results stand in what the chat template writes.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(one: Template) -> Snapshot:
        return world(folder(templates=(one,)))

    def without_results(conversation: Mapping[str, Any]) -> str:
        return chatml(conversation, without=("tool",))

    def without_calls(conversation: Mapping[str, Any]) -> str:
        return chatml(conversation, tools=False)

    tools = Intent(action=Action.SERVE, engine="vllm", tool_choice=True, tool_parser="hermes")
    yield Example(outcome=Outcome.PASS, snapshot=of(template(chatml)), intent=tools)
    no_results = of(template(without_results))
    yield Example(outcome=Outcome.FAIL, snapshot=no_results, intent=tools, says="the tool's result")
    no_calls = of(template(without_calls))
    yield Example(outcome=Outcome.FAIL, snapshot=no_calls, intent=tools, says="the tool call")
    yield Example(outcome=Outcome.FAIL, snapshot=of(template(inst)), intent=tools, says="refuses")

    def of_texts(conversation: Mapping[str, Any]) -> str:
        calls = [call for one in conversation["messages"] for call in one.get("tool_calls", ())]
        if any(not isinstance(call["function"]["arguments"], str) for call in calls):
            raise RefusedError("can only concatenate str (not dict) to str")
        return chatml(conversation)

    deepseek = of(template(of_texts))
    yield Example(outcome=Outcome.FAIL, snapshot=deepseek, intent=tools, says="refuses")
    local = Intent(action=Action.SERVE, engine="llama.cpp", tool_choice=True)
    yield Example(outcome=Outcome.PASS, snapshot=deepseek, intent=local)
    yield Example(outcome=Outcome.SKIP, snapshot=of(template(inst)), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=tools, says="not known")
