"""The chat template shows the model the tools that a server is started for.

Why: tools reach the model only through the template. One that does not write them leaves the model
without a word of them: the server accepts requests with tools, and no call ever comes, or one
with invented names. Templates of models that were not trained on tools, and old copies of
templates, are like that.

Fix: name a template that writes tools (vLLM and llama.cpp ship some), or use a model that was
trained on them.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.chat_templates import template_of
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import chatml, inst, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.conversations import TOOL_NAME
from firstmile.facts.model_folder.folder import Template
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/not-following-instructions",
    cause="tokenizer/control-token",
    stage="inference",
    entries=("tool-calls-come-as-plain-text",),
    references=("https://docs.vllm.ai/en/latest/features/tool_calling.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the name of a tool in what was written."""
    if not (intent.tool_choice or intent.tool_parser):
        return does_not_apply("the command does not ask for tools")
    found = template_of(snapshot, intent, tools=True)
    if isinstance(found, Verdict):
        return found
    tried = found.of("tools")
    if tried is None:
        return not_known("what the template makes of tools")
    if tried.text is not None and TOOL_NAME in tried.text:
        return passed("The chat template shows the model its tools.", seen(found.path))
    what = "refuses tools" if tried.text is None else "shows the model no tools"
    return failed(
        f"The chat template {what}.",
        seen(tried.refused or f"with a tool it writes {tried.text!r}", file=found.path),
        remedy="Name a template that writes tools with --chat-template (vLLM ships some in "
        "examples/), or use a model that was trained on tools.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*templates: Template) -> Snapshot:
        return world(folder(templates=templates))

    tools = Intent(action=Action.SERVE, engine="vllm", tool_choice=True, tool_parser="hermes")
    yield Example(outcome=Outcome.PASS, snapshot=of(template(chatml)), intent=tools)
    yield Example(outcome=Outcome.FAIL, snapshot=of(template(inst)), intent=tools, says="no tools")
    named = of(template(inst), template(chatml, name="tool_use"))
    yield Example(outcome=Outcome.PASS, snapshot=named, intent=tools)
    yield Example(outcome=Outcome.SKIP, snapshot=of(template(inst)), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=tools, says="not known")
