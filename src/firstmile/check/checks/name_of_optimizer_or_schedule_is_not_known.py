"""Optimizer and schedule have names that the Trainer of transformers knows.

Why: TrainingArguments take both from fixed lists and stop at any other word: "adam is not a valid
OptimizerNames, please select one of ...". Names have also been dropped: adamw_hf and
adamw_apex_fused are gone in transformers 5.

Fix: use adamw_torch or adamw_torch_fused, and linear, cosine or constant_with_warmup.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import release_here, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import machine, world
from firstmile.errors import nearest
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/transformers/main_classes/trainer",),
)
_OPTIMIZER_NAMES: Final = (
    "adamw_torch adamw_torch_fused adamw_torch_xla adamw_torch_npu_fused adafactor"
    " adamw_anyprecision adamw_torch_4bit adamw_torch_8bit ademamix sgd adagrad"
    " adamw_bnb_8bit adamw_8bit ademamix_8bit lion_8bit lion_32bit paged_adamw_32bit"
    " paged_adamw_8bit paged_ademamix_32bit paged_ademamix_8bit paged_lion_32bit"
    " paged_lion_8bit rmsprop rmsprop_bnb rmsprop_bnb_8bit rmsprop_bnb_32bit galore_adamw"
    " galore_adamw_8bit galore_adafactor galore_adamw_layerwise galore_adamw_8bit_layerwise"
    " galore_adafactor_layerwise lomo adalomo grokadamw schedule_free_radam"
    " schedule_free_adamw schedule_free_sgd apollo_adamw apollo_adamw_layerwise stable_adamw"
)
_OPTIMIZERS: Final = frozenset(_OPTIMIZER_NAMES.split())
_DROPPED: Final = frozenset(("adamw_hf", "adamw_apex_fused"))
_SCHEDULE_NAMES: Final = (
    "linear cosine cosine_with_restarts polynomial constant constant_with_warmup inverse_sqrt"
    " reduce_lr_on_plateau cosine_with_min_lr cosine_warmup_with_min_lr warmup_stable_decay"
    " greedy"
)
_SCHEDULES: Final = frozenset(_SCHEDULE_NAMES.split())


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look both names up."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine not in ("transformers", "trl", "llama-factory"):
        return does_not_apply("another program has its own names")
    optimizer, schedule = training.optimizer, training.scheduler
    if optimizer is None and schedule is None:
        return does_not_apply("neither is named")
    for flag, name, known in (
        ("optim", optimizer, _OPTIMIZERS | _DROPPED),
        ("lr_scheduler_type", schedule, _SCHEDULES),
    ):
        if name is not None and name not in known:
            usual = "adamw_torch" if flag == "optim" else "cosine"
            better = nearest(name, known) or usual
            return failed(
                f"The Trainer knows no {name}.",
                seen(f"{flag} = {name}"),
                remedy=f"Say --{flag} {better}.",
            )
    if optimizer in _DROPPED:
        release = release_here(snapshot, "transformers")
        if release is None:
            return not_known(f"whether the installed transformers still has {optimizer}")
        if release >= (5,):
            return failed(
                f"The installed transformers has no {optimizer} any more.",
                seen(f"optim = {optimizer}"),
                seen(f"transformers {'.'.join(map(str, release))} is installed"),
                remedy="Say --optim adamw_torch_fused.",
            )
    named = ", ".join(each for each in (optimizer, schedule) if each)
    return passed(f"The Trainer knows {named}.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, version: str = "5.2.0", says: str = "", **said: Any) -> Example:
        here = machine(packages={"transformers": version})
        return Example(
            outcome=outcome, snapshot=world(None, here), intent=tuning(**said), says=says
        )

    yield of(Outcome.FAIL, scheduler="cosin", says="no cosin")
    yield of(Outcome.FAIL, optimizer="adam")
    yield of(Outcome.PASS, optimizer="adamw_torch", scheduler="cosine")
    yield of(Outcome.FAIL, optimizer="adamw_hf")
    yield of(Outcome.PASS, "4.46.3", optimizer="adamw_hf")
    yield of(Outcome.SKIP, engine="axolotl", scheduler="one_cycle", optimizer="muon")
    yield of(Outcome.SKIP)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=tuning(optimizer="adamw_hf"))
