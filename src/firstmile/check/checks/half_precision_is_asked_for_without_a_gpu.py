"""Mixed precision is asked of a machine that has an accelerator for it.

Why: without a GPU, transformers 5 stops with "Your setup doesn't support bf16/gpu. You need to
assign use_cpu if you want to train the model on CPU"; older releases go on in bf16 on the
processor, and fp16 becomes float32 without a word. TRL takes bf16 where nothing is said.

Fix: say --use_cpu True (--bf16 False for float32) to train on the processor on purpose, else see
why no GPU is found.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import (
    hidden_settings,
    release_here,
    settings_of,
    training_in,
)
from firstmile.check.training_worlds import tuning
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
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/transformers/main_classes/trainer",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for an accelerator where half precision is asked for."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    default = intent.engine == "trl" and training.bf16 is None and not training.fp16
    half = "bf16" if training.bf16 or default else "fp16" if training.fp16 else None
    if half is None:
        return does_not_apply("no mixed precision is asked for")
    environment = snapshot.environment
    if environment is None:
        return not_known("the machine")
    if environment.gpus:
        return passed("There is an accelerator.", seen(environment.gpus[0].name))
    if any(each.what.startswith("gpus") for each in environment.not_known):
        return not_known("the machine's accelerators")
    if environment.system is not None and environment.system.name == "Darwin":
        return not_known("the GPU of this Mac")
    get = settings_of(intent)
    if get.truth("use_cpu", "no_cuda") or intent.device_map == "cpu":
        return does_not_apply("the processor is asked for on purpose")
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    proof = (seen("no accelerator was found"), seen(f"{half} is asked for"))
    release = release_here(snapshot, "transformers")
    if half == "bf16" and release is not None and release >= (5,):
        return failed(
            "Training in bf16 is asked for, but the machine has no accelerator.",
            *proof,
            remedy="Say --use_cpu True, or find out why no GPU is seen.",
        )
    return warned(
        f"Training in {half} is asked for, but there is no accelerator: the processor would train.",
        *proof,
        remedy=f"Say --{half} False --use_cpu True if that is meant.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    plain = machine(packages={"transformers": "5.2.0"})
    older = machine(packages={"transformers": "4.46.3"})
    card = machine(gpus=[gpu()], packages={"transformers": "5.2.0"})
    mac = machine(system="Darwin", packages={"transformers": "5.2.0"})

    def of(outcome: Outcome, here: Any, **said: Any) -> Example:
        return Example(outcome=outcome, snapshot=world(None, here), intent=tuning(**said))

    yield of(Outcome.FAIL, plain, bf16=True)
    yield of(Outcome.FAIL, plain, engine="trl")
    yield of(Outcome.WARN, older, bf16=True)
    yield of(Outcome.WARN, plain, fp16=True)
    yield of(Outcome.PASS, card, bf16=True)
    yield of(Outcome.SKIP, plain, bf16=True, flags={"use_cpu": "True"})
    yield of(Outcome.SKIP, mac, bf16=True)
    yield of(Outcome.SKIP, plain)
