"""The adapter has learnt something: not all its matrices B are zero.

Why: a LoRA begins with B at zero, so that it changes nothing. Where the saved B are still zero, no
step changed them: gradients did not reach them, another model object was saved than was trained,
or the optimizer got other parameters. Loading works, and the answers are those of the base model.

Fix: train again with parameters that have gradients (`model.enable_input_require_grads()` under
gradient checkpointing), and save the model that the trainer holds.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.adapters import CONFIG, WEIGHTS, adapter_of
from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import folder, shard, world
from firstmile.facts.model_folder.folder import Sample
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/capability-degradation",
    cause="corruption/checkpoint",
    entries=(
        "tuned-model-answers-like-the-base-model",
        "adapter-learns-nothing-under-gradient-checkpointing",
    ),
    references=("https://huggingface.co/docs/peft/main/en/developer_guides/lora",),
)
_SECOND: Final = (".lora_B.", ".lora_embedding_B")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look whether any sampled B holds something else than zeros."""
    adapter = adapter_of(snapshot)
    if isinstance(adapter, Verdict):
        return adapter
    if not adapter.is_lora:
        return does_not_apply("the adapter is no LoRA")
    if intent.trains:
        return does_not_apply("the adapter is still to be trained")
    if adapter.config.get("init_lora_weights") not in (None, True, "gaussian"):
        return does_not_apply("its matrices do not begin as zeros")
    samples = [one for one in adapter.model.samples if any(mark in one.tensor for mark in _SECOND)]
    if not samples:
        return not_known("the numbers of the adapter")
    changed = sum(one.zero < one.read for one in samples)
    if changed:
        return passed(
            f"{changed:,} of {counted(len(samples), 'sampled matrix', 'sampled matrices')} B "
            "hold what was learnt."
        )
    return failed(
        f"All {len(samples):,} sampled matrices B of the adapter are zero: it changes nothing.",
        *(seen(f"{one.tensor}: {one.zero:,} zeros", file=one.path) for one in samples[:3]),
        remedy="Train again, and see that print_trainable_parameters() and grad_norm are not 0.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*zeros: int, init: object = True) -> Snapshot:
        names = [
            f"base_model.model.model.layers.{at}.self_attn.q_proj.lora_B.weight"
            for at in range(len(zeros))
        ]
        samples = tuple(
            Sample(tensor=name, path=WEIGHTS, read=256, nan=0, infinite=0, zero=count, largest=1.0)
            for name, count in zip(names, zeros, strict=True)
        )
        tensors = dict.fromkeys(names, ("F32", (64, 4)))
        config = {"peft_type": "LORA", "r": 4, "init_lora_weights": init}
        made = folder(
            kind="adapter",
            documents={CONFIG: config},
            shards=[shard(tensors, path=WEIGHTS)],
            samples=samples,
        )
        return world(made)

    yield Example(outcome=Outcome.PASS, snapshot=of(0, 2))
    yield Example(outcome=Outcome.PASS, snapshot=of(256, 2), says="1 of 2")
    yield Example(outcome=Outcome.FAIL, snapshot=of(256, 256), says="changes nothing")
    yield Example(outcome=Outcome.SKIP, snapshot=of(256, init="pissa"), says="do not begin")
    yield Example(outcome=Outcome.SKIP, snapshot=of(), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="no adapter")
