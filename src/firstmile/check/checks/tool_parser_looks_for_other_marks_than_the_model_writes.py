"""The tool parser looks for the marks that the chat template teaches the model.

Why: a parser finds a tool call by marks such as <tool_call>, [TOOL_CALLS] or <function=. The model
writes those that its template shows. With another parser, calls come back as plain text in
`content` while `tool_calls` stays empty, and no error is raised.

Fix: name the parser that reads the marks of this template.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.chat_parsers import STRICTER, TOOL_MARKS, TOOL_PARSERS
from firstmile.check.chat_templates import stated_template
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import chatml, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/not-following-instructions",
    cause="configuration/inference",
    stage="inference",
    entries=("tool-calls-come-as-plain-text",),
    references=("https://docs.vllm.ai/en/latest/features/tool_calling.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the parser's mark with those in the template's text."""
    parser = intent.tool_parser
    engine = intent.engine or ""
    if parser is None or engine not in TOOL_PARSERS:
        return does_not_apply("the command names no tool parser")
    mark = TOOL_MARKS.get(parser)
    if mark is None:
        return not_known(f"by which marks the parser {parser} finds a call")
    found = stated_template(snapshot, intent, tools=True)
    if isinstance(found, Verdict):
        return found
    there = [each for each in dict.fromkeys(TOOL_MARKS.values()) if each in found.source]
    deciding = [each for each in STRICTER if each in there] or there
    if mark in deciding:
        return passed(f"The template shows {mark}, which {parser} looks for.", seen(found.path))
    if not deciding:
        return not_known(f"how the model writes tool calls: {found.path} shows no mark known here")
    known = TOOL_PARSERS[engine]
    fitting = [name for name in TOOL_MARKS if TOOL_MARKS[name] in deciding and name in known]
    return failed(
        f"The parser {parser} looks for {mark}, and the model writes {deciding[0]}.",
        seen(f"--tool-call-parser {parser}"),
        seen(f"the template shows {', '.join(deciding)}", file=found.path),
        remedy=f"Use --tool-call-parser {fitting[0]}."
        if fitting
        else "Name a parser of the engine that reads these marks.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(source: str) -> Snapshot:
        return world(folder(templates=(template(chatml, source=source),)))

    def run(parser: str | None, engine: str = "vllm") -> Intent:
        return Intent(action=Action.SERVE, engine=engine, tool_parser=parser, tool_choice=True)

    qwen = of("<tool_call>\n{{ call | tojson }}\n</tool_call>")
    coder = of("<tool_call>\n<function={{ name }}>")
    mistral = of("[TOOL_CALLS] {{ calls | tojson }}")
    yield Example(outcome=Outcome.PASS, snapshot=qwen, intent=run("hermes"))
    yield Example(outcome=Outcome.PASS, snapshot=qwen, intent=run("qwen25", "sglang"))
    yield Example(outcome=Outcome.PASS, snapshot=coder, intent=run("qwen3_coder"))
    yield Example(outcome=Outcome.FAIL, snapshot=coder, intent=run("hermes"), says="<function=")
    yield Example(outcome=Outcome.FAIL, snapshot=qwen, intent=run("mistral"), says="<tool_call>")
    yield Example(outcome=Outcome.FAIL, snapshot=mistral, intent=run("hermes"))
    yield Example(outcome=Outcome.SKIP, snapshot=of("{{ x }}"), intent=run("hermes"))
    yield Example(outcome=Outcome.SKIP, snapshot=qwen, intent=run("llama3_json"), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=qwen, intent=run(None), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run("hermes"), says="not known")
