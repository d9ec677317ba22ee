"""The DeepSpeed file says the same as the training arguments, or "auto".

Why: the Trainer of transformers compares batch sizes, rate, weight decay, clipping and precision
of the DeepSpeed file with its own arguments and stops with "Please correct the following
DeepSpeed config values that mismatch TrainingArguments values". An argument that is not said
counts with its default (8 samples, 1 step of accumulation, clipping at 1.0).

Fix: write "auto" in the file for each value that the command says; then the command holds.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.intent import Intent, Training
from firstmile.check.training_sizes import TRAINERS, settings_of, training_in
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
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("deepspeed-file-contradicts-the-training-arguments",),
    references=("https://huggingface.co/docs/transformers/deepspeed",),
)
_PAIRS: Final = (
    ("train_micro_batch_size_per_gpu", "per_device_batch_size", "per_device_train_batch_size", 8),
    ("gradient_accumulation_steps", "gradient_accumulation_steps", None, 1),
    ("gradient_clipping", "max_grad_norm", None, 1.0),
    ("optimizer.params.lr", "learning_rate", None, 5e-5),
    ("optimizer.params.weight_decay", "weight_decay", None, 0.0),
    ("scheduler.params.warmup_max_lr", "learning_rate", None, 5e-5),
    ("scheduler.params.warmup_num_steps", "warmup_steps", None, None),
    ("fp16.enabled", "fp16", None, False),
    ("bf16.enabled", "bf16", None, False),
)
"""Places in the file, fields of the intent, their flags, defaults (integrations/deepspeed.py)."""

_OWN: Final = ("learning_rate", "fp16", "bf16")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare each value that stands in both."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if training.deepspeed is None:
        return does_not_apply("DeepSpeed is not used")
    get = settings_of(intent)
    own = get.has("deepspeed_config") and not get.has("deepspeed_config_file")
    if intent.engine not in TRAINERS or own:
        return does_not_apply("no Trainer of transformers reads this file")
    clear, likely = _differences(
        training, own=intent.engine not in ("transformers", "llama-factory")
    )
    if clear:
        name, value, flag, said = clear[0]
        return failed(
            f"The DeepSpeed file says {name} {value}, the command {flag} {said}.",
            *(
                one
                for name, value, flag, said in clear
                for one in (stated("DeepSpeed file", name, value), seen(f"{flag} = {said}"))
            ),
            remedy="Write "
            + ", ".join(f'"{each[0].rpartition(".")[2]}": "auto"' for each in clear)
            + " in the DeepSpeed file"
            + ("." if len(clear) > 1 else f", or say --{flag} {value}."),
        )
    if likely:
        name, value, flag, said = likely[0]
        return warned(
            f"The DeepSpeed file says {name} {value}; {flag} is {said} where nothing is said, "
            "and both must agree.",
            stated("DeepSpeed file", name, value),
            remedy=f'Write "auto" in the file, or say --{flag} {value}.',
        )
    return passed("The DeepSpeed file contradicts nothing that the command says.")


Difference = tuple[str, Any, str, Any]


def _differences(training: Training, *, own: bool) -> tuple[list[Difference], list[Difference]]:
    """Return what differs from what was said, and from defaults alone.

    A program with `own` defaults takes others for rate and precision than TrainingArguments do.
    """
    clear: list[Difference] = []
    likely: list[Difference] = []
    for place, field, flag, default in _PAIRS:
        value = _at(training.deepspeed or {}, place)
        if value is None or value == "auto":
            continue
        said = getattr(training, field)
        if said is not None:
            if value != said:
                clear.append((place, value, flag or field, said))
        elif default is not None and value != default and not (own and field in _OWN):
            likely.append((place, value, flag or field, default))
    return clear, likely


def _at(tree: Mapping[str, Any], place: str) -> Any:
    inner: Any = tree
    for step in place.split("."):
        inner = inner.get(step) if isinstance(inner, Mapping) else None
    return inner


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, tree: Any, says: str = "", **said: Any) -> Example:
        intent = tuning(deepspeed=tree, **said)
        return Example(outcome=outcome, snapshot=world(), intent=intent, says=says)

    micro = {"train_micro_batch_size_per_gpu": 4}
    yield of(Outcome.PASS, micro, per_device_batch_size=4)
    yield of(Outcome.FAIL, micro, "per_device_train_batch_size 2", per_device_batch_size=2)
    yield of(Outcome.WARN, micro, "where nothing is said")
    yield of(Outcome.WARN, {"bf16": {"enabled": True}})
    yield of(Outcome.PASS, {"bf16": {"enabled": True}}, engine="trl")
    rate = {"optimizer": {"type": "AdamW", "params": {"lr": 1e-4, "weight_decay": "auto"}}}
    yield of(Outcome.FAIL, rate, "optimizer.params.lr", learning_rate=2e-5)
    yield of(Outcome.PASS, rate, learning_rate=1e-4)
    yield of(Outcome.FAIL, {"fp16": {"enabled": True}}, "fp16.enabled True", fp16=False, bf16=True)
    yield of(Outcome.PASS, {"fp16": {"enabled": "auto"}, "bf16": {"enabled": "auto"}}, bf16=True)
    yield of(Outcome.SKIP, micro, engine="deepspeed", per_device_batch_size=2)
    own = {"deepspeed": "", "deepspeed_config": "d.json"}
    yield of(Outcome.SKIP, micro, per_device_batch_size=2, flags=own)
    yield of(Outcome.SKIP, None)
