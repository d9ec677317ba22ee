"""The command names the model that it is to run.

Why: SGLang, LMDeploy and `ollama run` stop at once without a model ("the following arguments are
required: --model-path"). Others begin with one that nobody meant: `vllm serve` loads
Qwen/Qwen3-0.6B (facebook/opt-125m before 0.9), Text Generation Inference bigscience/bloom-560m,
and a llama-server of today waits for requests that name a model, where an older one ends.

Fix: name the model, by its folder or by its id on the Hub.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent
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
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    references=(
        "https://docs.vllm.ai/en/latest/cli/serve.html",
        "https://docs.sglang.ai/advanced_features/server_arguments.html",
        "https://github.com/ggml-org/llama.cpp/tree/master/tools/server",
    ),
)
_REQUIRED: Final = {
    ("sglang", Action.SERVE): "--model-path MODEL",
    ("lmdeploy", Action.SERVE): "the model behind serve api_server",
    ("ollama", Action.GENERATE): "the model behind run",
    ("llama.cpp", Action.GENERATE): "-m FILE.gguf",
}
_DEFAULTS: Final = {
    ("vllm", Action.SERVE): ("its default, Qwen/Qwen3-0.6B", "the model behind serve"),
    ("text-generation-inference", Action.SERVE): (
        "its default, bigscience/bloom-560m",
        "--model-id MODEL",
    ),
    ("llama.cpp", Action.SERVE): ("none until a request names one", "-m FILE.gguf"),
}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look whether a model is named, by the command or beside it."""
    kind = (intent.engine or "", intent.action or Action.LOAD)
    if kind not in _REQUIRED and kind not in _DEFAULTS:
        return does_not_apply("the command need not name a model")
    if intent.model is not None or snapshot.model is not None:
        return passed("The model is named.", seen(f"model = {intent.model or 'given beside it'}"))
    if intent.unread:
        return not_known("all words of the command")
    said = seen(intent.command or "no model")
    if kind in _REQUIRED:
        return failed("The command names no model.", said, remedy=f"Say {_REQUIRED[kind]}.")
    loads, words = _DEFAULTS[kind]
    return warned(
        f"The command names no model: the server loads {loads}.", said, remedy=f"Say {words}."
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(engine: str, action: Action = Action.SERVE, model: str | None = None) -> Intent:
        return Intent(engine=engine, action=action, model=model, command=f"{engine} ...")

    def example(outcome: Outcome, intent: Intent, says: str = "") -> Example:
        return Example(outcome=outcome, snapshot=world(), intent=intent, says=says)

    yield example(Outcome.FAIL, of("sglang"), "names no model")
    yield example(Outcome.FAIL, of("ollama", Action.GENERATE))
    yield example(Outcome.WARN, of("vllm"), "Qwen3-0.6B")
    yield example(Outcome.WARN, of("llama.cpp"), "until a request")
    yield example(Outcome.PASS, of("vllm", model="Qwen/Qwen3-8B"))
    beside = world(folder(config=LLAMA))
    yield Example(outcome=Outcome.PASS, snapshot=beside, intent=of("sglang"))
    yield example(Outcome.SKIP, of("ollama"), "need not")
    yield example(Outcome.SKIP, Intent(engine="sglang", action=Action.SERVE, unread=("x",)))
