"""The reasoning parser looks for marks of thinking that the model has.

Why: a parser such as deepseek_r1 or qwen3 parts thinking from the answer at </think>. vLLM looks
the token up in the vocabulary, and a model without it is refused: "could not locate think
start/end tokens in the tokenizer!". Where the marks are others ([THINK], <|channel|>), the whole
answer is taken for thinking, and `content` stays empty.

Fix: leave the parser out for a model that does not think, or name the one that fits it.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.chat_parsers import NEEDS_TOKEN, THINKING_MARKS, THINKING_PARSERS
from firstmile.check.chat_templates import chosen
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import chatml, template, tokenizer
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
from firstmile.facts.model_folder.special_tokens import id_of
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/reasoning-mode",
    cause="configuration/inference",
    stage="inference",
    entries=("thinking-part-is-not-split-from-the-answer",),
    references=("https://docs.vllm.ai/en/latest/features/reasoning_outputs.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the parser's mark in vocabulary and template."""
    parser = intent.reasoning_parser
    engine = intent.engine or ""
    if parser is None or engine not in THINKING_PARSERS:
        return does_not_apply("the command names no reasoning parser")
    mark = THINKING_MARKS.get(parser)
    if mark is None:
        return not_known(f"by which marks the parser {parser} finds thinking")
    model = snapshot.model
    if model is None or model.tokenizer is None or model.tokenizer.size is None:
        return not_known("the tokens of the model")
    if intent.tokenizer is not None:
        return does_not_apply("the command names a tokenizer of its own")
    if model.tokenizer.kind != "tokenizer.json":
        return not_known("which tokens the tokenizer adds beside its file")
    found = chosen(model)
    source = found.source if found is not None else ""
    id_ = id_of(model, mark)
    asked = seen(f"--reasoning-parser {parser}")
    if id_ is not None:
        return passed(f"The vocabulary has {mark} ({id_}), which {parser} looks for.", asked)
    if mark in source:
        message = f"The template writes {mark}, for which the vocabulary has no token."
        if intent.engine != "vllm" or parser not in NEEDS_TOKEN:
            return passed(message, asked)
        return failed(
            message,
            asked,
            seen(f"no token {mark}", file=model.tokenizer.path),
            remedy="Leave --reasoning-parser out, or name one that reads texts, not tokens.",
        )
    others = [
        name
        for name, other in THINKING_MARKS.items()
        if name in THINKING_PARSERS[engine] and (id_of(model, other) is not None or other in source)
    ]
    stops = intent.engine == "vllm" and parser in NEEDS_TOKEN
    say = failed if stops else warned
    return say(
        f"The parser {parser} looks for {mark}, which neither vocabulary nor template has.",
        asked,
        seen(f"no token {mark}", file=model.tokenizer.path),
        remedy=f"Use --reasoning-parser {others[0]}."
        if others
        else "Leave --reasoning-parser out: this model does not think.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(source: str, **ids: Any) -> Snapshot:
        one = template(chatml, source=source)
        return world(folder(templates=(one,), tokenizer=tokenizer(**ids)))

    def run(parser: str | None, engine: str = "vllm") -> Intent:
        return Intent(action=Action.SERVE, engine=engine, reasoning_parser=parser)

    thinking = of("</think>", named={"</think>": 151668})
    plain = of("{{ messages }}")
    yield Example(outcome=Outcome.PASS, snapshot=thinking, intent=run("qwen3"))
    yield Example(outcome=Outcome.FAIL, snapshot=plain, intent=run("qwen3"), says="neither")
    yield Example(outcome=Outcome.WARN, snapshot=plain, intent=run("qwen3", "sglang"))
    yield Example(outcome=Outcome.FAIL, snapshot=of("</think>"), intent=run("qwen3"), says="no tok")
    channels = of("<|channel|>")
    yield Example(outcome=Outcome.FAIL, snapshot=channels, intent=run("deepseek_r1"))
    yield Example(outcome=Outcome.SKIP, snapshot=plain, intent=run("granite"), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=plain, intent=run(None), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run("qwen3"), says="not known")
