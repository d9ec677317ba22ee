"""A server that is given adapters is told to take them.

Why: vLLM takes adapters only where it was told so beforehand, as it lays out memory for them.
--lora-modules without --enable-lora ends in "LoRA is not enabled", and a client that names the
adapter as its model gets 404.

Fix: add --enable-lora to the command, beside the adapters.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.model_sizes import (
    denied,
    written,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    stage="inference",
    references=("https://docs.vllm.ai/en/stable/features/lora/",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the switch beside the adapters."""
    if intent.engine != "vllm":
        return does_not_apply("the engine is not vLLM")
    modules = written(intent, "lora_modules")
    if modules is None:
        return does_not_apply("the command names no adapters")
    proof = seen(f"--lora-modules {modules}")
    if written(intent, "enable_lora") is None or denied(intent, "enable_lora"):
        return failed(
            "The command names adapters, but does not enable them.",
            proof,
            seen("--enable-lora is not set"),
            remedy="Add --enable-lora.",
        )
    return passed("Adapters are enabled.", proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    modules = Argument(written="--lora-modules", name="lora_modules", value="sql=./sql")
    enabled = Argument(written="--enable-lora", name="enable_lora", value=None)
    serve = Intent(action=Action.SERVE, engine="vllm", arguments=(modules,))
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=serve, says="does not enable")
    both = replace(serve, arguments=(enabled, modules))
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=both)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=replace(serve, arguments=()))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=replace(serve, engine="sglang"))
