"""No two settings of the training are ones that the Trainer refuses together.

Why: some settings are each fine and together refused, partly after the model was loaded: FSDP with
DeepSpeed, save_only_model with load_best_model_at_end under either, save_only_model with sharded
checkpoints of FSDP, auto_find_batch_size with ZeRO stage 3, prefetching without workers.

Fix: drop the one that is needed less; the message names both.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import (
    TRAINERS,
    fsdp_value,
    settings_of,
    training_in,
    zero_stage,
)
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/transformers/main_classes/trainer",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for each pair."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine not in TRAINERS:
        return does_not_apply("the Trainer of transformers does not run")
    get = settings_of(intent)
    sharded = "DeepSpeed" if training.deepspeed is not None else "FSDP" if training.fsdp else None
    only_model = get.truth("save_only_model") is True
    partly = "SHARDED" in str(fsdp_value(training, "state_dict_type") or "").upper()
    prefetch, workers = get.whole("dataloader_prefetch_factor"), training.workers or 0
    pairs = (
        (
            training.deepspeed is not None and bool(training.fsdp),
            ("FSDP", "DeepSpeed"),
            "Keep one of --fsdp and --deepspeed.",
        ),
        (
            sharded is not None and only_model and training.load_best_model is True,
            ("save_only_model", f"load_best_model_at_end under {sharded}"),
            "Say --save_only_model False.",
        ),
        (
            bool(training.fsdp) and only_model and partly,
            ("save_only_model", "sharded checkpoints of FSDP"),
            "Set fsdp_state_dict_type: FULL_STATE_DICT, or say --save_only_model False.",
        ),
        (
            zero_stage(training) == 3 and get.truth("auto_find_batch_size") is True,
            ("auto_find_batch_size", "ZeRO stage 3"),
            "Say --auto_find_batch_size False with a small --per_device_train_batch_size.",
        ),
        (
            prefetch is not None and workers == 0,
            ("dataloader_prefetch_factor", "a data loader without workers"),
            "Say --dataloader_num_workers 2, or leave dataloader_prefetch_factor out.",
        ),
    )
    for there, (one, other), remedy in pairs:
        if there:
            return failed(
                f"The Trainer refuses {one} together with {other}.",
                seen(one),
                seen(other),
                remedy=remedy,
            )
    return passed("No settings exclude each other.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, says: str = "", **said: Any) -> Example:
        return Example(outcome=outcome, snapshot=world(), intent=tuning(**said), says=says)

    only = {"save_only_model": "True"}
    yield of(Outcome.FAIL, "FSDP", fsdp={"options": "full_shard"}, deepspeed={})
    yield of(Outcome.FAIL, "under DeepSpeed", deepspeed={}, flags=only, load_best_model=True)
    yield of(Outcome.PASS, flags=only, load_best_model=True)
    fsdp = {"fsdp_state_dict_type": "SHARDED_STATE_DICT"}
    yield of(Outcome.FAIL, "sharded", fsdp=fsdp, flags=only)
    yield of(Outcome.PASS, fsdp=fsdp)
    zero = {"zero_optimization": {"stage": 3}}
    yield of(Outcome.FAIL, deepspeed=zero, flags={"auto_find_batch_size": "True"})
    yield of(Outcome.FAIL, "workers", flags={"dataloader_prefetch_factor": "2"})
    yield of(Outcome.PASS, flags={"dataloader_prefetch_factor": "2"}, workers=4)
    yield of(Outcome.SKIP, engine="deepspeed", fsdp={"options": "full_shard"}, deepspeed={})
