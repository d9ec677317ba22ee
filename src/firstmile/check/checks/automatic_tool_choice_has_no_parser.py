"""A vLLM server that lets the model choose tools has both switches that this needs.

Why: vLLM finds tool calls only with `--enable-auto-tool-choice` and `--tool-call-parser` together.
The first without the second stops at the start: "Error: --enable-auto-tool-choice requires
--tool-call-parser". The second alone starts, and every request with tools is answered with an
error 400: "auto" tool choice requires both to be set.

Fix: give both, with the parser that fits the model.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.chat_parsers import TOOL_MARKS, TOOL_PARSERS
from firstmile.check.chat_templates import chosen
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import chatml, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, warned
from firstmile.check.worlds import folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="api/call-parameter",
    stage="inference",
    entries=("server-was-started-without-a-tool-call-parser",),
    references=("https://docs.vllm.ai/en/latest/features/tool_calling.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """See that either both switches are given, or none."""
    if intent.engine != "vllm" or not (intent.tool_choice or intent.tool_parser):
        return does_not_apply("the command does not ask vLLM for tools")
    if intent.tool_choice and intent.tool_parser:
        return passed("Both switches are given.", seen(f"--tool-call-parser {intent.tool_parser}"))
    if intent.tool_choice:
        return failed(
            "With --enable-auto-tool-choice alone vLLM does not start.",
            seen("--enable-auto-tool-choice, and no --tool-call-parser"),
            remedy=f"Add --tool-call-parser {_fitting(snapshot)}.",
        )
    return warned(
        "Without --enable-auto-tool-choice, requests with tools are refused.",
        seen(f"--tool-call-parser {intent.tool_parser} alone"),
        remedy="Add --enable-auto-tool-choice.",
    )


def _fitting(snapshot: Snapshot) -> str:
    """Return the parser whose mark the template holds, or a word for it."""
    found = chosen(snapshot.model, tools=True) if snapshot.model is not None else None
    if found is not None:
        names = sorted(TOOL_PARSERS["vllm"] & TOOL_MARKS.keys(), key=lambda one: one == "hermes")
        for name in names:
            if TOOL_MARKS[name] in found.source:
                return name
    return "and the name of the parser that fits the model, such as hermes"


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = world(folder(templates=(template(chatml, source="<tool_call>"),)))

    def run(*, choice: bool | None, parser: str | None, engine: str = "vllm") -> Intent:
        return Intent(action=Action.SERVE, engine=engine, tool_choice=choice, tool_parser=parser)

    alone = run(choice=True, parser=None)
    yield Example(outcome=Outcome.FAIL, snapshot=model, intent=alone, says="does not start")
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=alone)
    yield Example(outcome=Outcome.WARN, snapshot=model, intent=run(choice=None, parser="hermes"))
    yield Example(outcome=Outcome.PASS, snapshot=model, intent=run(choice=True, parser="hermes"))
    other = run(choice=None, parser="qwen25", engine="sglang")
    yield Example(outcome=Outcome.SKIP, snapshot=model, intent=other, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=model, says="does not apply")
