"""A training asks for one kind of mixed precision: bf16 or fp16.

Why: the two exclude each other. TrainingArguments stop with "At most one of fp16 and bf16 can be
True, but not both", DeepSpeed with "bfloat16 and fp16 modes cannot be simultaneously enabled".
Where a launcher's file asks for one and the script for the other, the script's holds in silence.

Fix: keep bf16 on GPUs from Ampere on (compute capability 8.0), fp16 on older ones.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import settings_of, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, stated, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/transformers/main_classes/trainer",),
)
_REMEDY: Final = (
    "Keep --bf16 on GPUs of compute capability 8.0 and newer, else --fp16; drop the other."
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for both, in the arguments and in the DeepSpeed file."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    parts = [(training.deepspeed or {}).get(name) for name in ("fp16", "bf16")]
    on = [isinstance(part, Mapping) and part.get("enabled") is True for part in parts]
    if all(on):
        return failed(
            "The DeepSpeed file switches both fp16 and bf16 on.",
            stated("DeepSpeed file", "fp16.enabled", True),
            stated("DeepSpeed file", "bf16.enabled", True),
            remedy='Set "enabled": "auto" for both, and say --bf16 or --fp16.',
        )
    if training.fp16 is None and training.bf16 is None:
        return does_not_apply("no mixed precision is asked for")
    if not (training.fp16 and training.bf16):
        kept = "bf16" if training.bf16 else "fp16" if training.fp16 else "neither"
        return passed(f"Of fp16 and bf16 the command asks for {kept}.")
    get = settings_of(intent)
    launched = get.has("mixed_precision") or get.has("config_file")
    if launched and not (get.has("fp16") and get.has("bf16")):
        return warned(
            "The launcher asks for one of fp16 and bf16, the script for the other, which holds.",
            seen("fp16 = True"),
            seen("bf16 = True"),
            remedy="Set mixed_precision of accelerate to what the script asks for.",
        )
    return failed(
        "The command asks for fp16 and for bf16.",
        seen("fp16 = True"),
        seen("bf16 = True"),
        remedy=_REMEDY,
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, says: str = "", **said: Any) -> Example:
        return Example(outcome=outcome, snapshot=world(), intent=tuning(**said), says=says)

    yield of(Outcome.FAIL, fp16=True, bf16=True)
    yield of(Outcome.PASS, "asks for bf16", fp16=False, bf16=True)
    yield of(Outcome.PASS, "asks for fp16", fp16=True)
    yield of(Outcome.WARN, "which holds", fp16=True, bf16=True, flags={"config_file": "a.yaml"})
    flags = {"config_file": "a.yaml", "fp16": "True", "bf16": "True"}
    yield of(Outcome.FAIL, fp16=True, bf16=True, flags=flags)
    both = {"fp16": {"enabled": True}, "bf16": {"enabled": True}}
    yield of(Outcome.FAIL, "DeepSpeed", deepspeed=both)
    auto = {"fp16": {"enabled": "auto"}, "bf16": {"enabled": "auto"}}
    yield of(Outcome.PASS, deepspeed=auto, bf16=True)
    yield of(Outcome.SKIP)
