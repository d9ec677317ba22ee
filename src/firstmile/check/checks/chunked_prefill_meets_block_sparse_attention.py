"""vLLM does not cut the prompts of a model whose attention cannot go on from a part.

Why: the block-sparse attention of Phi-3-small takes a prompt in one piece. Chunked prefill, which
vLLM after 0.5.2 switches on by itself for contexts beyond 32,768, ends the server at a request:
"Does not support prefix-enabled attention".

Fix: start the server with --enable-chunked-prefill=False, and without --enable-prefix-caching.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.installed import installed, package_of
from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.model_sizes import config_of, unknown_config
from firstmile.check.releases import older
from firstmile.check.training_sizes import settings_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/other",
    cause="algorithm/attention",
    stage="inference",
    references=(
        "https://github.com/vllm-project/vllm/blob/v0.5.4/vllm/attention/backends/blocksparse_attn.py",
        "https://github.com/vllm-project/vllm/blob/v0.5.4/vllm/engine/arg_utils.py",
    ),
)
_KINDS: Final = ("phi3small",)
_BY_ITSELF: Final = "0.5.3"
"""The release from which chunked prefill is on without being asked for, in long contexts."""
_LONG: Final = 32768
_FLAG: Final = "enable_chunked_prefill"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look whether prompts are cut, by the command or by the release."""
    if intent.engine != "vllm":
        return does_not_apply("the engine is not vLLM")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    kind = config.get("model_type")
    if kind not in _KINDS:
        return does_not_apply("the model's attention takes prompts in parts")
    proof = [stated("config.json", "model_type", kind)]
    asked = settings_of(intent).truth(_FLAG)
    if asked is False:
        return passed("Prompts are not cut.", *proof, seen("chunked prefill is switched off"))
    if asked is None:
        longest = intent.context or config.get("max_position_embeddings")
        if not isinstance(longest, int):
            return not_known("the length of the context")
        if longest <= _LONG:
            return passed("Prompts are not cut unless that is asked for.", *proof)
        library = package_of(snapshot, "vllm")
        if library is None:
            return not_known("the installed vLLM")
        proof += [installed(library), seen(f"context = {longest:,}")]
        if older(library.version, _BY_ITSELF):
            return passed("This vLLM does not cut prompts by itself.", *proof)
    else:
        proof.append(seen("chunked prefill is asked for"))
    return failed(
        "Prompts are cut, which the block-sparse attention of this model does not take.",
        *proof,
        remedy="Say --enable-chunked-prefill=False.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome,
        value: str | None,
        *,
        positions: int = 8192,
        version: str = "0.5.4",
        kind: str = "phi3small",
    ) -> Example:
        made: dict[str, Any] = {
            **LLAMA,
            "model_type": kind,
            "max_position_embeddings": positions,
        }
        flag = Argument(written="--enable-chunked-prefill", name=_FLAG, value=value)
        intent = Intent(
            engine="vllm", action=Action.SERVE, arguments=(flag,) if value is not None else ()
        )
        here = computer(package("vllm", version), package("torch", "2.3.1"))
        return Example(outcome=outcome, snapshot=world(folder(config=made), here), intent=intent)

    yield of(Outcome.FAIL, "true")
    yield of(Outcome.FAIL, None, positions=131072)
    yield of(Outcome.PASS, None, positions=131072, version="0.5.2")
    yield of(Outcome.PASS, "false", positions=131072)
    yield of(Outcome.PASS, None)
    yield of(Outcome.SKIP, "true", kind="phi3")
    yield Example(
        outcome=Outcome.SKIP, snapshot=world(), intent=Intent(engine="vllm"), says="not known"
    )
