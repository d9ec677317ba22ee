"""A server is started with one model.

Why: vLLM and SGLang serve one model a process. A second name behind the first ends the command at
once: "error: unrecognized arguments: owner/name". Often it is an adapter or a tokenizer that
was meant for an option, or a folder whose option was lost.

Fix: start a server for each model, with ports and GPUs of their own; give an adapter by
--lora-modules, a tokenizer by --tokenizer, a draft model by --speculative-config.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Argument, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, shortened
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    references=("https://docs.vllm.ai/en/latest/cli/serve.html",),
)
_ENGINES: Final = ("vllm", "sglang")
_MODEL: Final = re.compile(r"[\w.~-]{0,96}/[\w./-]{1,300}")
"""A repository or a path: other words may be what a shell makes something of."""
_OF_ITS_OWN: Final = ("model", "model_path")
"""The option: what becomes of a name beside it differs between releases."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a further name among the words that nothing was made of."""
    if intent.engine not in _ENGINES:
        return does_not_apply("the command starts neither vLLM nor SGLang")
    if intent.model is None:
        return does_not_apply("the command names no model")
    if any(one.name in _OF_ITS_OWN for one in intent.arguments):
        return does_not_apply("the model is named by an option")
    more = [each for each in intent.unread if _MODEL.fullmatch(each)]
    if not more:
        return passed("The command names one model.", seen(intent.model))
    return failed(
        f"Behind the model the command names another, {shortened(more[0])}.",
        seen(f"{intent.model} {more[0]}"),
        remedy=f"Take {text_word(more[0])} out, or write the option that it belongs to before it.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *unread: str, engine: str = "vllm", **parts: str) -> Example:
        said = tuple(Argument(written=f"--{k}", name=k, value=v) for k, v in parts.items())
        intent = Intent(engine=engine, model="o/first", unread=unread, arguments=said)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.FAIL, "owner/second")
    yield of(Outcome.FAIL, "./second", engine="sglang")
    yield of(Outcome.PASS)
    yield of(Outcome.PASS, "--brand-new 5", "true")
    yield of(Outcome.SKIP, "owner/second", model="o/first")
    yield of(Outcome.SKIP, "owner/second", engine="ollama")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="does not apply")
