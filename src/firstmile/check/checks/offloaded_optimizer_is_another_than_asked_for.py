"""The optimizer that is offloaded to main memory is one that DeepSpeed has for the processor.

Why: with offload_optimizer the step runs on the processor, in DeepSpeed's own Adam, Adagrad or
Lion. accelerate puts its Adam in the place of anything else, so an 8-bit, paged or Adafactor
optimizer that was asked for is silently another one; outside of the Trainer DeepSpeed stops with
"You are using ZeRO-Offload with a client provided optimizer".

Fix: use --optim adamw_torch with offload_optimizer, or leave the offload out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import TRAINERS, training_in, zero_of
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/convergence",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=(
        "https://huggingface.co/docs/transformers/deepspeed",
        "https://www.deepspeed.ai/docs/config-json/",
    ),
)
_OWN: Final = ("adamw_torch", "adamw_torch_fused", "adamw_hf", "adagrad", "lion_32bit")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the optimizer of the command with what is offloaded."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    tree = training.deepspeed or {}
    part = zero_of(training).get("offload_optimizer")
    device = part.get("device") if isinstance(part, Mapping) else None
    if device not in ("cpu", "nvme"):
        return does_not_apply("no optimizer is offloaded")
    if tree.get("optimizer") is not None:
        return does_not_apply("DeepSpeed makes the optimizer, by its own file")
    name = training.optimizer
    proof = (
        stated("DeepSpeed file", "zero_optimization.offload_optimizer.device", device),
        seen(f"optim = {name}"),
    )
    if tree.get("zero_force_ds_cpu_optimizer") is False:
        if name is not None and ("bnb" in name or "8bit" in name or name.startswith("paged")):
            return failed(
                f"The optimizer {name} runs on the GPU alone, and its states are offloaded.",
                *proof,
                remedy="Say --optim adamw_torch.",
            )
        return does_not_apply("the file lets the optimizer be any")
    if name is None or name in _OWN:
        return passed("DeepSpeed has this optimizer for the processor.", proof[0])
    tell = warned if intent.engine in TRAINERS else failed
    return tell(
        f"With the optimizer offloaded, DeepSpeed's Adam takes the place of {name}.",
        *proof,
        remedy="Say --optim adamw_torch, or leave offload_optimizer out.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, name: str | None, device: str = "cpu", **more: Any) -> Example:
        engine = more.pop("engine", "transformers")
        tree = {"zero_optimization": {"offload_optimizer": {"device": device}}, **more}
        intent = tuning(optimizer=name, deepspeed=tree, engine=engine)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.WARN, "paged_adamw_8bit")
    yield of(Outcome.WARN, "adafactor")
    yield of(Outcome.FAIL, "adafactor", engine="deepspeed")
    yield of(Outcome.FAIL, "adamw_bnb_8bit", zero_force_ds_cpu_optimizer=False)
    yield of(Outcome.PASS, "adamw_torch")
    yield of(Outcome.PASS, None)
    yield of(Outcome.SKIP, "adafactor", "none")
    yield of(Outcome.SKIP, "adafactor", optimizer={"type": "AdamW"})
