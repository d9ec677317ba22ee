"""Settings of an adapter on TRL's command line come with --use_peft, which alone heeds them.

Why: TRL makes an adapter only where --use_peft says so. --lora_r 16 by itself is taken without a
word, and all weights are trained: several times the memory, and a whole model is saved where an
adapter was meant.

Fix: add --use_peft, or leave the settings of the adapter out where all weights are to be trained.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent, Lora
from firstmile.check.scripts.filled import MODEL_CONFIG
from firstmile.check.training_sizes import hidden_settings, settings_of, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, seen, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/trl/peft_integration",),
)
_SETTINGS: Final = (
    "lora_r",
    "lora_alpha",
    "lora_dropout",
    "lora_target_modules",
    "lora_target_parameters",
    "lora_modules_to_save",
    "use_rslora",
    "use_dora",
)
"""What `get_peft_config` of TRL gives on, where use_peft is true (trainer/utils.py)."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for settings of an adapter, and for the switch."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    by_flags = intent.program == "trl" or MODEL_CONFIG in {one.name for one in intent.arguments}
    if intent.engine != "trl" or not by_flags:
        return does_not_apply("TRL does not make the adapter from flags here")
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    get = settings_of(intent)
    said = [name for name in _SETTINGS if get.has(name) and get.values[name] != "false"]
    if not said:
        return does_not_apply("no settings of an adapter are given")
    use = get.truth("use_peft")
    if use is False:
        return does_not_apply("use_peft is switched off in so many words")
    proof = tuple(seen(f"{name} = {get.values[name]}") for name in said[:3])
    if use:
        return passed("An adapter is trained, by its settings.", *proof)
    return warned(
        f"Without --use_peft, {said[0]} has no effect: all weights are trained.",
        *proof,
        remedy="Add --use_peft.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, command: str, **flags: str) -> Example:
        intent = tuning(engine="trl", command=command, lora=Lora(rank=16), flags=flags)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.WARN, "trl sft --lora_r 16", lora_r="16")
    yield of(Outcome.WARN, "trl dpo --use_dora", use_dora="true")
    yield of(Outcome.PASS, "trl sft", lora_r="16", use_peft="true")
    yield of(Outcome.SKIP, "trl sft", lora_r="16", use_peft="false")
    yield of(Outcome.SKIP, "trl sft", learning_rate="1e-5")
    yield of(Outcome.SKIP, "trl sft", use_dora="false")
    yield of(Outcome.SKIP, "python train.py", lora_r="16")
    yield of(Outcome.WARN, "python train.py", lora_r="16", ModelConfig="x")
