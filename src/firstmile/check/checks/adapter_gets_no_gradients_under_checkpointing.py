"""Activations are recomputed in a way that lets gradients reach an adapter.

Why: reentrant checkpointing recomputes a layer only if its input wants gradients, and the frozen
embedding's output wants none. With an adapter and the Trainer of transformers up to 4.57, whose
default is reentrant, the first step ends in "element 0 of tensors does not require grad and does
not have a grad_fn", or the adapter stays as it began. TRL, LLaMA-Factory and axolotl see to it.

Fix: say --gradient_checkpointing_kwargs '{"use_reentrant": false}', or call
model.enable_input_require_grads() before get_peft_model.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import (
    hidden_settings,
    release_here,
    settings_of,
    training_in,
    truth_of,
)
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/convergence",
    cause="api/call-sequence",
    stage="fine-tuning",
    entries=(
        "adapter-learns-nothing-under-gradient-checkpointing",
        "loss-has-no-gradient-because-all-inputs-are-frozen",
    ),
    references=("https://huggingface.co/docs/peft/developer_guides/troubleshooting",),
)
_BY_HAND: Final = (
    "Call model.enable_input_require_grads() before get_peft_model in the script: this release "
    "has no gradient_checkpointing_kwargs."
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the kind of checkpointing where a script of its own trains an adapter."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if training.method not in ("lora", "qlora") and training.lora is None:
        return does_not_apply("no adapter is trained")
    if not training.gradient_checkpointing:
        return does_not_apply("no activations are recomputed")
    if intent.engine in ("trl", "llama-factory", "axolotl"):
        return passed("This program lets the embedding's output want gradients.")
    if training.method == "qlora":
        return passed("Preparing 4-bit weights for training makes the inputs want gradients.")
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    kwargs = settings_of(intent).tree("gradient_checkpointing_kwargs") or {}
    reentrant = truth_of(kwargs.get("use_reentrant"))
    if reentrant is False:
        return passed("Checkpointing is not reentrant.", seen("use_reentrant = false"))
    if any("use_reentrant" in each for each in intent.unread):
        return not_known("what the script does with its own setting use_reentrant")
    release = release_here(snapshot, "transformers")
    if release is None:
        return not_known("the installed transformers, which decides on the kind of checkpointing")
    if release >= (5,):
        return passed("This transformers lets gradients through, reentrant or not.")
    return warned(
        "Reentrant checkpointing gives an adapter no gradients unless the script sees to it.",
        seen("gradient_checkpointing = True"),
        seen("an adapter is trained"),
        seen(f"transformers {'.'.join(map(str, release))} is installed"),
        remedy=_BY_HAND
        if release < (4, 35)
        else "Say --gradient_checkpointing_kwargs '{\"use_reentrant\": false}', or call "
        "model.enable_input_require_grads().",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, version: str = "4.46.3", **said: Any) -> Example:
        here = machine(packages={"transformers": version})
        said = {"gradient_checkpointing": True, **adapter(), **said}
        return Example(outcome=outcome, snapshot=world(None, here), intent=tuning(**said))

    plain = {"gradient_checkpointing_kwargs": '{"use_reentrant": false}'}
    yield of(Outcome.WARN)
    yield of(Outcome.WARN, "4.34.1")
    yield of(Outcome.PASS, flags=plain)
    yield of(Outcome.PASS, "5.2.0")
    yield of(Outcome.PASS, engine="trl")
    yield of(Outcome.PASS, method="qlora")
    yield of(Outcome.SKIP, gradient_checkpointing=False)
    yield of(Outcome.SKIP, method="full", lora=None)
