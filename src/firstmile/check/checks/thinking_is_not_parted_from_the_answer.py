"""A server of a model that thinks parts the thinking from the answer.

Why: where the chat template opens <think> at the end of a prompt, the model's text begins with
thinking and has a lone </think> in it. Without a reasoning parser the server returns all of that
as the answer: programs that parse it fail, and the next turn feeds the thinking back.

Fix: name the reasoning parser of the model when the server is started.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.chat_parsers import THINKING_PARSERS
from firstmile.check.chat_templates import template_of, text_of
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import chatml, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, seen, warned
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.conversations import ASKED
from firstmile.facts.model_folder.folder import Template
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/reasoning-mode",
    cause="configuration/inference",
    stage="inference",
    entries=("thinking-part-is-not-split-from-the-answer",),
    references=("https://docs.vllm.ai/en/latest/features/reasoning_outputs.html",),
)
_OPENS: Final = ("<think>", "[THINK]")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """See whether a prompt opens thinking, and whether somebody parts it."""
    if not intent.serves or intent.engine not in THINKING_PARSERS:
        return does_not_apply("the command starts neither vLLM nor SGLang")
    if intent.reasoning_parser is not None:
        return does_not_apply("the command names a reasoning parser")
    found = template_of(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    prompt = text_of(found, "plain")
    if prompt is None:
        return does_not_apply("the template does not take a plain question")
    end = prompt.rpartition(ASKED)[2].rstrip()
    opened = next((one for one in _OPENS if end.endswith(one)), None)
    if opened is None:
        return passed("No prompt opens the model's thinking.", seen(repr(end[-60:])))
    name = "qwen3" if "enable_thinking" in found.source else "deepseek_r1"
    if intent.engine == "sglang":
        name = name.replace("deepseek_r1", "deepseek-r1")
    return warned(
        f"Each prompt ends with {opened}, and thinking will stand in the answers.",
        seen(f"a prompt ends with {end[-60:]!r}", file=found.path),
        remedy=f"Add the model's reasoning parser, most likely --reasoning-parser {name}.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(one: Template) -> Snapshot:
        return world(folder(templates=(one,)))

    def run(parser: str | None = None, engine: str = "vllm") -> Intent:
        return Intent(action=Action.SERVE, engine=engine, reasoning_parser=parser)

    thinking = of(template(lambda each: chatml(each, thinks="<think>\n")))
    closed = of(template(lambda each: chatml(each, thinks="<think>\n\n</think>\n\n")))
    yield Example(outcome=Outcome.WARN, snapshot=thinking, intent=run(), says="<think>")
    yield Example(outcome=Outcome.WARN, snapshot=thinking, intent=run(engine="sglang"))
    yield Example(outcome=Outcome.PASS, snapshot=of(template(chatml)), intent=run())
    yield Example(outcome=Outcome.PASS, snapshot=closed, intent=run())
    yield Example(outcome=Outcome.SKIP, snapshot=thinking, intent=run("deepseek_r1"))
    yield Example(outcome=Outcome.SKIP, snapshot=thinking, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run(), says="not known")
